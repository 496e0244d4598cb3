#include "models/train/predictions_command.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <utility>
#include <vector>

#include "models/train/atomic_file.h"
#include "models/train/dataset.h"
#include "models/train/evaluate.h"
#include "models/train/npz_file.h"
#include "models/train/train_command.h"
#include "server/base/status_macros.h"

namespace actium::train {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kNoClass = 255;

// What one checkpoint predicts of some images.
struct Predictions {
  torch::Tensor classes;        // uint8 [N].
  torch::Tensor probabilities;  // float16 [N].
};

Predictions Predict(const torch::Tensor& scores) {
  const torch::Tensor logits = scores.to(torch::kFloat64);
  const auto [probabilities, classes] = torch::softmax(logits, 1).max(1);
  const torch::Tensor finite = logits.isfinite().all(1);
  return {.classes = torch::where(finite, classes, kNoClass).to(torch::kUInt8),
          .probabilities = torch::where(finite, probabilities, 0.0).to(torch::kFloat16)};
}

absl::Status WriteVariant(const std::string& variant, const SeedRepositories& repositories,
                          const Split& split, const fs::path& out) {
  std::vector<int64_t> seeds;
  std::vector<torch::Tensor> test_classes, test_probabilities;
  std::vector<torch::Tensor> validation_classes, validation_probabilities;
  for (const auto& [seed, repository] : repositories) {
    const fs::path file = repository / variant / "1" / "model.pt";
    ACTIUM_ASSIGN_OR_RETURN(const std::string archive, ReadFile(file));
    ACTIUM_ASSIGN_OR_RETURN(const Classifier classifier, LoadTorchScript(archive));
    const torch::Tensor test_logits = ComputeLogits(classifier, split.test.images);
    Predictions test = Predict(test_logits);
    Predictions validation = Predict(ComputeLogits(classifier, split.validation.images));
    fmt::print("{:<14} seed {:<4} test {:.2f} %\n", variant, seed,
               100 * Accuracy(test_logits, split.test.labels));
    std::fflush(stdout);
    seeds.push_back(static_cast<int64_t>(seed));
    test_classes.push_back(std::move(test.classes));
    test_probabilities.push_back(std::move(test.probabilities));
    validation_classes.push_back(std::move(validation.classes));
    validation_probabilities.push_back(std::move(validation.probabilities));
  }
  return WriteNpz(out / (variant + ".npz"),
                  {{"seeds", torch::tensor(seeds, torch::kInt64)},
                   {"test_class", torch::stack(test_classes)},
                   {"test_probability", torch::stack(test_probabilities)},
                   {"validation_class", torch::stack(validation_classes)},
                   {"validation_probability", torch::stack(validation_probabilities)}});
}

}  // namespace

absl::StatusOr<std::pair<uint64_t, fs::path>> ParseSeedRepository(const std::string& text) {
  const size_t equals = text.find('=');
  const char* const end = text.data() + std::min(equals, text.size());
  uint64_t seed = 0;
  const auto [parsed, error] = std::from_chars(text.data(), end, seed);
  if (equals != std::string::npos && error == std::errc() && parsed == end &&
      equals + 1 < text.size()) {
    return std::pair(seed, fs::path(text.substr(equals + 1)));
  }
  return absl::InvalidArgumentError(
      fmt::format("--repository must be SEED=DIR, as 1=build/seed1, got '{}'", text));
}

absl::Status WritePredictions(const SeedRepositories& repositories, const fs::path& data,
                              const fs::path& out) {
  torch::set_num_threads(1);
  ACTIUM_ASSIGN_OR_RETURN(const Split split, LoadSplit(data));
  ACTIUM_RETURN_IF_ERROR(
      WriteNpz(out / "labels.npz", {{"test", split.test.labels.to(torch::kUInt8)},
                                    {"validation", split.validation.labels.to(torch::kUInt8)}}));
  for (const std::string& variant : ShippedVariants()) {
    ACTIUM_RETURN_IF_ERROR(WriteVariant(variant, repositories, split, out));
  }
  return absl::OkStatus();
}

}  // namespace actium::train
