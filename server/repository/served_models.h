#ifndef ACTIUM_SERVER_REPOSITORY_SERVED_MODELS_H_
#define ACTIUM_SERVER_REPOSITORY_SERVED_MODELS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "server/base/mutex.h"
#include "server/repository/handle.h"

namespace actium::repository {

/// The versions that are ready: what every request looks up. A look-up copies one pointer under a
/// lock and searches outside of it; a change makes a new table. Thread-safe.
class ServedModels {
 public:
  ServedModels() : table_(std::make_shared<const Table>()) {}

  /// Returns the version, or without number the highest; null if it is not there.
  ModelHandle Find(std::string_view model, std::optional<int64_t> version) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  /// Returns the numbers of a model's versions, ascending.
  std::vector<int64_t> Versions(std::string_view model) const ABSL_LOCKS_EXCLUDED(mutex_);

  /// Adds a version in one step; one with the same number makes place for it.
  void Publish(ModelHandle handle) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Takes a version away, if it is there. Requests that hold it go on.
  void Withdraw(std::string_view model, int64_t version) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using VersionMap = std::map<int64_t, ModelHandle>;
  using Table = std::unordered_map<std::string, VersionMap, Hash, std::equal_to<>>;

  void Install(std::shared_ptr<const Table> table) ABSL_LOCKS_EXCLUDED(mutex_);
  std::shared_ptr<const Table> Snapshot() const ABSL_LOCKS_EXCLUDED(mutex_);

  base::Mutex change_;  // Held by one change at a time; taken before mutex_.
  mutable base::Mutex mutex_;
  std::shared_ptr<const Table> table_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_SERVED_MODELS_H_
