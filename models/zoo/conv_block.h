#ifndef ACTIUM_MODELS_ZOO_CONV_BLOCK_H_
#define ACTIUM_MODELS_ZOO_CONV_BLOCK_H_

#include <torch/torch.h>

#include <memory>
#include <string>

#include "models/zoo/activation_layer.h"
#include "models/zoo/scripted.h"

namespace actium::zoo {

struct ConvBlockOptions {
  int64_t in_channels = 1;
  int64_t out_channels = 1;
  int64_t kernel = 3;  ///< Odd; padded so that stride 1 keeps the size.
  int64_t stride = 1;
  bool norm = true;      ///< Batch normalisation behind the convolution, which then has no bias.
  bool activate = true;  ///< False: the caller applies the activation, e.g. behind a sum.
};

/// Convolution, batch normalisation if asked, activation: [N, in, H, W] -> [N, out, H', W'] with
/// H' = ceil(H / stride).
class ConvBlock : public torch::nn::Module, public Scripted {
 public:
  ConvBlock(const ConvBlockOptions& options, const ActivationChoice& activation);

  torch::Tensor forward(const torch::Tensor& x);
  std::string ForwardScript() const override;

 private:
  const ConvBlockOptions options_;
  torch::nn::Conv2d conv_{nullptr};
  torch::nn::BatchNorm2d norm_{nullptr};
  std::shared_ptr<ActivationLayer> activation_;
};

}  // namespace actium::zoo

#endif  // ACTIUM_MODELS_ZOO_CONV_BLOCK_H_
