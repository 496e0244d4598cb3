#ifndef ACTIUM_MODELS_TRAIN_PREDICTIONS_COMMAND_H_
#define ACTIUM_MODELS_TRAIN_PREDICTIONS_COMMAND_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace actium::train {

/// Model repositories by the seed that their models were trained with.
using SeedRepositories = std::map<uint64_t, std::filesystem::path>;

/// Reads "SEED=DIR". Errors: INVALID_ARGUMENT names the text.
absl::StatusOr<std::pair<uint64_t, std::filesystem::path>> ParseSeedRepository(
    const std::string& text);

/// Writes what every shipped variant predicts, for each seed, so that activations can be compared
/// over seeds without their models:
///
///   <out>/labels.npz     test [10000], validation [5000], uint8
///   <out>/<variant>.npz  seeds [S], int64; test_class [S, 10000] and validation_class [S, 5000],
///                        uint8, 255 where a score is not finite; test_probability and
///                        validation_probability, float16, of these classes
///
/// repositories: at least one; all have all shipped variants. data: of Fashion-MNIST's four files.
/// Errors: those of LoadSplit(), of reading a model and of writing, with the path.
absl::Status WritePredictions(const SeedRepositories& repositories,
                              const std::filesystem::path& data, const std::filesystem::path& out);

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_PREDICTIONS_COMMAND_H_
