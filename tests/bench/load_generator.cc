#include "tests/bench/load_generator.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "inference/grpc_service.grpc.pb.h"

namespace actium::bench {
namespace {

using ::inference::GRPCInferenceService;
using Clock = std::chrono::steady_clock;

// One caller of the closed loop. The callback API's threads run Finish(), which starts the next
// call.
class Caller {
 public:
  Caller(GRPCInferenceService::Stub& stub, const ::inference::ModelInferRequest& request,
         const std::atomic<bool>& measuring, const std::atomic<bool>& stopping)
      : stub_(stub), request_(request), measuring_(measuring), stopping_(stopping) {}

  void Start() {
    context_.emplace();
    started_ = Clock::now();
    counted_ = measuring_;
    stub_.async()->ModelInfer(&*context_, &request_, &response_,
                              [this](const grpc::Status& status) { Finish(status); });
  }

  void WaitUntilStopped() {
    std::unique_lock lock(mutex_);
    stopped_changed_.wait(lock, [this] { return stopped_; });
  }

  const stats::Histogram& latency() const { return latency_; }
  const grpc::Status& error() const { return error_; }

 private:
  void Finish(const grpc::Status& status) {
    if (!status.ok()) error_ = status;
    if (status.ok() && counted_ && measuring_) {
      latency_.Record(std::chrono::nanoseconds(Clock::now() - started_).count());
    }
    if (status.ok() && !stopping_) return Start();
    std::lock_guard lock(mutex_);
    stopped_ = true;
    stopped_changed_.notify_one();
  }

  GRPCInferenceService::Stub& stub_;
  const ::inference::ModelInferRequest& request_;
  const std::atomic<bool>& measuring_;
  const std::atomic<bool>& stopping_;

  std::optional<grpc::ClientContext> context_;
  ::inference::ModelInferResponse response_;
  Clock::time_point started_;
  bool counted_ = false;
  stats::Histogram latency_;
  grpc::Status error_;

  std::mutex mutex_;
  std::condition_variable stopped_changed_;
  bool stopped_ = false;
};

std::vector<std::unique_ptr<GRPCInferenceService::Stub>> Connect(const std::string& address,
                                                                 int connections) {
  std::vector<std::unique_ptr<GRPCInferenceService::Stub>> stubs;
  for (int i = 0; i < connections; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt("actium.connection", i);  // Channels with equal arguments share a connection.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stubs.push_back(GRPCInferenceService::NewStub(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments)));
  }
  return stubs;
}

}  // namespace

absl::StatusOr<LoadResult> RunClosedLoop(const std::string& address,
                                         const ::inference::ModelInferRequest& request,
                                         int concurrency, std::chrono::nanoseconds warm_up,
                                         std::chrono::nanoseconds measured) {
  constexpr int kConnections = 4;
  const auto stubs = Connect(address, std::min(concurrency, kConnections));
  std::atomic<bool> measuring = false;
  std::atomic<bool> stopping = false;
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < concurrency; ++i) {
    callers.push_back(std::make_unique<Caller>(*stubs[static_cast<size_t>(i) % stubs.size()],
                                               request, measuring, stopping));
  }
  for (const auto& caller : callers) caller->Start();
  std::this_thread::sleep_for(warm_up);
  const auto begin = Clock::now();
  measuring = true;
  std::this_thread::sleep_for(measured);
  measuring = false;
  const std::chrono::duration<double> elapsed = Clock::now() - begin;
  stopping = true;

  LoadResult result;
  for (const auto& caller : callers) {
    caller->WaitUntilStopped();
    if (!caller->error().ok()) {
      return absl::Status(static_cast<absl::StatusCode>(caller->error().error_code()),
                          caller->error().error_message());
    }
    result.latency.Merge(caller->latency());
  }
  result.requests_per_second = static_cast<double>(result.latency.count()) / elapsed.count();
  return result;
}

}  // namespace actium::bench
