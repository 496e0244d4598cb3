#include "server/rpc/bounded_workers.h"

#include <utility>

namespace actium::rpc {

BoundedWorkers::BoundedWorkers(size_t threads, size_t capacity) : capacity_(capacity) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

BoundedWorkers::~BoundedWorkers() { Finish(); }

void BoundedWorkers::Add(Task task) {
  base::MutexLock lock(mutex_);
  while (waiting_.size() >= capacity_) changed_.Wait(mutex_);
  waiting_.push_back(std::move(task));
  changed_.NotifyAll();
}

void BoundedWorkers::Finish() {
  {
    base::MutexLock lock(mutex_);
    finishing_ = true;
    changed_.NotifyAll();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void BoundedWorkers::Work() {
  for (;;) {
    Task task;
    {
      base::MutexLock lock(mutex_);
      while (waiting_.empty() && !finishing_) changed_.Wait(mutex_);
      if (waiting_.empty()) return;
      task = std::move(waiting_.front());
      waiting_.pop_front();
      changed_.NotifyAll();
    }
    task();
  }
}

}  // namespace actium::rpc
