#include "server/cuda/work_stream.h"

#include <utility>

namespace actium::cuda {

WorkStream::WorkStream() : thread_([this] { Work(); }) {}

WorkStream::~WorkStream() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

void WorkStream::Start(Slot& slot, int rows, Done done) {
  absl::Status started = slot.Start(rows);
  {
    base::MutexLock lock(mutex_);
    running_.push_back({&slot, std::move(started), std::move(done)});
  }
  changed_.NotifyOne();
}

void WorkStream::Work() {
  while (true) {
    mutex_.Lock();
    while (running_.empty() && !stopping_) changed_.Wait(mutex_);
    if (running_.empty()) {
      mutex_.Unlock();
      return;
    }
    Running next = std::move(running_.front());
    running_.pop_front();
    mutex_.Unlock();
    if (next.started.ok()) {
      next.done(next.slot->Wait());
    } else {
      next.done(std::move(next.started));
    }
  }
}

}  // namespace actium::cuda
