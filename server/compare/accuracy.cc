#include "server/compare/accuracy.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <utility>

#include "fmt/format.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/compare/run_rows.h"
#include "server/compare/setting.h"

namespace actium::compare {
namespace {

using base::Quote;
using batching::InferResponse;

// Rows in one batch of a model that would take any number.
constexpr int kRowsAtOnce = 64;

absl::StatusOr<ScoreKind> ScoresOf(v1::ScoreKind kind) {
  switch (kind) {
    case v1::SCORE_KIND_UNSPECIFIED:
    case v1::SCORE_KIND_LOGITS:
      return ScoreKind::kLogits;
    case v1::SCORE_KIND_PROBABILITIES:
      return ScoreKind::kProbabilities;
    default:
      return absl::InvalidArgumentError(
          fmt::format("scores must be one of ScoreKind, got {}", static_cast<int>(kind)));
  }
}

absl::StatusOr<AccuracySettings> ReadSettings(const v1::AccuracySetup& setup,
                                              std::span<const Variant> variants) {
  constexpr int kMostListed = 1000;
  AccuracySettings settings;
  settings.all_pairs = setup.all_pairs();
  settings.top_k = setup.top_k();
  settings.most_disagreements = setup.most_disagreements();
  ACTIUM_ASSIGN_OR_RETURN(settings.baseline, FindBaseline(variants, setup.baseline()));
  ACTIUM_ASSIGN_OR_RETURN(settings.confidence,
                          Setting("confidence", setup.confidence(), 0.95, 0.5, 0.9999));
  ACTIUM_ASSIGN_OR_RETURN(settings.margin, Setting("margin", setup.margin(), 0.01, 1e-9, 0.999));
  ACTIUM_ASSIGN_OR_RETURN(settings.scores, ScoresOf(setup.scores()));
  if (setup.top_k() < 0) {
    return absl::InvalidArgumentError(
        fmt::format("top_k must be at least 1, got {}", setup.top_k()));
  }
  if (setup.most_disagreements() < 0 || setup.most_disagreements() > kMostListed) {
    return absl::InvalidArgumentError(fmt::format("most_disagreements must be in [0, {}], got {}",
                                                  kMostListed, setup.most_disagreements()));
  }
  return settings;
}

// Which output has the scores: the one of that name, or the only one.
absl::StatusOr<std::string> FindOutput(const Variant& variant, const std::string& name) {
  const auto& outputs = variant.model->signature.outputs;
  const auto found =
      name.empty() ? outputs.begin() : std::ranges::find(outputs, name, &tensor::TensorSpec::name);
  if (found == outputs.end() || (name.empty() && outputs.size() > 1)) {
    return absl::InvalidArgumentError(
        fmt::format("output must name one of the {} outputs of {}, got {}", outputs.size(),
                    Quote(variant.name), Quote(name)));
  }
  if (found->dtype == tensor::DType::kFp32 || found->dtype == tensor::DType::kFp64) {
    return found->name;
  }
  return absl::InvalidArgumentError(fmt::format("output {} of {} must be FP32 or FP64, it is {}",
                                                Quote(found->name), Quote(variant.name),
                                                tensor::Name(found->dtype)));
}

// Scores [first, first + classes) of an answer, which is dense but not aligned.
void ReadScores(const batching::OutputTensor& output, size_t first, std::vector<double>& scores) {
  const size_t element = tensor::ElementBytes(output.dtype);
  for (size_t i = 0; i < scores.size(); ++i) {
    const char* const at = output.bytes.data() + (first + i) * element;
    if (output.dtype == tensor::DType::kFp64) {
      std::memcpy(&scores[i], at, sizeof(double));
    } else {
      float value = 0;
      std::memcpy(&value, at, sizeof value);
      scores[i] = value;
    }
  }
}

absl::Status CheckIds(const std::vector<std::string>& ids, size_t rows, bool expected) {
  if (!expected && ids.empty()) return absl::OkStatus();
  if (ids.size() != rows) {
    return absl::InvalidArgumentError(
        fmt::format("ids must be given for all rows of all messages or for none: {} rows, {} ids",
                    rows, ids.size()));
  }
  for (const std::string& id : ids) {
    if (id.size() <= kMostIdBytes) continue;
    return absl::InvalidArgumentError(
        fmt::format("ids must be at most {} bytes, got {}", kMostIdBytes, id.size()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<AccuracyComparison>> AccuracyComparison::Make(
    inference::InferenceCore& core, const repository::ModelRepository& repository,
    const v1::AccuracySetup& setup) {
  const std::vector<std::string> names(setup.variants().begin(), setup.variants().end());
  ACTIUM_ASSIGN_OR_RETURN(std::vector<Variant> variants, PinVariants(repository, names));
  ACTIUM_ASSIGN_OR_RETURN(const AccuracySettings settings, ReadSettings(setup, variants));
  std::vector<std::string> outputs;
  for (const Variant& variant : variants) {
    ACTIUM_ASSIGN_OR_RETURN(outputs.emplace_back(), FindOutput(variant, setup.output()));
  }
  return std::unique_ptr<AccuracyComparison>(
      new AccuracyComparison(core, std::move(variants), std::move(outputs), settings));
}

absl::Status AccuracyComparison::Add(const batching::InferRequest& inputs,
                                     std::span<const int32_t> labels, std::vector<std::string> ids,
                                     const std::shared_ptr<batching::Cancellation>& cancellation) {
  const bool batched = variants_.front().model->signature.max_batch_size > 0;
  ACTIUM_ASSIGN_OR_RETURN(const int rows, CountRows(inputs, batched));
  if (labels.size() != static_cast<size_t>(rows)) {
    return absl::InvalidArgumentError(
        fmt::format("labels must be one for each of the {} rows, got {}", rows, labels.size()));
  }
  if (examples() + rows > kMostExamples) {
    return absl::ResourceExhaustedError(
        fmt::format("a comparison takes at most {} examples", kMostExamples));
  }
  ACTIUM_RETURN_IF_ERROR(CheckIds(ids, labels.size(), !ids_.empty()));
  if (!ids.empty() && ids_.size() != labels_.size()) {
    return absl::InvalidArgumentError("ids must be given for all rows of all messages or for none");
  }
  for (int first = 0; first < rows; first += RowsAtOnce()) {
    const int count = std::min(RowsAtOnce(), rows - first);
    const auto own = labels.subspan(static_cast<size_t>(first), static_cast<size_t>(count));
    ACTIUM_RETURN_IF_ERROR(AddRows(inputs, first, count, own, cancellation));
  }
  std::ranges::move(ids, std::back_inserter(ids_));
  return absl::OkStatus();
}

absl::Status AccuracyComparison::AddRows(
    const batching::InferRequest& inputs, int first, int count, std::span<const int32_t> labels,
    const std::shared_ptr<batching::Cancellation>& cancellation) {
  const auto answers =
      RunRows(core_, variants_, inputs, {.first = first, .count = count}, outputs_, cancellation);
  for (size_t i = 0; i < variants_.size(); ++i) {
    const auto& response = answers[i].response;
    if (!response.ok()) return InContext(variants_[i], response.status());
  }
  for (size_t i = 0; i < variants_.size(); ++i) {
    if (absl::Status status = CountAnswer(i, *answers[i].response, labels); !status.ok()) {
      return InContext(variants_[i], status);
    }
  }
  labels_.insert(labels_.end(), labels.begin(), labels.end());
  return absl::OkStatus();
}

absl::Status AccuracyComparison::CountAnswer(size_t variant, const InferResponse& answer,
                                             std::span<const int32_t> labels) {
  const batching::OutputTensor& output = answer.outputs.front();
  const auto elements = output.bytes.size() / tensor::ElementBytes(output.dtype);
  if (elements % labels.size() != 0) {
    return absl::InvalidArgumentError(
        fmt::format("output {} has shape {}, which is no list of "
                    "scores for each of {} rows",
                    Quote(output.name), tensor::ToString(output.shape), labels.size()));
  }
  const size_t classes = elements / labels.size();
  if (classes_ == 0) ACTIUM_RETURN_IF_ERROR(LearnClasses(static_cast<int>(classes)));
  if (classes != static_cast<size_t>(classes_)) {
    return absl::InvalidArgumentError(
        fmt::format("output {} has scores of {} classes, other variants of {}", Quote(output.name),
                    classes, classes_));
  }
  std::vector<double> scores(classes);
  for (size_t row = 0; row < labels.size(); ++row) {
    if (labels[row] < 0 || labels[row] >= classes_) {
      return absl::InvalidArgumentError(
          fmt::format("labels must be in [0, {}), got {} for example {}", classes_, labels[row],
                      examples() + static_cast<int64_t>(row)));
    }
    ReadScores(output, row * classes, scores);
    tallies_[variant].Add(scores, labels[row]);
  }
  return absl::OkStatus();
}

absl::Status AccuracyComparison::LearnClasses(int classes) {
  constexpr int kUsualTopK = 5;
  if (classes < 2) {
    return absl::InvalidArgumentError(
        fmt::format("there must be scores of at least 2 classes, got {}", classes));
  }
  if (settings_.top_k > classes) {
    return absl::InvalidArgumentError(
        fmt::format("top_k must be in [1, {}], got {}", classes, settings_.top_k));
  }
  if (settings_.top_k == 0) settings_.top_k = std::min(kUsualTopK, classes);
  classes_ = classes;
  tallies_.assign(variants_.size(), Tally(classes_, settings_.top_k, settings_.scores));
  return absl::OkStatus();
}

// As many as every variant takes in one batch.
int AccuracyComparison::RowsAtOnce() const {
  int rows = kRowsAtOnce;
  for (const Variant& variant : variants_) {
    const int most = variant.model->signature.max_batch_size;
    rows = std::min(rows, std::max(1, most));
  }
  return rows;
}

}  // namespace actium::compare
