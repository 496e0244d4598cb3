#include "server/rpc/infer_call.h"

#include <chrono>
#include <utility>

#include "server/base/log.h"
#include "server/base/quote.h"
#include "server/base/rate_limit.h"
#include "server/base/status_macros.h"
#include "server/rpc/encode_response.h"
#include "server/rpc/parse_message.h"
#include "server/rpc/status_to_grpc.h"

namespace actium::rpc {
namespace {

// In a second. A model that fails every request would otherwise write as many lines.
constexpr int64_t kMostFailuresLogged = 10;

// Turns gRPC's deadline, a wall-clock time, into one of our clock.
base::TimePoint DeadlineOf(const grpc::CallbackServerContext& context) {
  using std::chrono::system_clock;
  const system_clock::time_point deadline = context.deadline();
  // gRPC says "none" by the largest time; anything beyond a year counts as none as well.
  const auto left = deadline - system_clock::now();
  if (deadline == system_clock::time_point::max() || left > std::chrono::hours(24 * 366)) {
    return base::TimePoint::max();
  }
  return base::SteadyClock().Now() + left;
}

// From when on a client that cancels has met its deadline. By its own clock that is before ours: a
// timeout travels as a duration, so ours starts when it arrives, and gRPC rounds it up by as much
// as a hundredth.
base::TimePoint GivesUpAt(base::TimePoint deadline, base::TimePoint now) {
  constexpr std::chrono::milliseconds kOnItsWay{5};
  if (deadline == base::TimePoint::max()) return deadline;
  return deadline - (deadline - now) / 100 - kOnItsWay;
}

}  // namespace

grpc::ServerUnaryReactor* InferCall::Start(inference::InferenceCore& core, InFlight& in_flight,
                                           grpc::CallbackServerContext& context,
                                           grpc::ByteBuffer& wire, grpc::ByteBuffer& reply) {
  const auto bytes = static_cast<int64_t>(wire.Length());
  auto self = std::make_shared<InferCall>(in_flight, context, reply, bytes);
  InferCall* const call = self.get();
  call->self_ = std::move(self);
  if (auto request = call->Receive(wire); request.ok()) {
    core.Infer(*std::move(request), [call](absl::StatusOr<batching::InferResponse> response) {
      call->Answer(std::move(response));
    });
  } else {
    core.RecordRefused(request.status().code());
    call->Fail(request.status());
  }
  return call;
}

InferCall::InferCall(InFlight& in_flight, grpc::CallbackServerContext& context,
                     grpc::ByteBuffer& reply, int64_t bytes)
    : in_flight_(in_flight), context_(context), reply_(reply), bytes_(bytes) {}

absl::StatusOr<batching::InferRequest> InferCall::Receive(grpc::ByteBuffer& wire) {
  ACTIUM_RETURN_IF_ERROR(in_flight_.Enter(bytes_));
  entered_ = true;
  ACTIUM_RETURN_IF_ERROR(ParseMessage(wire, received_.message));
  ACTIUM_ASSIGN_OR_RETURN(batching::InferRequest request, DecodeRequest(received_));
  request.deadline = DeadlineOf(context_);
  gives_up_ = GivesUpAt(request.deadline, base::SteadyClock().Now());
  request.cancellation = std::shared_ptr<batching::Cancellation>(self_, &cancellation_);
  request.keepalive = self_;
  return request;
}

void InferCall::Answer(absl::StatusOr<batching::InferResponse> response) {
  if (!response.ok()) return Fail(response.status());
  LogEnd(absl::StatusCode::kOk);
  reply_ = EncodeResponse(*std::move(response), received_.message.id());
  Finish(grpc::Status::OK);
}

void InferCall::Fail(const absl::Status& status) {
  if (absl::IsUnavailable(status)) {
    context_.AddTrailingMetadata("grpc-retry-pushback-ms", kRetryPushbackMs);
  }
  if (absl::IsInternal(status)) LogFailure(status);
  LogEnd(status.code());
  Finish(ToGrpc(status));
}

void InferCall::LogFailure(const absl::Status& status) const {
  static base::RateLimit limit(kMostFailuresLogged);
  const std::optional<int64_t> left_out = limit.Pass(base::SteadyClock().Now());
  if (!left_out.has_value()) return;
  base::log::Error("request_failed", {{"model", received_.message.model_name()},
                                      {"request_id", received_.message.id()},
                                      {"error", std::string(status.message())},
                                      {"left_out", *left_out}});
}

void InferCall::LogEnd(absl::StatusCode code) const {
  if (!base::log::DebugEnabled()) return;
  // What is refused for the length of its names must not fill the log with them.
  const auto shown = [](const std::string& name) {
    return name.size() <= kMostNameBytes ? name : base::Quote(name);
  };
  base::log::Debug("request", {{"model", shown(received_.message.model_name())},
                               {"request_id", shown(received_.message.id())},
                               {"code", absl::StatusCodeToString(code)},
                               {"bytes", bytes_}});
}

void InferCall::OnCancel() {
  // gRPC also cancels when the deadline has passed, here or at the client; the queue finds that by
  // itself, and counts it as what it is.
  if (base::SteadyClock().Now() < gives_up_) cancellation_.Cancel();
}

void InferCall::OnDone() {
  if (entered_) in_flight_.Leave(bytes_);
  const std::shared_ptr<InferCall> last = std::move(self_);
}

}  // namespace actium::rpc
