#include "server/compare/accuracy.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "fmt/format.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/compare/run_rows.h"
#include "server/compare/score_output.h"
#include "server/compare/setting.h"

namespace actium::compare {
namespace {

using base::Quote;
using batching::InferResponse;

// Rows in one batch of a model that would take any number. More gain little, and hold up for longer
// the clients whose requests come meanwhile.
constexpr int kRowsAtOnce = 16;

absl::StatusOr<AccuracySettings> ReadSettings(const v1::AccuracySetup& setup,
                                              std::span<const Variant> variants) {
  constexpr int kMostListed = 1000;
  constexpr int kMostChecked = 10'000;
  AccuracySettings settings;
  settings.all_pairs = setup.all_pairs();
  settings.top_k = setup.top_k();
  settings.most_disagreements = setup.most_disagreements();
  ACTIUM_ASSIGN_OR_RETURN(settings.baseline, FindBaseline(variants, setup.baseline()));
  ACTIUM_ASSIGN_OR_RETURN(settings.confidence,
                          Setting("confidence", setup.confidence(), 0.95, 0.5, 0.9999));
  ACTIUM_ASSIGN_OR_RETURN(settings.margin, Setting("margin", setup.margin(), 0.01, 1e-9, 0.999));
  ACTIUM_ASSIGN_OR_RETURN(settings.scores, ReadScoreKind(setup.scores()));
  if (setup.top_k() < 0) {
    return absl::InvalidArgumentError(
        fmt::format("top_k must be at least 1, got {}", setup.top_k()));
  }
  if (setup.most_disagreements() < 0 || setup.most_disagreements() > kMostListed) {
    return absl::InvalidArgumentError(fmt::format("most_disagreements must be in [0, {}], got {}",
                                                  kMostListed, setup.most_disagreements()));
  }
  if (setup.has_batch_check_examples()) settings.batch_check = setup.batch_check_examples();
  if (settings.batch_check < 0 || settings.batch_check > kMostChecked) {
    return absl::InvalidArgumentError(fmt::format("batch_check_examples must be in [0, {}], got {}",
                                                  kMostChecked, settings.batch_check));
  }
  return settings;
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
  ACTIUM_ASSIGN_OR_RETURN(std::vector<std::string> outputs,
                          FindScoreOutputs(variants, setup.output()));
  return std::unique_ptr<AccuracyComparison>(
      new AccuracyComparison(core, std::move(variants), std::move(outputs), settings));
}

absl::Status AccuracyComparison::Add(const batching::InferRequest& inputs,
                                     std::span<const int32_t> labels, std::vector<std::string> ids,
                                     const std::shared_ptr<batching::Cancellation>& cancellation) {
  const bool batched = variants_.front().model->signature.max_batch_size > 0;
  ACTIUM_ASSIGN_OR_RETURN(const int rows, CountRows(inputs, batched));
  if (examples_ == 0) labelled_ = !labels.empty();
  ACTIUM_RETURN_IF_ERROR(CheckLabels(labels, rows));
  if (examples_ + rows > kMostExamples) {
    return absl::ResourceExhaustedError(
        fmt::format("a comparison takes at most {} examples", kMostExamples));
  }
  ACTIUM_RETURN_IF_ERROR(CheckIds(ids, static_cast<size_t>(rows), !ids_.empty()));
  if (!ids.empty() && std::ssize(ids_) != examples_) {
    return absl::InvalidArgumentError("ids must be given for all rows of all messages or for none");
  }
  for (int first = 0; first < rows; first += RowsAtOnce()) {
    const RowRange range = {.first = first, .count = std::min(RowsAtOnce(), rows - first)};
    const auto own =
        labelled_ ? labels.subspan(static_cast<size_t>(first), static_cast<size_t>(range.count))
                  : labels;
    ACTIUM_RETURN_IF_ERROR(AddRows(inputs, range, own, cancellation));
    ACTIUM_RETURN_IF_ERROR(CheckAlone(inputs, range, cancellation));
  }
  std::ranges::move(ids, std::back_inserter(ids_));
  return absl::OkStatus();
}

absl::Status AccuracyComparison::CheckLabels(std::span<const int32_t> labels, int rows) const {
  if (labels.empty() == labelled_) {
    return absl::InvalidArgumentError(
        "labels must be given for all rows of all messages or for none");
  }
  if (!labelled_ || std::ssize(labels) == rows) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("labels must be one for each of the {} rows, got {}", rows, labels.size()));
}

absl::StatusOr<std::vector<batching::InferResponse>> AccuracyComparison::Answers(
    const batching::InferRequest& inputs, RowRange rows,
    const std::shared_ptr<batching::Cancellation>& cancellation) {
  std::vector<batching::InferResponse> answers;
  for (size_t i = 0; i < variants_.size(); ++i) {
    TimedAnswer timed = std::move(
        RunRows(core_, {&variants_[i], 1}, inputs, rows, {&outputs_[i], 1}, cancellation).front());
    if (!timed.response.ok()) return InContext(variants_[i], timed.response.status());
    answers.push_back(*std::move(timed.response));
    pace_.Rest(timed.took, cancellation);
  }
  return answers;
}

absl::Status AccuracyComparison::AddRows(
    const batching::InferRequest& inputs, RowRange rows, std::span<const int32_t> labels,
    const std::shared_ptr<batching::Cancellation>& cancellation) {
  ACTIUM_ASSIGN_OR_RETURN(const auto answers, Answers(inputs, rows, cancellation));
  for (size_t i = 0; i < variants_.size(); ++i) {
    if (absl::Status status = CountAnswer(i, answers[i], rows.count, labels); !status.ok()) {
      return InContext(variants_[i], status);
    }
  }
  labels_.insert(labels_.end(), labels.begin(), labels.end());
  examples_ += rows.count;
  return absl::OkStatus();
}

absl::Status AccuracyComparison::CountAnswer(size_t variant, const InferResponse& answer, int rows,
                                             std::span<const int32_t> labels) {
  ACTIUM_ASSIGN_OR_RETURN(const Scores scores, Scores::Of(answer, rows));
  if (classes_ == 0) ACTIUM_RETURN_IF_ERROR(LearnClasses(scores.classes()));
  if (scores.classes() != classes_) {
    return absl::InvalidArgumentError(
        fmt::format("output {} has scores of {} classes, other variants of {}",
                    Quote(answer.outputs.front().name), scores.classes(), classes_));
  }
  for (int row = 0; row < rows; ++row) {
    const int label = labelled_ ? labels[static_cast<size_t>(row)] : kNoClass;
    if (labelled_ && (label < 0 || label >= classes_)) {
      return absl::InvalidArgumentError(fmt::format(
          "labels must be in [0, {}), got {} for example {}", classes_, label, examples_ + row));
    }
    std::vector<double> own = scores.Row(row);
    tallies_[variant].Add(own, label);
  }
  return absl::OkStatus();
}

// Answers the first examples a second time, each alone, and counts where the prediction is another
// one. rows: the last that were added.
absl::Status AccuracyComparison::CheckAlone(
    const batching::InferRequest& inputs, RowRange rows,
    const std::shared_ptr<batching::Cancellation>& cancellation) {
  if (rows.count == 1) return absl::OkStatus();  // It was alone.
  const int64_t end = std::min<int64_t>(examples_, settings_.batch_check);
  const int64_t begin = examples_ - rows.count;
  for (int64_t example = begin; example < end; ++example) {
    const RowRange alone = {.first = rows.first + static_cast<int>(example - begin), .count = 1};
    ACTIUM_ASSIGN_OR_RETURN(const auto answers, Answers(inputs, alone, cancellation));
    for (size_t i = 0; i < variants_.size(); ++i) {
      ACTIUM_ASSIGN_OR_RETURN(const Scores scores, Scores::Of(answers[i], 1));
      const int in_batch = tallies_[i].predicted()[static_cast<size_t>(example)];
      if (Predict(scores.Row(0)) != in_batch) ++batch_flips_[i];
    }
    ++batch_checked_;
  }
  return absl::OkStatus();
}

absl::Status AccuracyComparison::LearnClasses(int classes) {
  constexpr int kUsualTopK = 5;
  if (settings_.top_k > classes) {
    return absl::InvalidArgumentError(
        fmt::format("top_k must be in [1, {}], got {}", classes, settings_.top_k));
  }
  if (settings_.top_k == 0) settings_.top_k = std::min(kUsualTopK, classes);
  classes_ = classes;
  batch_flips_.assign(variants_.size(), 0);
  tallies_.assign(variants_.size(), Tally(classes_, settings_.top_k, settings_.scores));
  return absl::OkStatus();
}

// As many as every variant takes in one batch.
int AccuracyComparison::RowsAtOnce() const {
  return std::min(kRowsAtOnce, LeastMaxBatchSize(variants_));
}

}  // namespace actium::compare
