#include "server/inference/inference_core.h"

#include <utility>

#include "server/base/status_macros.h"
#include "server/inference/classify.h"
#include "server/inference/validate_request.h"

namespace actium::inference {
namespace {

// Why a request was refused before a queue had it.
observe::DropReason ReasonOf(const absl::Status& refused) {
  if (absl::IsUnavailable(refused)) return observe::DropReason::kQueueFull;
  if (absl::IsFailedPrecondition(refused)) return observe::DropReason::kUnloaded;
  return observe::DropReason::kInvalid;
}

}  // namespace

// A request between Infer() and its callback: what has to be known when the answer comes.
class InferenceCore::Call {
 public:
  Call(InferenceCore& core, batching::InferCallback callback, const batching::InferRequest& request)
      : core_(core), callback_(std::move(callback)) {
    outcome_.traffic = request.traffic;
    started_ = core.clock_.Now();
    if (request.traffic == observe::TrafficClass::kServing) {
      core.last_serving_.store(started_, std::memory_order_relaxed);
    }
  }

  Route& route() { return route_; }

  void Pin(repository::ModelHandle handle) {
    handle_ = std::move(handle);
    outcome_.model = handle_->ref;
  }
  const repository::ServedModel& model() const { return *handle_; }

  // Remembers what the answer needs of a checked request.
  void Accept(const batching::InferRequest& request, const CheckedRequest& checked) {
    outcome_.rows = checked.rows;
    for (size_t i = 0; i < request.outputs.size(); ++i) {
      if (const int k = request.outputs[i].classification; k > 0) {
        classified_.push_back({.answer = i, .output = checked.outputs[i], .k = k});
      }
    }
  }

  // Records the outcome and calls back; the call is over.
  void Answer(batching::Completion completion) {
    absl::StatusOr<batching::InferResponse>& response = completion.response;
    if (response.ok()) Complete(*response);
    outcome_.finished = core_.clock_.Now();
    outcome_.total = outcome_.finished - started_;
    outcome_.code = response.status().code();
    outcome_.dropped = completion.dropped;
    outcome_.stages = completion.stages;
    core_.recorder_.OnRequest(outcome_);
    if (core_.tap_ != nullptr) core_.tap_->OnResponse(route_, response);
    callback_(std::move(response));
  }

 private:
  // An output that is wanted as classes: its places in the answer and in the signature.
  struct Classified {
    size_t answer;
    int output;
    int k;
  };

  void Complete(batching::InferResponse& response) {
    response.parameters.insert(route_.parameters.begin(), route_.parameters.end());
    for (const Classified& wanted : classified_) {
      const auto output = static_cast<size_t>(wanted.output);
      static const std::vector<std::string> kNoLabels;
      Classify(response.outputs[wanted.answer], handle_->signature.max_batch_size > 0, wanted.k,
               output < handle_->labels.size() ? handle_->labels[output] : kNoLabels);
    }
  }

  InferenceCore& core_;
  batching::InferCallback callback_;
  base::TimePoint started_;
  Route route_;
  repository::ModelHandle handle_;
  absl::InlinedVector<Classified, 1> classified_;
  observe::RequestOutcome outcome_;
};

InferenceCore::InferenceCore(const repository::ModelRepository& repository,
                             const base::Clock& clock, observe::Recorder& recorder)
    : repository_(repository), clock_(clock), recorder_(recorder) {}

void InferenceCore::Infer(batching::InferRequest request, batching::InferCallback callback) {
  auto call = std::make_unique<Call>(*this, std::move(callback), request);
  if (absl::Status status = Submit(request, call); !status.ok()) {
    const observe::DropReason dropped = ReasonOf(status);
    call->Answer({.response = std::move(status), .dropped = dropped, .stages = {}});
  }
}

absl::Status InferenceCore::Submit(batching::InferRequest& request, std::unique_ptr<Call>& call) {
  if (router_ != nullptr) {
    ACTIUM_ASSIGN_OR_RETURN(call->route(), router_->Resolve(request));
  } else {
    call->route() = {.model = request.model, .version = request.version, .parameters = {}};
  }
  const Route& route = call->route();
  ACTIUM_ASSIGN_OR_RETURN(auto handle, repository_.Find(route.model, route.version));
  call->Pin(std::move(handle));
  ACTIUM_ASSIGN_OR_RETURN(CheckedRequest checked, CheckRequest(call->model().signature, request));
  call->Accept(request, checked);

  auto pending = std::make_unique<batching::PendingRequest>();
  pending->request = std::move(request);
  pending->rows = checked.rows;
  pending->inputs = std::move(checked.inputs);
  pending->outputs = std::move(checked.outputs);
  batching::DevicePool& pool = *call->model().pool;
  batching::ModelQueue& queue = *call->model().queue;
  // The lambda owns the call if the request was taken; a refused one is answered by Infer(). Let go
  // before Submit(): on another thread the call may be over before that returns.
  Call* const owned = call.release();
  pending->done = [owned](batching::Completion completion) {
    std::unique_ptr<Call>(owned)->Answer(std::move(completion));
  };
  absl::Status status = pool.Submit(queue, pending);
  if (!status.ok()) call.reset(owned);
  return status;
}

void InferenceCore::RecordRefused(absl::StatusCode code) {
  observe::RequestOutcome outcome;
  outcome.code = code;
  outcome.dropped = observe::DropReason::kInvalid;
  outcome.finished = clock_.Now();
  recorder_.OnRequest(outcome);
}

}  // namespace actium::inference
