#ifndef ACTIUM_MODELS_TRAIN_RECIPE_H_
#define ACTIUM_MODELS_TRAIN_RECIPE_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "models/train/dataset.h"

namespace actium::train {

/// How one variant is trained. Equal recipes, data, thread count and instruction set give equal
/// models, byte for byte.
struct Recipe {
  std::string arch = "plain";                ///< "plain" or "residual".
  std::string activation = {};               ///< A name that zoo::ParseActivation() takes.
  bool norm = true;                          ///< Batch normalisation.
  std::string init = "variance-preserving";  ///< Or "torch".
  double init_scale = 1.0;                   ///< > 0.
  int epochs = 5;                            ///< >= 1.
  int64_t batch = 128;         ///< Images a step, >= 1; a last smaller batch is used too.
  uint64_t seed = 0;           ///< Of the weights, the order and the augmentation.
  double learning_rate = 0.1;  ///< At the start; falls to 0 along a cosine.
  double momentum = 0.9;       ///< Nesterov's.
  double weight_decay = 1e-4;  ///< Not on learned slopes.
  bool flips = true;           ///< Mirrors half of the images, anew each epoch.
  int shift = 0;               ///< Moves each image by up to so many pixels.
};

/// Returns the options of actium-train that make this recipe, those with their default value left
/// out but for activation, epochs and seed: "--activation mish --epochs 5 --seed 0".
std::string CommandLine(const Recipe& recipe);

/// Returns all fields in one line; equal recipes give equal texts, others do not.
std::string Describe(const Recipe& recipe);

/// Returns OK if every number is in its range and every name is known.
///
/// Errors: INVALID_ARGUMENT names the field, its rule and the given value.
absl::Status Validate(const Recipe& recipe);

/// Where a run reads and writes.
struct Places {
  std::filesystem::path data = kFashionMnistFolder;
  std::filesystem::path repository = "models/repository";
  std::filesystem::path runs = "build/training";  ///< Checkpoints and metrics.
};

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_RECIPE_H_
