#ifndef ACTIUM_MODELS_ZOO_PREPROCESS_H_
#define ACTIUM_MODELS_ZOO_PREPROCESS_H_

#include <torch/torch.h>

#include <string>

namespace actium::zoo {

/// Turns raw grey pixels into what a network is trained on: (pixel / 255 - mean) / deviation.
///
/// It is a part of every exported model, so that a client sends the bytes of an image as they are.
struct Preprocess {
  double mean = 0.2860;       ///< Of the training images' pixels scaled to [0, 1].
  double deviation = 0.3530;  ///< Their standard deviation, > 0.

  /// pixels: uint8 of any shape. Returns float32 of the same shape.
  torch::Tensor operator()(const torch::Tensor& pixels) const;

  /// Returns the same as a TorchScript expression of the tensor expression `pixels`.
  std::string ScriptOf(const std::string& pixels) const;
};

}  // namespace actium::zoo

#endif  // ACTIUM_MODELS_ZOO_PREPROCESS_H_
