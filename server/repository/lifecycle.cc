#include "server/repository/lifecycle.h"

#include <algorithm>
#include <utility>

#include "server/base/log.h"
#include "server/base/status_macros.h"
#include "server/repository/load_version.h"

namespace actium::repository {
namespace {

double Milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// Two plans with the same fingerprint load the same.
std::string Fingerprint(const VersionPlan& plan) {
  std::string text = plan.sha256 + plan.settings.config.SerializeAsString();
  for (const std::vector<std::string>& labels : plan.labels) {
    text += '\n';
    for (const std::string& label : labels) text += label + '\n';
  }
  return text;
}

}  // namespace

ModelLifecycle::ModelLifecycle(std::string name, Environment environment)
    : name_(std::move(name)), environment_(environment) {}

void ModelLifecycle::SetDesired(std::optional<ModelFolder> folder) {
  base::MutexLock lock(mutex_);
  desired_ = std::move(folder);
  ++generation_;
}

absl::Status ModelLifecycle::Reconcile() {
  base::MutexLock turn(turn_);
  return ReconcileInTurn();
}

absl::Status ModelLifecycle::LeaveAbandonedDevices() {
  // What is being loaded may still land there, so that must have ended.
  base::MutexLock turn(turn_);
  const std::vector<int64_t> served = environment_.served.Versions(name_);
  if (std::ranges::none_of(served, [this](int64_t number) { return MustLeave(number); })) {
    return absl::OkStatus();
  }
  {
    base::MutexLock lock(mutex_);
    ++generation_;
  }
  return ReconcileInTurn();
}

absl::Status ModelLifecycle::ReconcileInTurn() {
  while (true) {
    std::optional<ModelFolder> desired;
    uint64_t generation = 0;
    {
      base::MutexLock lock(mutex_);
      if (reached_ == generation_) return outcome_;
      desired = desired_;
      generation = generation_;
    }
    absl::Status outcome = Apply(desired);
    base::MutexLock lock(mutex_);
    reached_ = generation;
    outcome_ = std::move(outcome);
  }
}

std::vector<VersionStatus> ModelLifecycle::Statuses() const {
  base::MutexLock lock(mutex_);
  std::vector<VersionStatus> statuses;
  for (const auto& [number, version] : versions_) {
    statuses.push_back({name_, number, version.state, version.reason});
  }
  if (statuses.empty()) {
    statuses.push_back({name_, 0, VersionState::kUnknown, "loading has not begun"});
  }
  return statuses;
}

absl::Status ModelLifecycle::Apply(const std::optional<ModelFolder>& desired) {
  if (!desired) {
    UnloadAllBut({});
    return absl::OkStatus();
  }
  const absl::StatusOr<ModelSource> source =
      ModelSource::Read(*desired, environment_.require_config);
  const absl::Status status = source.ok() ? ApplySource(*source) : source.status();
  if (!source.ok()) RefuseModel(status);
  return status;
}

absl::Status ModelLifecycle::ApplySource(const ModelSource& source) {
  const absl::StatusOr<std::vector<int64_t>> wanted =
      source.ServedVersions(environment_.load.loader);
  if (!wanted.ok()) {
    RefuseModel(wanted.status());
    return wanted.status();
  }
  {
    base::MutexLock lock(mutex_);
    versions_.erase(0);
    std::erase_if(versions_, [&](const auto& entry) {
      return entry.second.state == VersionState::kUnavailable && entry.second.living == 0 &&
             !std::ranges::binary_search(*wanted, entry.first);
    });
  }
  absl::Status first_error;
  for (const int64_t number : *wanted) first_error.Update(Load(source, number));
  if (first_error.ok()) UnloadAllBut(*wanted);
  return first_error;
}

absl::Status ModelLifecycle::Load(const ModelSource& source, int64_t number) {
  {
    base::MutexLock lock(mutex_);
    Version& version = versions_[number];
    // One that is ready goes on serving while its successor is made.
    if (version.state != VersionState::kReady) Enter(version, VersionState::kLoading, "loading");
  }
  const absl::StatusOr<VersionPlan> plan = source.Plan(number, environment_.load.loader);
  absl::Status status = plan.ok() ? LoadPlanned(*plan) : plan.status();
  if (!status.ok()) OnFailed(number, status);
  return status;
}

absl::Status ModelLifecycle::LoadPlanned(const VersionPlan& plan) {
  std::string fingerprint = Fingerprint(plan);
  if (IsReady(plan.version, fingerprint) && !MustLeave(plan.version)) return absl::OkStatus();
  for (const std::string& warning : plan.settings.warnings) {
    base::log::Warning("model_config_warning", {{"model", name_}, {"warning", warning}});
  }
  ACTIUM_ASSIGN_OR_RETURN(WarmVersion warm, LoadVersion(name_, plan, environment_.load));
  const std::shared_ptr<const observe::ModelRef> ref = warm.served->ref;
  const std::string device = engine::Name(warm.served->pool->device());
  {
    base::MutexLock lock(mutex_);
    ++versions_[plan.version].living;
  }
  environment_.served.Publish(environment_.reaper.Adopt(
      std::move(warm.served), [this, number = plan.version](std::unique_ptr<ServedModel> served) {
        UnloadVersion(std::move(served));
        OnGone(number);
      }));
  {
    base::MutexLock lock(mutex_);
    Version& version = versions_[plan.version];
    version.fingerprint = std::move(fingerprint);
    if (version.state != VersionState::kReady) Enter(version, VersionState::kReady, "");
  }
  base::log::Info("model_loaded", {{"model", name_},
                                   {"version", ref->version},
                                   {"engine", ref->engine},
                                   {"device", device},
                                   {"precision", ref->precision},
                                   {"sha256", ref->sha256},
                                   {"load_ms", Milliseconds(warm.load)},
                                   {"warmup_ms", Milliseconds(warm.warm_up)}});
  return absl::OkStatus();
}

void ModelLifecycle::UnloadAllBut(const std::vector<int64_t>& wanted) {
  std::vector<int64_t> unwanted;
  {
    base::MutexLock lock(mutex_);
    for (auto& [number, version] : versions_) {
      if (version.state != VersionState::kReady) continue;
      if (std::ranges::binary_search(wanted, number)) continue;
      Enter(version, VersionState::kUnloading, "unloading");
      unwanted.push_back(number);
    }
  }
  for (const int64_t number : unwanted) environment_.served.Withdraw(name_, number);
}

void ModelLifecycle::RefuseModel(const absl::Status& status) {
  base::log::Error("model_failed", {{"model", name_},
                                    {"code", absl::StatusCodeToString(status.code())},
                                    {"reason", std::string(status.message())}});
  base::MutexLock lock(mutex_);
  const bool serves = std::ranges::any_of(
      versions_, [](const auto& entry) { return entry.second.state == VersionState::kReady; });
  if (!serves) Enter(versions_[0], VersionState::kUnavailable, std::string(status.message()));
}

void ModelLifecycle::OnFailed(int64_t number, const absl::Status& status) {
  base::log::Error("model_failed", {{"model", name_},
                                    {"version", number},
                                    {"code", absl::StatusCodeToString(status.code())},
                                    {"reason", std::string(status.message())}});
  base::MutexLock lock(mutex_);
  Version& version = versions_[number];
  if (version.state == VersionState::kReady) return;
  Enter(version, VersionState::kUnavailable, std::string(status.message()));
}

void ModelLifecycle::OnGone(int64_t number) {
  {
    base::MutexLock lock(mutex_);
    Version& version = versions_[number];
    if (--version.living > 0) return;
    if (version.state != VersionState::kUnloading) return;
    Enter(version, VersionState::kUnavailable, "unloaded");
  }
  base::log::Info("model_unloaded", {{"model", name_}, {"version", number}});
}

bool ModelLifecycle::IsReady(int64_t number, const std::string& fingerprint) const {
  base::MutexLock lock(mutex_);
  const auto found = versions_.find(number);
  return found != versions_.end() && found->second.state == VersionState::kReady &&
         found->second.fingerprint == fingerprint;
}

bool ModelLifecycle::MustLeave(int64_t number) const {
  const ModelHandle served = environment_.served.Find(name_, number);
  return served != nullptr && !served->device_required && served->pool->abandoned();
}

void ModelLifecycle::Enter(Version& version, VersionState state, std::string reason) {
  ACTIUM_CHECK(MayFollow(version.state, state));
  version.state = state;
  version.reason = std::move(reason);
}

}  // namespace actium::repository
