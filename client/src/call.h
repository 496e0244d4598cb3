#ifndef ACTIUM_CLIENT_SRC_CALL_H_
#define ACTIUM_CLIENT_SRC_CALL_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "actium/options.h"
#include "client/src/retry.h"

namespace actium::client {

/// What a call takes from the world around it; tests put their own in its place.
struct Surroundings {
  /// Monotonic time.
  std::function<std::chrono::steady_clock::time_point()> now;
  /// Runs a function once, after a delay, on any thread.
  std::function<void(std::chrono::nanoseconds, std::function<void()>)> after;
  /// Evenly distributed in [0, 1). Thread-safe.
  std::function<double()> random;
};

/// The real clock, gRPC's timer threads and a random generator seeded by the system.
Surroundings RealSurroundings();

/// Counts calls in flight. Thread-safe.
class CallCount {
 public:
  void Enter();
  void Leave();
  /// Waits until as many have left as have entered.
  void WaitForNone();

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  int64_t count_ = 0;  // Guarded by mutex_.
};

/// What all calls of a client share.
struct CallContext {
  CallContext(ClientOptions client_options, Surroundings world)
      : options(std::move(client_options)),
        surroundings(std::move(world)),
        budget(options.retry.budget_capacity, options.retry.budget_per_success) {}

  const ClientOptions options;
  const Surroundings surroundings;
  RetryBudget budget;
  CallCount in_flight;
};

/// Returns gRPC's status as ours: same code, same text.
absl::Status FromGrpc(const grpc::Status& status);

/// Returns the trailer grpc-retry-pushback-ms of a finished call.
std::optional<std::string> Pushback(const grpc::ClientContext& context);

/// One call with its retries. Keeps itself alive until the callback has run.
template <class Request, class Response>
class Call : public std::enable_shared_from_this<Call<Request, Response>> {
 public:
  /// Starts one attempt, as the generated stub's async() methods do.
  using Method = std::function<void(grpc::ClientContext*, const Request*, Response*,
                                    std::function<void(grpc::Status)>)>;

  Call(std::shared_ptr<CallContext> shared, const CallOptions& options, Method method,
       std::shared_ptr<const Request> request,
       std::function<void(absl::StatusOr<Response>)> callback)
      : presence_(shared),
        shared_(std::move(shared)),
        retry_(options.retry),
        deadline_(shared_->surroundings.now() + options.timeout.value_or(shared_->options.timeout)),
        method_(std::move(method)),
        request_(std::move(request)),
        callback_(std::move(callback)) {}

  void Start() {
    ++attempt_;
    response_.Clear();
    context_.emplace();
    const auto remaining = deadline_ - shared_->surroundings.now();
    context_->set_deadline(
        std::chrono::system_clock::now() +
        std::chrono::duration_cast<std::chrono::system_clock::duration>(remaining));
    for (const auto& [name, value] : shared_->options.metadata) context_->AddMetadata(name, value);
    method_(&*context_, request_.get(), &response_,
            [self = this->shared_from_this()](grpc::Status status) { self->OnDone(status); });
  }

 private:
  // Leaves the count when all that this call holds of gRPC's is gone; so it is the first member.
  class Presence {
   public:
    explicit Presence(std::shared_ptr<CallContext> shared) : shared_(std::move(shared)) {
      shared_->in_flight.Enter();
    }
    Presence(const Presence&) = delete;
    Presence& operator=(const Presence&) = delete;
    ~Presence() { shared_->in_flight.Leave(); }

   private:
    const std::shared_ptr<CallContext> shared_;
  };

  void OnDone(const grpc::Status& status) {
    if (status.ok()) {
      shared_->budget.OnSuccess();
      callback_(std::move(response_));
      return;
    }
    if (const auto delay = DelayBeforeRetry(status)) {
      shared_->surroundings.after(*delay, [self = this->shared_from_this()] { self->Start(); });
      return;
    }
    callback_(FromGrpc(status));
  }

  std::optional<std::chrono::nanoseconds> DelayBeforeRetry(const grpc::Status& status) {
    if (!retry_) return std::nullopt;
    const Attempt attempt = {.number = attempt_,
                             .code = static_cast<absl::StatusCode>(status.error_code()),
                             .pushback = Pushback(*context_),
                             .remaining = deadline_ - shared_->surroundings.now()};
    const auto delay = RetryDelay(shared_->options.retry, attempt, shared_->surroundings.random());
    if (!delay || !shared_->budget.Take()) return std::nullopt;
    return delay;
  }

  const Presence presence_;
  const std::shared_ptr<CallContext> shared_;
  const bool retry_;
  const std::chrono::steady_clock::time_point deadline_;
  const Method method_;
  const std::shared_ptr<const Request> request_;
  const std::function<void(absl::StatusOr<Response>)> callback_;
  int attempt_ = 0;
  std::optional<grpc::ClientContext> context_;  // A new one for each attempt: gRPC's rule.
  Response response_;
};

}  // namespace actium::client

#endif  // ACTIUM_CLIENT_SRC_CALL_H_
