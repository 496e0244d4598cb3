#ifndef ACTIUM_MODELS_TRAIN_TRAINER_H_
#define ACTIUM_MODELS_TRAIN_TRAINER_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "models/train/dataset.h"
#include "models/train/recipe.h"
#include "models/zoo/network.h"

namespace actium::train {

/// Where a run stands.
struct Progress {
  int epoch = 0;       ///< From 1.
  int64_t step = 0;    ///< Done in this epoch.
  int64_t steps = 0;   ///< In an epoch.
  int64_t images = 0;  ///< Trained on so far in this epoch.
  double loss = 0;     ///< Mean cross entropy of this epoch so far.
};

/// What one epoch brought.
struct EpochResult {
  int epoch = 0;                   ///< From 1.
  double learning_rate = 0;        ///< Of its first step.
  double train_loss = 0;           ///< Mean cross entropy while the weights moved.
  double train_accuracy = 0;       ///< The same way, on augmented images; in [0, 1].
  double validation_loss = 0;      ///< After the epoch, in evaluation mode.
  double validation_accuracy = 0;  ///< In [0, 1].
  double seconds = 0;              ///< Of training, without validation.
};

/// Called from within Train(), on its thread. Each may be empty.
struct Listeners {
  std::function<void(const Progress&)> on_step = {};
  std::function<void(const EpochResult&)> on_epoch = {};
};

/// Makes the network of a recipe, with its initial weights.
///
/// Errors: INVALID_ARGUMENT names the field that is out of range, its rule and the given value.
absl::StatusOr<std::shared_ptr<zoo::Network>> MakeNetwork(const Recipe& recipe);

/// Trains a network by its recipe and returns it in evaluation mode.
///
/// Runs on the calling thread with one thread inside LibTorch, for the result would depend on their
/// number. Saves its state to `checkpoint` after each epoch; a later call with an equal recipe goes
/// on from there, with the same result as if it had never stopped.
/// Errors: as MakeNetwork(), SaveCheckpoint() and RestoreCheckpoint(); ABORTED says where training
/// diverged, that is, where the loss became infinite or NaN.
absl::StatusOr<std::shared_ptr<zoo::Network>> Train(const Recipe& recipe, const Split& split,
                                                    const std::filesystem::path& checkpoint,
                                                    const Listeners& listeners);

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_TRAINER_H_
