#ifndef ACTIUM_MODELS_ZOO_RESIDUAL_CNN_H_
#define ACTIUM_MODELS_ZOO_RESIDUAL_CNN_H_

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "models/zoo/conv_block.h"
#include "models/zoo/init.h"
#include "models/zoo/network.h"

namespace actium::zoo {

/// y = f(second(first(x)) + shortcut(x)) where f is the activation: two 3x3 convolutions, and a 1x1
/// convolution as the shortcut where the size or the number of channels changes.
/// Source: K. He et al., arXiv:1512.03385, figure 2 and section 3.3, option B.
class ResidualBlock : public torch::nn::Module, public Scripted {
 public:
  /// stride: of the first convolution and of the shortcut.
  ResidualBlock(int64_t in_channels, int64_t out_channels, int64_t stride, bool norm,
                const ActivationChoice& activation);

  torch::Tensor forward(const torch::Tensor& x);
  std::string ForwardScript() const override;

 private:
  std::shared_ptr<ConvBlock> first_;
  std::shared_ptr<ConvBlock> second_;
  std::shared_ptr<ConvBlock> shortcut_;  // Null: x itself.
  std::shared_ptr<ActivationLayer> activation_;
};

/// The defaults give 77,754 parameters with an activation without parameters of its own.
struct ResidualCnnOptions {
  ActivationChoice activation = {};
  std::vector<int64_t> widths = {16, 32, 64};  ///< Channels of each block; the first keeps the
                                               ///< size of the image, the others halve it.
  bool norm = true;                            ///< Batch normalisation behind each convolution.
  int64_t classes = 10;
  InitOptions init = {};
};

/// A 3x3 convolution, residual blocks, the mean over the image, one fully connected layer.
/// [N, 1, H, W] -> [N, classes].
class ResidualCnn : public Network {
 public:
  /// Makes the network and initialises it from `seed`.
  ///
  /// Errors: INVALID_ARGUMENT names the option that is out of range.
  static absl::StatusOr<std::shared_ptr<ResidualCnn>> Create(const ResidualCnnOptions& options,
                                                             uint64_t seed);

  std::string ForwardScript() const override;

 protected:
  torch::Tensor Logits(torch::Tensor x) override;

 private:
  explicit ResidualCnn(const ResidualCnnOptions& options);

  std::shared_ptr<ConvBlock> stem_;
  std::vector<std::shared_ptr<ResidualBlock>> blocks_;
  torch::nn::Linear classifier_{nullptr};
};

}  // namespace actium::zoo

#endif  // ACTIUM_MODELS_ZOO_RESIDUAL_CNN_H_
