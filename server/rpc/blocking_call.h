#ifndef ACTIUM_SERVER_RPC_BLOCKING_CALL_H_
#define ACTIUM_SERVER_RPC_BLOCKING_CALL_H_

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"
#include "server/base/status_macros.h"
#include "server/batching/request.h"
#include "server/rpc/status_to_grpc.h"

namespace actium::rpc {

/// How long a client may keep a BlockingCall without sending what is due, or taking what was sent.
inline constexpr std::chrono::seconds kPatience{60};

/// Reactors that do not read, or do not write, or neither, with the methods that BlockingCall
/// overrides.
class WriteReactor : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  virtual void OnReadDone(bool /*ok*/) {}
};
class ReadReactor : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  virtual void OnWriteDone(bool /*ok*/) {}
};
class UnaryReactor : public grpc::ServerUnaryReactor {
 public:
  virtual void OnReadDone(bool /*ok*/) {}
  virtual void OnWriteDone(bool /*ok*/) {}
};

/// A call that a function handles, on a thread of its own: it may wait, for messages and
/// for anything else. For calls of which there are few. Messages are bytes, so that parsing is the
/// handler's.
///
/// Reactor: grpc::ServerBidiReactor of ByteBuffers, or one of the above, which lack Read() or
/// Write(); where they lack Write(), gRPC sends the response that it gave with the call.
template <class Reactor>
class BlockingCall final : public Reactor {
 public:
  /// Handles the call; what it returns ends it.
  using Handler = std::function<absl::Status(BlockingCall&)>;

  /// Starts the call's thread. ended: called once, at the very end of that thread.
  static BlockingCall* Start(grpc::CallbackServerContext& context, Handler handler,
                             std::function<void()> ended) {
    std::shared_ptr<BlockingCall> call(new BlockingCall(context));
    call->self_ = call;
    BlockingCall* const reactor = call.get();
    std::thread([call = std::move(call), handler = std::move(handler),
                 ended = std::move(ended)]() mutable {
      call->Run(handler);
      // What they captured goes before `ended` is told: it may end what that refers to.
      call.reset();
      handler = nullptr;
      ended();
    }).detach();
    return reactor;
  }

  /// For the handler. Waits for the client's next message; nothing after its last.
  ///
  /// Errors: CANCELLED if the client has gone, DEADLINE_EXCEEDED after kPatience; the handler then
  /// returns.
  absl::StatusOr<std::optional<grpc::ByteBuffer>> Read() {
    this->StartRead(&incoming_);
    ACTIUM_ASSIGN_OR_RETURN(const bool arrived, WaitForCompletion());
    if (arrived) return std::exchange(incoming_, {});
    if (cancellation_->cancelled()) return absl::CancelledError("the client has gone");
    return std::nullopt;
  }

  /// For the handler. Sends a message and waits until gRPC has taken it. Errors: as Read()'s.
  absl::Status Write(grpc::ByteBuffer message) {
    outgoing_ = std::move(message);
    this->StartWrite(&outgoing_);
    const absl::StatusOr<bool> taken = WaitForCompletion();
    if (absl::IsDeadlineExceeded(taken.status())) {
      // No status can follow a message that the client does not take.
      context_.TryCancel();
      (void)WaitForCompletion();
    }
    if (!taken.ok()) return taken.status();
    return *taken ? absl::OkStatus() : absl::CancelledError("the client has gone");
  }

  /// Set when the client has given up, or its deadline has passed.
  const std::shared_ptr<batching::Cancellation>& cancellation() const { return cancellation_; }

  void OnReadDone(bool ok) override { Complete(ok); }
  void OnWriteDone(bool ok) override { Complete(ok); }
  void OnCancel() override { cancellation_->Cancel(); }
  void OnDone() override { const std::shared_ptr<BlockingCall> last = std::move(self_); }

 private:
  explicit BlockingCall(grpc::CallbackServerContext& context) : context_(context) {}

  void Run(const Handler& handler) {
    const absl::Status status = handler(*this);
    if (absl::IsUnavailable(status)) {
      context_.AddTrailingMetadata("grpc-retry-pushback-ms", kRetryPushbackMs);
    }
    this->Finish(ToGrpc(status));
  }

  void Complete(bool ok) ABSL_LOCKS_EXCLUDED(mutex_) {
    base::MutexLock lock(mutex_);
    ok_ = ok;
    complete_ = true;
    completed_.NotifyOne();
  }

  absl::StatusOr<bool> WaitForCompletion() ABSL_LOCKS_EXCLUDED(mutex_) {
    const base::TimePoint end = base::SteadyClock().Now() + kPatience;
    base::MutexLock lock(mutex_);
    while (!complete_) {
      if (base::SteadyClock().Now() >= end) {
        return absl::DeadlineExceededError(
            fmt::format("the client neither sent nor took anything for {} s", kPatience.count()));
      }
      completed_.WaitUntil(mutex_, end);
    }
    complete_ = false;
    return ok_;
  }

  grpc::CallbackServerContext& context_;
  const std::shared_ptr<batching::Cancellation> cancellation_ =
      std::make_shared<batching::Cancellation>();

  // Used by gRPC until the operation is complete, even if nobody waits for it any longer.
  grpc::ByteBuffer incoming_;
  grpc::ByteBuffer outgoing_;

  base::Mutex mutex_;
  base::CondVar completed_;
  bool complete_ ABSL_GUARDED_BY(mutex_) = false;  // Of the one operation under way.
  bool ok_ ABSL_GUARDED_BY(mutex_) = false;

  std::shared_ptr<BlockingCall> self_;  // Held until gRPC is done with the call.
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_BLOCKING_CALL_H_
