#ifndef ACTIUM_SERVER_RPC_BOUNDED_WORKERS_H_
#define ACTIUM_SERVER_RPC_BOUNDED_WORKERS_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "server/base/mutex.h"

namespace actium::rpc {

/// A few threads that run tasks in the order in which they come. Thread-safe, but for the end.
class BoundedWorkers {
 public:
  using Task = std::function<void()>;

  /// threads, capacity: >= 1. capacity: of the tasks that wait for a thread.
  BoundedWorkers(size_t threads, size_t capacity);
  /// Finishes first.
  ~BoundedWorkers();

  /// Adds a task; waits while as many wait as may. Not after Finish().
  void Add(Task task) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Runs what waits, then ends the threads.
  void Finish() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Work() ABSL_LOCKS_EXCLUDED(mutex_);

  const size_t capacity_;
  base::Mutex mutex_;
  base::CondVar changed_;
  std::deque<Task> waiting_ ABSL_GUARDED_BY(mutex_);
  bool finishing_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_BOUNDED_WORKERS_H_
