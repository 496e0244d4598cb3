#include "server/rpc/health.h"

#include <fmt/format.h>

#include <utility>

#include "server/base/quote.h"
#include "server/rpc/status_to_grpc.h"

namespace actium::rpc {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// One Watch stream. Its state is guarded by the service's mutex; one write is under way at most,
// and statuses that come meanwhile collapse into the latest.
class HealthService::Watcher final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  Watcher(HealthService& service, bool known) : service_(service), known_(known) {}

  // Tells the analysis of locks that the service's mutex, which the caller holds, is this one.
  void AssertLocked() ABSL_ASSERT_EXCLUSIVE_LOCK(service_.mutex_) {}

  // Sends what the client does not know yet; ends the stream when there is nothing more to say.
  void Update() ABSL_EXCLUSIVE_LOCKS_REQUIRED(service_.mutex_) {
    if (writing_ || finished_) return;
    const Status status = known_ ? service_.status_ : HealthCheckResponse::SERVICE_UNKNOWN;
    if (cancelled_) {
      End(absl::CancelledError("the watch was cancelled"));
    } else if (!sent_ || status != response_.status()) {
      response_.set_status(status);
      sent_ = true;
      writing_ = true;
      StartWrite(&response_);
    } else if (service_.stopped_) {
      End(absl::UnavailableError("the server is stopping"));
    }
  }

  // Refuses the stream before anything was sent.
  void End(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(service_.mutex_) {
    finished_ = true;
    Finish(ToGrpc(status));
  }

  void OnWriteDone(bool ok) override {
    base::MutexLock lock(service_.mutex_);
    writing_ = false;
    cancelled_ = cancelled_ || !ok;
    Update();
  }

  void OnCancel() override {
    base::MutexLock lock(service_.mutex_);
    cancelled_ = true;
    Update();
  }

  void OnDone() override {
    {
      base::MutexLock lock(service_.mutex_);
      service_.watchers_.erase(this);
    }
    delete this;
  }

 private:
  HealthService& service_;
  const bool known_;
  HealthCheckResponse response_;  // Of the last write.
  bool sent_ = false;
  bool writing_ = false;
  bool cancelled_ = false;
  bool finished_ = false;
};

HealthService::HealthService(std::set<std::string> services, const Readiness& readiness)
    : services_(std::move(services)), readiness_(readiness) {}

void HealthService::SetServing(bool serving) {
  base::MutexLock lock(mutex_);
  if (stopped_) return;
  status_ = serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
  UpdateWatchers();
}

void HealthService::Stop() {
  base::MutexLock lock(mutex_);
  status_ = HealthCheckResponse::NOT_SERVING;
  stopped_ = true;
  UpdateWatchers();
}

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* context,
                                               const HealthCheckRequest* request,
                                               HealthCheckResponse* response) {
  if (!Knows(request->service())) {
    return rpc::Finish(*context, absl::NotFoundError(fmt::format("no service {}",
                                                                 base::Quote(request->service()))));
  }
  {
    base::MutexLock lock(mutex_);
    response->set_status(status_);
  }
  if (!readiness_.ready()) response->set_status(HealthCheckResponse::NOT_SERVING);
  return rpc::Finish(*context, absl::OkStatus());
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthService::Watch(
    grpc::CallbackServerContext*, const HealthCheckRequest* request) {
  auto* const watcher = new Watcher(*this, Knows(request->service()));
  base::MutexLock lock(mutex_);
  watcher->AssertLocked();
  if (watchers_.size() >= kMostWatches) {
    watcher->End(absl::ResourceExhaustedError(
        fmt::format("at most {} health watches are open at once", kMostWatches)));
    return watcher;
  }
  watchers_.insert(watcher);
  watcher->Update();
  return watcher;
}

bool HealthService::Knows(const std::string& service) const {
  return service.empty() || services_.contains(service);
}

void HealthService::UpdateWatchers() {
  for (Watcher* const watcher : watchers_) {
    watcher->AssertLocked();
    watcher->Update();
  }
}

}  // namespace actium::rpc
