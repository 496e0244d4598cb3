#ifndef ACTIUM_SERVER_REPOSITORY_LIFECYCLE_H_
#define ACTIUM_SERVER_REPOSITORY_LIFECYCLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "server/base/mutex.h"
#include "server/repository/layout.h"
#include "server/repository/load_version.h"
#include "server/repository/model_source.h"
#include "server/repository/reaper.h"
#include "server/repository/served_models.h"
#include "server/repository/version_state.h"

namespace actium::repository {

/// Brings one model's versions to what is wanted: load, warm, publish, and only then unload what is
/// no longer wanted. What is wanted can be said anew at any time; the work itself is serial.
///
/// While a wanted version fails to load, everything that serves goes on serving. Thread-safe.
class ModelLifecycle {
 public:
  /// What a lifecycle works with; all of it outlives the lifecycle, except that the reaper goes
  /// first.
  struct Environment {
    LoadEnvironment load;
    ServedModels& served;
    Reaper& reaper;
    bool require_config = false;  ///< As ModelSource::Read().
  };

  ModelLifecycle(std::string name, Environment environment);
  ModelLifecycle(const ModelLifecycle&) = delete;
  ModelLifecycle& operator=(const ModelLifecycle&) = delete;

  /// Says what shall be served from now on: what the folder's policy asks for; nothing: no version.
  /// Does not wait.
  void SetDesired(std::optional<ModelFolder> folder) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Does, on the calling thread, what the last SetDesired() needs, also if that comes meanwhile.
  /// Callers wait for one another. Logs each version that was loaded, failed or was unloaded.
  ///
  /// Returns OK if all that is wanted is ready, otherwise the first error; unloaded versions may
  /// still be answering requests.
  absl::Status Reconcile() ABSL_LOCKS_EXCLUDED(turn_, mutex_);

  /// Does again what the last SetDesired() needs if a version is on an abandoned device and may run
  /// elsewhere: it is loaded from the files as they are now, and serves until that is ready. If the
  /// load fails, it stays. Waits as Reconcile() does.
  ///
  /// Returns OK if nothing had to leave, otherwise as Reconcile().
  absl::Status LeaveAbandonedDevices() ABSL_LOCKS_EXCLUDED(turn_, mutex_);

  /// Returns the states of all known versions, ascending; never empty.
  std::vector<VersionStatus> Statuses() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Version {
    VersionState state = VersionState::kUnknown;
    std::string reason;
    std::string fingerprint;  // Of what is ready: file and configuration.
    int living = 0;           // Loads of this number that are not yet torn down.
  };

  absl::Status ReconcileInTurn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_) ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Apply(const std::optional<ModelFolder>& desired)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  absl::Status ApplySource(const ModelSource& source) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  absl::Status Load(const ModelSource& source, int64_t number) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  absl::Status LoadPlanned(const VersionPlan& plan) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  void UnloadAllBut(const std::vector<int64_t>& wanted) ABSL_EXCLUSIVE_LOCKS_REQUIRED(turn_);
  void RefuseModel(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnFailed(int64_t number, const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);
  void OnGone(int64_t number) ABSL_LOCKS_EXCLUDED(mutex_);
  bool IsReady(int64_t number, const std::string& fingerprint) const ABSL_LOCKS_EXCLUDED(mutex_);
  bool MustLeave(int64_t number) const;
  void Enter(Version& version, VersionState state, std::string reason)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string name_;
  const Environment environment_;

  base::Mutex turn_;  // Held by the one who works; taken before mutex_.
  mutable base::Mutex mutex_;
  std::optional<ModelFolder> desired_ ABSL_GUARDED_BY(mutex_);
  uint64_t generation_ ABSL_GUARDED_BY(mutex_) = 0;  // Of desired_.
  uint64_t reached_ ABSL_GUARDED_BY(mutex_) = 0;     // The last generation that was applied.
  absl::Status outcome_ ABSL_GUARDED_BY(mutex_);     // Of that.
  // 0 stands for the model while its folder or configuration is broken.
  std::map<int64_t, Version> versions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_LIFECYCLE_H_
