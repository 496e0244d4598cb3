#include "models/zoo/conv_block.h"

#include <fmt/format.h>

namespace actium::zoo {

ConvBlock::ConvBlock(const ConvBlockOptions& options, const ActivationChoice& activation)
    : options_(options) {
  conv_ = register_module(
      "conv", torch::nn::Conv2d(torch::nn::Conv2dOptions(options.in_channels, options.out_channels,
                                                         options.kernel)
                                    .stride(options.stride)
                                    .padding(options.kernel / 2)
                                    .bias(!options.norm)));
  if (options.norm) norm_ = register_module("norm", torch::nn::BatchNorm2d(options.out_channels));
  if (options.activate) {
    activation_ = register_module(
        "activation", std::make_shared<ActivationLayer>(activation, options.out_channels));
  }
}

torch::Tensor ConvBlock::forward(const torch::Tensor& x) {
  torch::Tensor y = conv_(x);
  if (norm_) y = norm_(y);
  return activation_ ? activation_->forward(y) : y;
}

std::string ConvBlock::ForwardScript() const {
  const int64_t padding = options_.kernel / 2;
  std::string y =
      fmt::format("torch.conv2d(x, self.conv.weight, {0}, [{1}, {1}], [{2}, {2}], [1, 1], 1)",
                  options_.norm ? "None" : "self.conv.bias", options_.stride, padding);
  if (options_.norm) {
    y = fmt::format(
        "torch.batch_norm({}, self.norm.weight, self.norm.bias, self.norm.running_mean, "
        "self.norm.running_var, False, {}, {}, False)",
        y, norm_->options.momentum().value(), norm_->options.eps());
  }
  if (activation_) y = activation_->ScriptOf(y, "self.activation");
  return fmt::format("def forward(self, x):\n  return {}\n", y);
}

}  // namespace actium::zoo
