#ifndef ACTIUM_SERVER_REPOSITORY_MODEL_REPOSITORY_H_
#define ACTIUM_SERVER_REPOSITORY_MODEL_REPOSITORY_H_

// (skeleton: the owner of server/repository completes private parts and may improve)

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/batching/device_pool.h"
#include "server/engine/executor.h"
#include "server/repository/handle.h"

namespace actium::repository {

/// State of one version, as RepositoryIndex shows it.
enum class VersionState { kUnknown, kLoading, kReady, kUnloading, kUnavailable };

struct VersionStatus {
  std::string model;
  int64_t version = 0;  ///< 0 for a model that has no version (its folder or configuration is broken).
  VersionState state = VersionState::kUnknown;
  std::string reason;  ///< Why it is not ready; empty if it is.
};

/// All models under a folder <root>/<model>/<version>/model.pt. Thread-safe.
class ModelRepository {
 public:
  struct Options {
    std::vector<std::filesystem::path> roots;
    bool strict_model_config = false;  ///< Refuse models without config.pbtxt.
  };
  /// loader and pool outlive the repository.
  ModelRepository(Options options, engine::ModelLoader& loader, batching::DevicePool& pool);
  /// Unloads everything and waits for it.
  ~ModelRepository();

  /// Loads and warms every model found, several at a time, and waits for it. A model that fails is
  /// logged and in Index(); the others are not affected. Errors: NOT_FOUND if a root is no folder.
  absl::Status LoadAll();

  /// Returns the pinned version (unset: the latest that is ready).
  ///
  /// Errors: NOT_FOUND (no such model, or no such version; names the ready ones), FAILED_PRECONDITION
  /// (it is known but not ready; says why).
  absl::StatusOr<ModelHandle> Find(std::string_view model, std::optional<int64_t> version) const;

  /// Returns all known versions in order of name and version.
  std::vector<VersionStatus> Index() const;

  /// True once LoadAll() has ended.
  bool started() const;
};

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_MODEL_REPOSITORY_H_
