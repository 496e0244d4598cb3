#ifndef ACTIUM_SERVER_REPOSITORY_MODEL_REPOSITORY_H_
#define ACTIUM_SERVER_REPOSITORY_MODEL_REPOSITORY_H_

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/mutex.h"
#include "server/batching/device_pools.h"
#include "server/engine/executor.h"
#include "server/repository/handle.h"
#include "server/repository/lifecycle.h"
#include "server/repository/reaper.h"
#include "server/repository/served_models.h"
#include "server/repository/version_state.h"

namespace actium::repository {

/// All models under a folder <root>/<model>/<version>/model.pt. Thread-safe.
class ModelRepository {
 public:
  struct Options {
    std::vector<std::filesystem::path> roots;
    bool strict_model_config = false;  ///< Refuse models without config.pbtxt.
    /// What runs models whose configuration leaves it open; a GPU's number is also that of models
    /// that ask for any GPU. pools has it.
    engine::Device device{};
  };

  /// loader, which gives models for devices of pools only, and pools outlive the repository.
  ModelRepository(Options options, engine::ModelLoader& loader, batching::DevicePools& pools);

  /// Unloads everything and waits for it: all handles must be dropped sooner or later.
  ~ModelRepository();

  ModelRepository(const ModelRepository&) = delete;
  ModelRepository& operator=(const ModelRepository&) = delete;

  /// Loads and warms every model found, as many at a time as the CPU's pool has workers, and waits
  /// for it, or until StopLoading(). A model that fails is logged and in Index(); the others are
  /// not affected.
  ///
  /// Errors: NOT_FOUND if a root is no folder; then nothing was loaded.
  absl::Status LoadAll() ABSL_LOCKS_EXCLUDED(mutex_);

  /// Has every version leave the devices that are abandoned (DevicePool::abandoned()) if its
  /// configuration lets it run elsewhere: it is loaded there, warmed, published, and only then
  /// unloaded from where it was. As many models at a time as in LoadAll(), beside which it may run:
  /// what that loads meanwhile leaves too. Waits for it, or until StopLoading(); unloaded versions
  /// may take longer. A version that cannot be loaded is logged, "model_failed", and stays.
  void LeaveAbandonedDevices() ABSL_LOCKS_EXCLUDED(mutex_);

  /// Lets the two above begin no further model, so that a server can stop while it loads. Those
  /// that are being loaded are finished.
  void StopLoading() { stop_loading_.store(true); }

  /// Returns the pinned version (unset: the latest that is ready). Cheap enough for every request.
  ///
  /// Errors: NOT_FOUND (no such model, or no such version; names the ready ones), UNAVAILABLE (it
  /// is being loaded or will be, or what there is is not known yet), FAILED_PRECONDITION (it is
  /// known but not ready, and will not be by itself; says why).
  absl::StatusOr<ModelHandle> Find(std::string_view model, std::optional<int64_t> version) const;

  /// Returns all known versions in order of name and version.
  std::vector<VersionStatus> Index() const ABSL_LOCKS_EXCLUDED(mutex_);

  /// True once LoadAll() has ended.
  bool started() const { return started_.load(std::memory_order_acquire); }

 private:
  std::vector<ModelLifecycle*> Lifecycles() const ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status WhyNotReady(std::string_view model, std::optional<int64_t> version) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  const Options options_;
  engine::ModelLoader& loader_;
  batching::DevicePools& pools_;
  std::atomic<bool> started_ = false;
  std::atomic<bool> stop_loading_ = false;
  ServedModels served_;

  mutable base::Mutex mutex_;
  std::map<std::string, std::unique_ptr<ModelLifecycle>, std::less<>> lifecycles_
      ABSL_GUARDED_BY(mutex_);
  bool scanned_ ABSL_GUARDED_BY(mutex_) = false;  // Whether lifecycles_ has all models.

  Reaper reaper_;  // Last: it reports to the lifecycles until it ends.
};

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_MODEL_REPOSITORY_H_
