#include "server/cuda/host/stream.h"

#include <utility>

#include "server/cuda/host/call.h"

namespace actium::cuda::host {

Stream::Stream(bool blocking) : blocking_(blocking), thread_([this] { WorkOff(); }) {}

Stream::~Stream() { Close(); }

void Stream::Close() {
  {
    base::MutexLock lock(mutex_);
    if (closed_) return;
    closed_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

int64_t Stream::Enqueue(Operation operation) {
  base::MutexLock lock(mutex_);
  queue_.push_back(std::move(operation));
  changed_.NotifyAll();
  return ++enqueued_;
}

int64_t Stream::LastTicket() const {
  base::MutexLock lock(mutex_);
  return enqueued_;
}

bool Stream::IsDone(int64_t ticket) const {
  base::MutexLock lock(mutex_);
  return done_ >= ticket;
}

void Stream::WaitFor(int64_t ticket) {
  base::MutexLock lock(mutex_);
  while (done_ < ticket) changed_.Wait(mutex_);
}

cudaError_t Stream::TakeError() {
  base::MutexLock lock(mutex_);
  return std::exchange(error_, cudaSuccess);
}

void Stream::WorkOff() {
  for (;;) {
    Operation operation;
    {
      base::MutexLock lock(mutex_);
      while (queue_.empty() && !closed_) changed_.Wait(mutex_);
      if (queue_.empty()) return;
      operation = std::move(queue_.front());
      queue_.pop_front();
    }
    const cudaError_t error = Broken() == cudaSuccess ? operation() : cudaSuccess;
    operation = nullptr;  // What it holds goes before anybody hears that it is done.
    base::MutexLock lock(mutex_);
    if (error_ == cudaSuccess) error_ = error;
    ++done_;
    changed_.NotifyAll();
  }
}

}  // namespace actium::cuda::host
