#include "server/rpc/comparison_service.h"

#include <utility>

#include "server/base/status_macros.h"
#include "server/compare/latency.h"
#include "server/compare/outputs.h"
#include "server/compare/seeds.h"
#include "server/rpc/accuracy_call.h"
#include "server/rpc/blocking_call.h"
#include "server/rpc/comparison_messages.h"
#include "server/rpc/parse_message.h"

namespace actium::rpc {
namespace {

using LatencyCall = BlockingCall<WriteReactor>;
using OutputsCall = BlockingCall<UnaryReactor>;
using SeedsCall = BlockingCall<ReadReactor>;

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
  const TimeLimit time_limit;
  while (true) {
    ACTIUM_RETURN_IF_ERROR(time_limit.Check());
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
  const absl::Status begun = one_.Begin();
  if (!begun.ok()) {
    return Call::Start(
        context, [begun](Call&) { return begun; }, [] {});
  }
  return Call::Start(
      context,
      [this, handler = std::move(handler)](Call& call) {
        absl::Status status = handler(call);
        one_.Done();
        return status;
      },
      [this] { one_.End(); });
}

}  // namespace actium::rpc
