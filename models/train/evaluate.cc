#include "models/train/evaluate.h"

#include <fmt/format.h>
#include <torch/script.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <vector>

namespace actium::train {

torch::Tensor ComputeLogits(const Classifier& classifier, const torch::Tensor& images) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> parts;
  for (int64_t first = 0; first < images.size(0); first += kEvaluationBatch) {
    const int64_t end = std::min(first + kEvaluationBatch, images.size(0));
    parts.push_back(classifier(images.slice(0, first, end)));
  }
  return torch::cat(parts);
}

double Accuracy(const torch::Tensor& logits, const torch::Tensor& labels) {
  const torch::Tensor finite = logits.isfinite().all(1);
  const torch::Tensor right = logits.argmax(1).eq(labels).logical_and(finite);
  return right.to(torch::kFloat64).mean().item<double>();
}

absl::StatusOr<Classifier> LoadTorchScript(const std::string& archive) {
  try {
    std::istringstream stream(archive);
    auto module = std::make_shared<torch::jit::Module>(torch::jit::load(stream));
    module->eval();
    return [module](const torch::Tensor& images) { return module->forward({images}).toTensor(); };
  } catch (const c10::Error& error) {
    return absl::InvalidArgumentError(
        fmt::format("not a TorchScript archive: {}", error.what_without_backtrace()));
  }
}

}  // namespace actium::train
