#include "server/rpc/comparison_service.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "server/base/clock.h"
#include "server/base/status_macros.h"
#include "server/compare/accuracy.h"
#include "server/compare/accuracy_report.h"
#include "server/compare/latency.h"
#include "server/compare/outputs.h"
#include "server/compare/seeds.h"
#include "server/rpc/blocking_call.h"
#include "server/rpc/decode_request.h"
#include "server/rpc/parse_message.h"
#include "server/rpc/status_to_grpc.h"

namespace actium::rpc {
namespace {

// Longest that a comparison of accuracy may take: others wait for it.
constexpr std::chrono::hours kMostTime{1};

// Least time between two messages of progress.
constexpr std::chrono::milliseconds kProgressInterval{200};

using AccuracyCall = BlockingCall<grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>>;
using LatencyCall = BlockingCall<WriteReactor>;
using OutputsCall = BlockingCall<UnaryReactor>;
using SeedsCall = BlockingCall<ReadReactor>;

absl::Status Serialize(const google::protobuf::Message& message, grpc::ByteBuffer& wire) {
  bool own_buffer = false;
  const grpc::Status status =
      grpc::SerializationTraits<google::protobuf::Message>::Serialize(message, &wire, &own_buffer);
  return status.ok() ? absl::OkStatus() : absl::InternalError(status.error_message());
}

template <class Call>
absl::Status Send(Call& call, const google::protobuf::Message& message) {
  grpc::ByteBuffer wire;
  ACTIUM_RETURN_IF_ERROR(Serialize(message, wire));
  return call.Write(std::move(wire));
}

// Reads the next message; false after the last.
template <class Call, class Message>
absl::StatusOr<bool> Receive(Call& call, Message& message) {
  ACTIUM_ASSIGN_OR_RETURN(std::optional<grpc::ByteBuffer> wire, call.Read());
  if (!wire.has_value()) return false;
  ACTIUM_RETURN_IF_ERROR(ParseMessage(*wire, message));
  return true;
}

// Takes the inputs out of a message; they point into `received`. Only they count: a request must
// name a model, so it gets a name that nobody looks at.
absl::StatusOr<batching::InferRequest> DecodeInputs(::inference::ModelInferRequest& message,
                                                    ReceivedRequest& received) {
  received.message.mutable_inputs()->Swap(message.mutable_inputs());
  received.message.mutable_raw_input_contents()->Swap(message.mutable_raw_input_contents());
  received.message.set_model_name("-");
  return DecodeRequest(received);
}

absl::Status AddExamples(AccuracyCall& call, v1::LabelledExamples& examples,
                         compare::AccuracyComparison& comparison) {
  ReceivedRequest received;
  ACTIUM_ASSIGN_OR_RETURN(const batching::InferRequest inputs,
                          DecodeInputs(*examples.mutable_inputs(), received));
  const std::span labels(examples.labels().data(), static_cast<size_t>(examples.labels_size()));
  return comparison.Add(inputs, labels, {examples.ids().begin(), examples.ids().end()},
                        call.cancellation());
}

absl::Status SendProgress(AccuracyCall& call, const compare::AccuracyComparison& comparison) {
  v1::CompareAccuracyResponse response;
  v1::ComparisonProgress& progress = *response.mutable_progress();
  progress.set_examples(comparison.examples());
  progress.set_inferences(comparison.examples() * std::ssize(comparison.variants()));
  return Send(call, response);
}

absl::Status HandleAccuracy(AccuracyCall& call, const ServiceParts& parts) {
  v1::CompareAccuracyRequest message;
  ACTIUM_ASSIGN_OR_RETURN(const bool begun, Receive(call, message));
  if (!begun || !message.has_setup()) {
    return absl::InvalidArgumentError("the first message must have a setup");
  }
  ACTIUM_ASSIGN_OR_RETURN(
      const auto comparison,
      compare::AccuracyComparison::Make(parts.core, parts.repository, message.setup()));
  const base::TimePoint begin = base::SteadyClock().Now();
  base::TimePoint reported = begin;
  while (true) {
    ACTIUM_ASSIGN_OR_RETURN(const bool more, Receive(call, message));
    if (!more) break;
    if (!message.has_examples()) {
      return absl::InvalidArgumentError("all messages but the first must have examples");
    }
    ACTIUM_RETURN_IF_ERROR(AddExamples(call, *message.mutable_examples(), *comparison));
    const base::TimePoint now = base::SteadyClock().Now();
    if (now - begin > kMostTime) {
      return absl::DeadlineExceededError(
          fmt::format("a comparison may take {} h at most", kMostTime.count()));
    }
    if (now - reported < kProgressInterval) continue;
    reported = now;
    ACTIUM_RETURN_IF_ERROR(SendProgress(call, *comparison));
  }
  if (comparison->examples() == 0) {
    return absl::InvalidArgumentError("examples: a comparison needs at least 1");
  }
  v1::CompareAccuracyResponse response;
  compare::FillReport(*comparison, *response.mutable_report());
  return Send(call, response);
}

absl::Status HandleLatency(LatencyCall& call, grpc::ByteBuffer wire, const ServiceParts& parts) {
  v1::CompareLatencyRequest request;
  ACTIUM_RETURN_IF_ERROR(ParseMessage(wire, request));
  ReceivedRequest received;
  batching::InferRequest inputs;
  if (request.has_inputs()) {
    ACTIUM_ASSIGN_OR_RETURN(inputs, DecodeInputs(*request.mutable_inputs(), received));
  }
  ACTIUM_ASSIGN_OR_RETURN(
      const auto comparison,
      compare::LatencyComparison::Make(parts.core, parts.repository, request, std::move(inputs)));
  while (!comparison->finished()) {
    ACTIUM_RETURN_IF_ERROR(comparison->RunRound(call.cancellation()));
    v1::CompareLatencyResponse response;
    *response.mutable_progress() = comparison->progress();
    ACTIUM_RETURN_IF_ERROR(Send(call, response));
  }
  v1::CompareLatencyResponse response;
  ACTIUM_RETURN_IF_ERROR(comparison->FillReport(*response.mutable_report()));
  return Send(call, response);
}

absl::Status HandleOutputs(OutputsCall& call, grpc::ByteBuffer wire, const ServiceParts& parts,
                           grpc::ByteBuffer& response) {
  v1::CompareOutputsRequest request;
  ACTIUM_RETURN_IF_ERROR(ParseMessage(wire, request));
  ReceivedRequest received;
  ACTIUM_ASSIGN_OR_RETURN(const batching::InferRequest inputs,
                          DecodeInputs(*request.mutable_inputs(), received));
  v1::OutputsReport report;
  ACTIUM_RETURN_IF_ERROR(compare::CompareOutputs(parts.core, parts.repository, request, inputs,
                                                 call.cancellation(), report));
  return Serialize(report, response);
}

absl::Status HandleSeeds(SeedsCall& call, grpc::ByteBuffer& response) {
  v1::CompareSeedsRequest message;
  ACTIUM_ASSIGN_OR_RETURN(const bool begun, Receive(call, message));
  if (!begun || !message.has_setup()) {
    return absl::InvalidArgumentError("the first message must have a setup");
  }
  ACTIUM_ASSIGN_OR_RETURN(auto comparison, compare::SeedsComparison::Make(message.setup()));
  while (true) {
    ACTIUM_ASSIGN_OR_RETURN(const bool more, Receive(call, message));
    if (!more) break;
    if (!message.has_predictions()) {
      return absl::InvalidArgumentError("all messages but the first must have predictions");
    }
    ACTIUM_RETURN_IF_ERROR(comparison.Add(message.predictions()));
  }
  v1::SeedsReport report;
  ACTIUM_RETURN_IF_ERROR(comparison.FillReport(report));
  return Serialize(report, response);
}

}  // namespace

ComparisonService::~ComparisonService() {
  base::MutexLock lock(mutex_);
  while (running_) ended_.Wait(mutex_);
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* ComparisonService::CompareAccuracy(
    grpc::CallbackServerContext* context) {
  return Start<AccuracyCall>(*context,
                             [this](AccuracyCall& call) { return HandleAccuracy(call, parts_); });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* ComparisonService::CompareLatency(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  return Start<LatencyCall>(*context, [this, wire = *request](LatencyCall& call) {
    return HandleLatency(call, wire, parts_);
  });
}

grpc::ServerUnaryReactor* ComparisonService::CompareOutputs(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* request,
                                                            grpc::ByteBuffer* response) {
  return Start<OutputsCall>(*context, [this, wire = *request, response](OutputsCall& call) {
    return HandleOutputs(call, wire, parts_, *response);
  });
}

grpc::ServerReadReactor<grpc::ByteBuffer>* ComparisonService::CompareSeeds(
    grpc::CallbackServerContext* context, grpc::ByteBuffer* response) {
  return Start<SeedsCall>(*context,
                          [response](SeedsCall& call) { return HandleSeeds(call, *response); });
}

template <class Call>
Call* ComparisonService::Start(grpc::CallbackServerContext& context,
                               typename Call::Handler handler) {
  const absl::Status begun = Begin();
  if (!begun.ok()) {
    return Call::Start(
        context, [begun](Call&) { return begun; }, [] {});
  }
  return Call::Start(context, std::move(handler), [this] { End(); });
}

absl::Status ComparisonService::Begin() {
  if (parts_.in_flight.closed()) return absl::UnavailableError("the server shuts down");
  base::MutexLock lock(mutex_);
  if (running_) return absl::UnavailableError("another comparison runs; there is one at a time");
  running_ = true;
  return absl::OkStatus();
}

void ComparisonService::End() {
  base::MutexLock lock(mutex_);
  running_ = false;
  // Inside the lock: once it is released, the service may be destroyed.
  ended_.NotifyAll();
}

}  // namespace actium::rpc
