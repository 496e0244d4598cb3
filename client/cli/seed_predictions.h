#ifndef ACTIUM_CLIENT_CLI_SEED_PREDICTIONS_H_
#define ACTIUM_CLIENT_CLI_SEED_PREDICTIONS_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "actium/v1/comparison.pb.h"

namespace actium::cli {

/// What checkpoints of several variants, each trained with several seeds, predicted.
struct SeedData {
  std::vector<int32_t> labels;
  std::vector<v1::SeedPredictions> checkpoints;
};

/// Reads a folder as `actium-train predictions` writes it: labels.npz with an array of labels for
/// each split, and <variant>.npz with seeds [S], <split>_class [S, N] (255: none) and, if they are
/// known, <split>_probability [S, N], FP16 or FP32.
///
/// split: as "test". variants: those to read, each NAME or NAME:VERSION of a model that is named as
/// its file; empty: all that are there.
/// Errors name the file and carry the exit status of a bad file; INVALID_ARGUMENT if there is no
/// such split.
absl::StatusOr<SeedData> ReadSeedPredictions(const std::filesystem::path& folder,
                                             const std::string& split,
                                             const std::vector<std::string>& variants);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_SEED_PREDICTIONS_H_
