#include "models/train/evaluate_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <system_error>

#include "models/train/atomic_file.h"
#include "models/train/dataset.h"
#include "models/train/evaluate.h"
#include "server/base/status_macros.h"

namespace actium::train {
namespace {

absl::StatusOr<torch::Tensor> LogitsOf(const std::filesystem::path& file, const Dataset& data) {
  ACTIUM_ASSIGN_OR_RETURN(const std::string archive, ReadFile(file));
  const auto classifier = LoadTorchScript(archive);
  if (!classifier.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("'{}': {}", file.string(), std::string(classifier.status().message())));
  }
  torch::Tensor logits;
  try {
    logits = ComputeLogits(*classifier, data.images).to(torch::kFloat32).contiguous();
  } catch (const c10::Error& error) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' cannot run on images of type uint8 [N, 1, 28, 28]: {}", file.string(),
                    error.what_without_backtrace()));
  } catch (const std::exception& error) {  // TorchScript's own errors are no c10::Error.
    return absl::InvalidArgumentError(fmt::format(
        "'{}' cannot run on images of type uint8 [N, 1, 28, 28]: {}", file.string(), error.what()));
  }
  if (logits.dim() != 2 || logits.size(0) != data.size()) {
    return absl::InvalidArgumentError(fmt::format("'{}' must return [N, classes]", file.string()));
  }
  return logits;
}

}  // namespace

std::string PredictionsCsv(const torch::Tensor& logits, const torch::Tensor& labels) {
  std::string csv = "image,label,class";
  for (int64_t i = 0; i < logits.size(1); ++i) csv += fmt::format(",logit{}", i);
  csv += "\n";
  const torch::Tensor classes = logits.argmax(1);
  const auto value = logits.accessor<float, 2>();
  const auto label = labels.accessor<int64_t, 1>();
  const auto predicted = classes.accessor<int64_t, 1>();
  for (int64_t row = 0; row < logits.size(0); ++row) {
    csv += fmt::format("{},{},{}", row, label[row], predicted[row]);
    for (int64_t i = 0; i < logits.size(1); ++i) csv += fmt::format(",{:.9g}", value[row][i]);
    csv += "\n";
  }
  return csv;
}

absl::Status EvaluateFiles(const std::vector<std::filesystem::path>& files,
                           const std::filesystem::path& data,
                           const std::filesystem::path& predictions) {
  if (!predictions.empty() && files.size() != 1) {
    return absl::InvalidArgumentError(
        fmt::format("--predictions takes exactly one file, got {}", files.size()));
  }
  torch::set_num_threads(1);
  ACTIUM_ASSIGN_OR_RETURN(const Dataset test, LoadTestImages(data));
  for (const std::filesystem::path& file : files) {
    std::error_code error;
    const bool folder = std::filesystem::is_directory(file, error);
    ACTIUM_ASSIGN_OR_RETURN(const torch::Tensor logits,
                            LogitsOf(folder ? file / "1" / "model.pt" : file, test));
    fmt::print("{:6.2f} %  {}\n", 100 * Accuracy(logits, test.labels), file.string());
    std::fflush(stdout);
    if (!predictions.empty()) {
      ACTIUM_RETURN_IF_ERROR(WriteFileAtomically(predictions, PredictionsCsv(logits, test.labels)));
    }
  }
  return absl::OkStatus();
}

}  // namespace actium::train
