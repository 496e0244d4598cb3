#include "models/zoo/plain_cnn.h"

#include <fmt/format.h>

#include "models/zoo/option_checks.h"
#include "server/base/status_macros.h"

namespace actium::zoo {
namespace {

absl::Status Check(const PlainCnnOptions& options) {
  ACTIUM_RETURN_IF_ERROR(CheckWidths(options.widths));
  if (options.widths.size() != options.strides.size()) {
    return absl::InvalidArgumentError(fmt::format("strides must have one entry a layer, {}, got {}",
                                                  options.widths.size(), options.strides.size()));
  }
  for (const int64_t stride : options.strides) {
    if (stride != 1 && stride != 2) {
      return absl::InvalidArgumentError(fmt::format("strides must be 1 or 2, got {}", stride));
    }
  }
  return CheckClassesAndInit(options.classes, options.init);
}

}  // namespace

absl::StatusOr<std::shared_ptr<PlainCnn>> PlainCnn::Create(const PlainCnnOptions& options,
                                                           uint64_t seed) {
  ACTIUM_RETURN_IF_ERROR(Check(options));
  std::shared_ptr<PlainCnn> network(new PlainCnn(options));
  Initialise(*network, options.activation.id, options.init, seed);
  return network;
}

PlainCnn::PlainCnn(const PlainCnnOptions& options) {
  int64_t channels = 1;
  for (size_t i = 0; i < options.widths.size(); ++i) {
    const ConvBlockOptions block = {.in_channels = channels,
                                    .out_channels = options.widths[i],
                                    .stride = options.strides[i],
                                    .norm = options.norm};
    blocks_.push_back(register_module(fmt::format("block{}", i + 1),
                                      std::make_shared<ConvBlock>(block, options.activation)));
    channels = options.widths[i];
  }
  classifier_ = register_module("classifier", torch::nn::Linear(channels, options.classes));
}

torch::Tensor PlainCnn::Logits(torch::Tensor x) {
  for (const auto& block : blocks_) x = block->forward(x);
  return classifier_(x.mean({2, 3}));
}

std::string PlainCnn::ForwardScript() const {
  std::string source =
      fmt::format("def forward(self, image):\n  x = {}\n", preprocess_.ScriptOf("image"));
  for (size_t i = 1; i <= blocks_.size(); ++i) {
    source += fmt::format("  x = self.block{}.forward(x)\n", i);
  }
  return source +
         "  x = torch.mean(x, [2, 3])\n"
         "  return torch.linear(x, self.classifier.weight, self.classifier.bias)\n";
}

}  // namespace actium::zoo
