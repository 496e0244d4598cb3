#ifndef ACTIUM_MODELS_ZOO_PLAIN_CNN_H_
#define ACTIUM_MODELS_ZOO_PLAIN_CNN_H_

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "models/zoo/conv_block.h"
#include "models/zoo/init.h"
#include "models/zoo/network.h"

namespace actium::zoo {

/// The defaults are the shipped network: 72,666 parameters with batch normalisation and an
/// activation without parameters of its own.
struct PlainCnnOptions {
  ActivationChoice activation = {};
  std::vector<int64_t> widths = {16, 16, 32, 32, 64, 64};  ///< Output channels; one a layer.
  std::vector<int64_t> strides = {1, 2, 1, 2, 1, 2};       ///< One a layer, each 1 or 2.
  bool norm = true;  ///< Batch normalisation behind each convolution.
  int64_t classes = 10;
  InitOptions init = {};
};

/// 3x3 convolutions in a row, each followed by batch normalisation and the activation; then the
/// mean over the image and one fully connected layer. [N, 1, H, W] -> [N, classes].
class PlainCnn : public Network {
 public:
  /// Makes the network and initialises it from `seed`.
  ///
  /// Errors: INVALID_ARGUMENT if widths is empty or of another length than strides, or a number is
  /// out of range.
  static absl::StatusOr<std::shared_ptr<PlainCnn>> Create(const PlainCnnOptions& options,
                                                          uint64_t seed);

  std::string ForwardScript() const override;

 protected:
  torch::Tensor Logits(torch::Tensor x) override;

 private:
  explicit PlainCnn(const PlainCnnOptions& options);

  std::vector<std::shared_ptr<ConvBlock>> blocks_;
  torch::nn::Linear classifier_{nullptr};
};

}  // namespace actium::zoo

#endif  // ACTIUM_MODELS_ZOO_PLAIN_CNN_H_
