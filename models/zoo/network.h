#ifndef ACTIUM_MODELS_ZOO_NETWORK_H_
#define ACTIUM_MODELS_ZOO_NETWORK_H_

#include <torch/torch.h>

#include <cstdint>

#include "models/zoo/preprocess.h"
#include "models/zoo/scripted.h"

namespace actium::zoo {

/// An image classifier: raw pixels in, one logit a class out. Not thread-safe.
class Network : public torch::nn::Module, public Scripted {
 public:
  /// pixels: uint8 [N, 1, H, W], values 0 to 255. Returns float32 [N, classes].
  torch::Tensor forward(const torch::Tensor& pixels) { return Logits(preprocess_(pixels)); }

  /// Returns how many numbers training changes.
  int64_t ParameterCount() const {
    int64_t count = 0;
    for (const torch::Tensor& parameter : parameters()) count += parameter.numel();
    return count;
  }

 protected:
  /// x: preprocessed pixels, float32 [N, 1, H, W].
  virtual torch::Tensor Logits(torch::Tensor x) = 0;

  const Preprocess preprocess_;
};

}  // namespace actium::zoo

#endif  // ACTIUM_MODELS_ZOO_NETWORK_H_
