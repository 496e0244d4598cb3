#ifndef ACTIUM_SERVER_REPOSITORY_REAPER_H_
#define ACTIUM_SERVER_REPOSITORY_REAPER_H_

#include <deque>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "server/base/mutex.h"
#include "server/repository/handle.h"

namespace actium::repository {

/// Tears versions down on a thread of its own once nobody holds a handle of them, so that whoever
/// drops the last one, often a request, does not wait for it. Thread-safe.
class Reaper {
 public:
  /// Runs on the reaper's thread and destroys the version.
  using TearDown = absl::AnyInvocable<void(std::unique_ptr<ServedModel>)>;

  Reaper();
  /// Waits until all that was adopted is gone: until everybody has dropped their handles.
  ~Reaper();
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

  /// Returns a handle; when its last copy is destroyed, tear_down is queued for the thread.
  ModelHandle Adopt(std::unique_ptr<ServedModel> served, TearDown tear_down)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Adopted {
    std::unique_ptr<ServedModel> served;
    TearDown tear_down;
  };

  void Bury(std::unique_ptr<Adopted> adopted) ABSL_LOCKS_EXCLUDED(mutex_);
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);

  base::Mutex mutex_;
  base::CondVar changed_;
  std::deque<std::unique_ptr<Adopted>> dropped_ ABSL_GUARDED_BY(mutex_);
  int living_ ABSL_GUARDED_BY(mutex_) = 0;  // Adopted and not yet torn down.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_REAPER_H_
