#ifndef ACTIUM_MODELS_TRAIN_AUGMENT_H_
#define ACTIUM_MODELS_TRAIN_AUGMENT_H_

#include <torch/torch.h>

namespace actium::train {

/// Returns the images, each mirrored left to right with probability 1/2.
///
/// images: [N, C, H, W]. The choice comes from `generator` only.
torch::Tensor RandomFlip(const torch::Tensor& images, torch::Generator& generator);

/// Returns the images, each moved by whole pixels, uniform in [-most, most] in both directions;
/// what comes in from outside is 0.
///
/// images: [N, C, H, W]. most: >= 0.
torch::Tensor RandomShift(const torch::Tensor& images, int64_t most, torch::Generator& generator);

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_AUGMENT_H_
