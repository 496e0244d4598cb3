#ifndef ACTIUM_MODELS_TRAIN_METRICS_H_
#define ACTIUM_MODELS_TRAIN_METRICS_H_

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "models/train/recipe.h"
#include "models/train/trainer.h"

namespace actium::train {

/// Returns one epoch as a line of JSON with its end: variant, seed, epoch, learning_rate,
/// train_loss, train_accuracy, validation_loss, validation_accuracy, seconds.
std::string MetricsLine(const Recipe& recipe, const EpochResult& result);

/// Adds a line to a JSON Lines file, making it and its folder if they are missing.
///
/// Errors: UNAVAILABLE with the path and what the system says.
absl::Status AppendLine(const std::filesystem::path& path, const std::string& line);

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_METRICS_H_
