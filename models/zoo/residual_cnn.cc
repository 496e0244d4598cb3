#include "models/zoo/residual_cnn.h"

#include <fmt/format.h>

#include "models/zoo/option_checks.h"
#include "server/base/status_macros.h"

namespace actium::zoo {

ResidualBlock::ResidualBlock(int64_t in_channels, int64_t out_channels, int64_t stride, bool norm,
                             const ActivationChoice& activation) {
  const auto block = [&](const std::string& name, const ConvBlockOptions& options) {
    return register_module(name, std::make_shared<ConvBlock>(options, activation));
  };
  first_ = block(
      "first",
      {.in_channels = in_channels, .out_channels = out_channels, .stride = stride, .norm = norm});
  second_ = block(
      "second",
      {.in_channels = out_channels, .out_channels = out_channels, .norm = norm, .activate = false});
  if (stride != 1 || in_channels != out_channels) {
    shortcut_ = block("shortcut", {.in_channels = in_channels,
                                   .out_channels = out_channels,
                                   .kernel = 1,
                                   .stride = stride,
                                   .norm = norm,
                                   .activate = false});
  }
  activation_ =
      register_module("activation", std::make_shared<ActivationLayer>(activation, out_channels));
}

torch::Tensor ResidualBlock::forward(const torch::Tensor& x) {
  const torch::Tensor y = second_->forward(first_->forward(x));
  return activation_->forward(y + (shortcut_ ? shortcut_->forward(x) : x));
}

std::string ResidualBlock::ForwardScript() const {
  return fmt::format(
      "def forward(self, x):\n"
      "  y = self.second.forward(self.first.forward(x)) + {}\n"
      "  return {}\n",
      shortcut_ ? "self.shortcut.forward(x)" : "x", activation_->ScriptOf("y", "self.activation"));
}

absl::StatusOr<std::shared_ptr<ResidualCnn>> ResidualCnn::Create(const ResidualCnnOptions& options,
                                                                 uint64_t seed) {
  ACTIUM_RETURN_IF_ERROR(CheckWidths(options.widths));
  ACTIUM_RETURN_IF_ERROR(CheckClassesAndInit(options.classes, options.init));
  std::shared_ptr<ResidualCnn> network(new ResidualCnn(options));
  Initialise(*network, options.activation.id, options.init, seed);
  return network;
}

ResidualCnn::ResidualCnn(const ResidualCnnOptions& options) {
  int64_t channels = options.widths.front();
  stem_ = register_module(
      "stem",
      std::make_shared<ConvBlock>(ConvBlockOptions{.out_channels = channels, .norm = options.norm},
                                  options.activation));
  for (size_t i = 0; i < options.widths.size(); ++i) {
    const int64_t stride = i == 0 ? 1 : 2;
    blocks_.push_back(
        register_module(fmt::format("block{}", i + 1),
                        std::make_shared<ResidualBlock>(channels, options.widths[i], stride,
                                                        options.norm, options.activation)));
    channels = options.widths[i];
  }
  classifier_ = register_module("classifier", torch::nn::Linear(channels, options.classes));
}

torch::Tensor ResidualCnn::Logits(torch::Tensor x) {
  x = stem_->forward(x);
  for (const auto& block : blocks_) x = block->forward(x);
  return classifier_(x.mean({2, 3}));
}

std::string ResidualCnn::ForwardScript() const {
  std::string source = fmt::format("def forward(self, image):\n  x = self.stem.forward({})\n",
                                   preprocess_.ScriptOf("image"));
  for (size_t i = 1; i <= blocks_.size(); ++i) {
    source += fmt::format("  x = self.block{}.forward(x)\n", i);
  }
  return source +
         "  x = torch.mean(x, [2, 3])\n"
         "  return torch.linear(x, self.classifier.weight, self.classifier.bias)\n";
}

}  // namespace actium::zoo
