#ifndef ACTIUM_MODELS_TRAIN_CHECKPOINT_H_
#define ACTIUM_MODELS_TRAIN_CHECKPOINT_H_

#include <torch/torch.h>

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace actium::train {

/// Saves a run between two epochs: weights, the optimiser's state and how many epochs are done. The
/// file is replaced as a whole, so an interruption leaves the older one.
///
/// recipe: text that names the run; only the same text resumes it.
/// Errors: UNAVAILABLE if the file cannot be written.
absl::Status SaveCheckpoint(const std::filesystem::path& path, const std::string& recipe,
                            int epochs_done, const torch::nn::Module& network,
                            const torch::optim::Optimizer& optimizer);

/// Restores what SaveCheckpoint() saved into a network and optimiser of the same recipe and returns
/// how many epochs are done; 0 and no change if there is no file, or one of another recipe.
///
/// Errors: INVALID_ARGUMENT if the file is damaged; the network may then be half restored. Delete
/// the file to start again.
absl::StatusOr<int> RestoreCheckpoint(const std::filesystem::path& path, const std::string& recipe,
                                      torch::nn::Module& network,
                                      torch::optim::Optimizer& optimizer);

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_CHECKPOINT_H_
