#include "server/rpc/accuracy_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>

#include "actium/v1/comparison.pb.h"
#include "server/base/clock.h"
#include "server/base/status_macros.h"
#include "server/compare/accuracy.h"
#include "server/compare/accuracy_report.h"
#include "server/compare/data_set.h"
#include "server/rpc/comparison_messages.h"

namespace actium::rpc {
namespace {

// Least time between two messages of progress.
constexpr std::chrono::milliseconds kProgressInterval{200};

// Rows of a data set that are read at once.
constexpr int64_t kRowsAtOnce = 256;

// Ends a comparison that takes too long, and says from time to time how far it is.
class Progress {
 public:
  Progress(AccuracyCall& call, const compare::AccuracyComparison& comparison)
      : call_(call), comparison_(comparison) {}

  absl::Status Update() {
    ACTIUM_RETURN_IF_ERROR(time_limit_.Check());
    const base::TimePoint now = base::SteadyClock().Now();
    if (now - reported_ < kProgressInterval) return absl::OkStatus();
    reported_ = now;
    v1::CompareAccuracyResponse response;
    v1::ComparisonProgress& progress = *response.mutable_progress();
    progress.set_examples(comparison_.examples());
    progress.set_inferences(comparison_.examples() * std::ssize(comparison_.variants()));
    return Send(call_, response);
  }

 private:
  AccuracyCall& call_;
  const compare::AccuracyComparison& comparison_;
  const TimeLimit time_limit_;
  base::TimePoint reported_ = base::SteadyClock().Now();
};

absl::Status AddExamples(AccuracyCall& call, v1::LabelledExamples& examples,
                         compare::AccuracyComparison& comparison) {
  ReceivedRequest received;
  ACTIUM_ASSIGN_OR_RETURN(const batching::InferRequest inputs,
                          DecodeInputs(*examples.mutable_inputs(), received));
  const std::span labels(examples.labels().data(), static_cast<size_t>(examples.labels_size()));
  return comparison.Add(inputs, labels, {examples.ids().begin(), examples.ids().end()},
                        call.cancellation());
}

absl::Status AddReceived(AccuracyCall& call, compare::AccuracyComparison& comparison) {
  Progress progress(call, comparison);
  v1::CompareAccuracyRequest message;
  while (true) {
    ACTIUM_ASSIGN_OR_RETURN(const bool more, Receive(call, message));
    if (!more) return absl::OkStatus();
    if (!message.has_examples()) {
      return absl::InvalidArgumentError("all messages but the first must have examples");
    }
    ACTIUM_RETURN_IF_ERROR(AddExamples(call, *message.mutable_examples(), comparison));
    ACTIUM_RETURN_IF_ERROR(progress.Update());
  }
}

absl::Status AddDataSet(AccuracyCall& call, const std::filesystem::path& root,
                        const std::string& name, compare::AccuracyComparison& comparison) {
  if (root.empty()) {
    return absl::FailedPreconditionError(
        "data_set: this server has none; its operator may give it some by --comparison-data");
  }
  ACTIUM_ASSIGN_OR_RETURN(
      compare::DataSet data,
      compare::DataSet::Open(root, name, comparison.variants().front().model->signature));
  if (data.examples() > compare::kMostExamples) {
    return absl::ResourceExhaustedError(
        fmt::format("data_set: a comparison takes at most {} examples, it has {}",
                    compare::kMostExamples, data.examples()));
  }
  v1::CompareAccuracyRequest unwanted;
  ACTIUM_ASSIGN_OR_RETURN(const bool sent, Receive(call, unwanted));
  if (sent) return absl::InvalidArgumentError("examples must not be sent beside a data_set");
  Progress progress(call, comparison);
  for (int64_t first = 0; first < data.examples(); first += kRowsAtOnce) {
    const auto count = static_cast<int>(std::min(kRowsAtOnce, data.examples() - first));
    ACTIUM_ASSIGN_OR_RETURN(const compare::DataSetPart part, data.Read(first, count));
    ACTIUM_RETURN_IF_ERROR(comparison.Add(part.inputs, part.labels, {}, call.cancellation()));
    ACTIUM_RETURN_IF_ERROR(progress.Update());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status HandleAccuracy(AccuracyCall& call, const ServiceParts& parts) {
  v1::CompareAccuracyRequest message;
  ACTIUM_ASSIGN_OR_RETURN(const bool begun, Receive(call, message));
  if (!begun || !message.has_setup()) {
    return absl::InvalidArgumentError("the first message must have a setup");
  }
  const v1::AccuracySetup& setup = message.setup();
  ACTIUM_ASSIGN_OR_RETURN(const auto comparison,
                          compare::AccuracyComparison::Make(parts.core, parts.repository, setup));
  ACTIUM_RETURN_IF_ERROR(setup.data_set().empty() ? AddReceived(call, *comparison)
                                                  : AddDataSet(call, parts.comparison_data,
                                                               setup.data_set(), *comparison));
  if (comparison->examples() == 0) {
    return absl::InvalidArgumentError("examples: a comparison needs at least 1");
  }
  v1::CompareAccuracyResponse response;
  compare::FillReport(*comparison, *response.mutable_report());
  return Send(call, response);
}

}  // namespace actium::rpc
