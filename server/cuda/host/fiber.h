#ifndef ACTIUM_SERVER_CUDA_HOST_FIBER_H_
#define ACTIUM_SERVER_CUDA_HOST_FIBER_H_

// Internal to server/cuda/host.

#include <cstddef>

namespace actium::cuda::host {

/// A stack and where execution stands on it, known to ASan and TSan. A switch takes a few
/// nanoseconds and no system call.
///
/// Not thread-safe: one thread at a time may switch among fibers, though not always the same.
class Fiber {
 public:
  /// The stack that the calling thread is on, to be switched from.
  Fiber();

  /// A new stack with an unreadable page below it. The first switch to it calls entry, which must
  /// never return. number: of this fiber among those that run in turn.
  Fiber(void (*entry)(), size_t number);

  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Goes on where `to` stands; returns when another fiber switches to `from`, which must be the
  /// one that runs. To TSan a switch orders nothing.
  static void Switch(Fiber& from, Fiber& to);

 private:
  static void Enter(Fiber* from);

  void* context_ = nullptr;  // Where it stands, while it does not run.
  void (*entry_)() = nullptr;
  Fiber* to_ = nullptr;     // That it switched to last.
  void* memory_ = nullptr;  // Null: the stack is not ours.
  const void* bottom_ = nullptr;
  size_t bytes_ = 0;
  void* fake_stack_ = nullptr;  // ASan's.
  void* identity_ = nullptr;    // TSan's.
};

}  // namespace actium::cuda::host

#endif  // ACTIUM_SERVER_CUDA_HOST_FIBER_H_
