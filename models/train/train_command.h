#ifndef ACTIUM_MODELS_TRAIN_TRAIN_COMMAND_H_
#define ACTIUM_MODELS_TRAIN_TRAIN_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "models/train/recipe.h"

namespace actium::train {

/// Returns the shipped variants in the order in which "all" trains them.
const std::vector<std::string>& ShippedVariants();

/// Trains one model a variant, all by `recipe` but for its activation, and writes each to
/// places.repository as soon as it is done, with a line about it on standard output. What an
/// interrupted call left in places.runs is taken up again.
///
/// variants: names that zoo::ParseActivation() takes; a model is named as its variant.
/// Errors: the first of a variant's errors, after the variants behind it were trained all the same;
/// errors of the data or of the recipe before anything is trained.
absl::Status TrainVariants(const std::vector<std::string>& variants, const Recipe& recipe,
                           const Places& places);

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_TRAIN_COMMAND_H_
