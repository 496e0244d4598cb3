#include "server/repository/model_repository.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/repository/layout.h"

namespace actium::repository {
namespace {

using base::Quote;

/// Calls a method of all, so many at a time, until `stop`; each logs what it did.
void CallAll(absl::Status (ModelLifecycle::*method)(),
             const std::vector<ModelLifecycle*>& lifecycles, int at_a_time,
             const std::atomic<bool>& stop) {
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < lifecycles.size() && !stop.load(); i = next++) {
      (void)(lifecycles[i]->*method)();  // Logged, and in Statuses().
    }
  };
  std::vector<std::thread> threads;
  const size_t count = std::min(static_cast<size_t>(at_a_time), lifecycles.size());
  for (size_t i = 1; i < count; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

ModelRepository::ModelRepository(Options options, engine::ModelLoader& loader,
                                 batching::DevicePools& pools)
    : options_(std::move(options)), loader_(loader), pools_(pools) {}

ModelRepository::~ModelRepository() {
  // Without the lock, as in LoadAll(): a lifecycle's own comes first.
  for (ModelLifecycle* const lifecycle : Lifecycles()) {
    lifecycle->SetDesired(std::nullopt);
    (void)lifecycle->Reconcile();  // Unloading does not fail.
  }
}

absl::Status ModelRepository::LoadAll() {
  ACTIUM_ASSIGN_OR_RETURN(std::vector<ModelFolder> folders, ScanRoots(options_.roots));
  const LoadEnvironment load = {.loader = loader_, .pools = pools_, .device = options_.device};
  const ModelLifecycle::Environment environment = {.load = load,
                                                   .served = served_,
                                                   .reaper = reaper_,
                                                   .require_config = options_.strict_model_config};
  std::vector<ModelLifecycle*> lifecycles;
  {
    base::MutexLock lock(mutex_);
    for (ModelFolder& folder : folders) {
      std::unique_ptr<ModelLifecycle>& lifecycle = lifecycles_[folder.name];
      if (!lifecycle) lifecycle = std::make_unique<ModelLifecycle>(folder.name, environment);
      lifecycle->SetDesired(std::move(folder));
      lifecycles.push_back(lifecycle.get());
    }
    scanned_ = true;
  }
  CallAll(&ModelLifecycle::Reconcile, lifecycles, pools_.cpu().workers(), stop_loading_);
  started_.store(true, std::memory_order_release);
  return absl::OkStatus();
}

void ModelRepository::LeaveAbandonedDevices() {
  CallAll(&ModelLifecycle::LeaveAbandonedDevices, Lifecycles(), pools_.cpu().workers(),
          stop_loading_);
}

absl::StatusOr<ModelHandle> ModelRepository::Find(std::string_view model,
                                                  std::optional<int64_t> version) const {
  if (ModelHandle handle = served_.Find(model, version)) return handle;
  absl::Status why = WhyNotReady(model, version);
  // It may have become ready in between, which would explain nothing.
  if (ModelHandle handle = served_.Find(model, version)) return handle;
  return why;
}

std::vector<VersionStatus> ModelRepository::Index() const {
  base::MutexLock lock(mutex_);
  std::vector<VersionStatus> index;
  for (const auto& [name, lifecycle] : lifecycles_) {
    std::ranges::move(lifecycle->Statuses(), std::back_inserter(index));
  }
  return index;
}

std::vector<ModelLifecycle*> ModelRepository::Lifecycles() const {
  base::MutexLock lock(mutex_);
  std::vector<ModelLifecycle*> lifecycles;
  for (const auto& [name, lifecycle] : lifecycles_) lifecycles.push_back(lifecycle.get());
  return lifecycles;
}

absl::Status ModelRepository::WhyNotReady(std::string_view model,
                                          std::optional<int64_t> version) const {
  std::vector<VersionStatus> statuses;
  {
    base::MutexLock lock(mutex_);
    const auto found = lifecycles_.find(model);
    if (found == lifecycles_.end()) {
      if (!scanned_)
        return absl::UnavailableError("the server is starting: its models are not known");
      return absl::NotFoundError(fmt::format("there is no model {}", Quote(model)));
    }
    statuses = found->second->Statuses();
  }
  const std::vector<int64_t> ready = served_.Versions(model);
  // Without a ready version the newest says why; a broken model says it for all of them.
  const auto status = std::ranges::find_if(statuses, [&](const VersionStatus& candidate) {
    return candidate.version == 0 || candidate.version == version;
  });
  if (status == statuses.end() && version) {
    return absl::NotFoundError(
        fmt::format("model {} has no version {}; ready versions: {}", Quote(model), *version,
                    ready.empty() ? "none" : fmt::format("{}", fmt::join(ready, ", "))));
  }
  const VersionStatus& why = status == statuses.end() ? statuses.back() : *status;
  const std::string message =
      why.version == 0 ? fmt::format("model {} is not ready: {}", Quote(model), why.reason)
                       : fmt::format("model {} version {} is not ready: {}", Quote(model),
                                     why.version, why.reason);
  const bool to_come =
      why.state == VersionState::kLoading || (why.state == VersionState::kUnknown && !started());
  return to_come ? absl::UnavailableError(message) : absl::FailedPreconditionError(message);
}

}  // namespace actium::repository
