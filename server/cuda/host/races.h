#ifndef ACTIUM_SERVER_CUDA_HOST_RACES_H_
#define ACTIUM_SERVER_CUDA_HOST_RACES_H_

// Internal to server/cuda/host.

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ACTIUM_TSAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define ACTIUM_TSAN 1
#endif
#if defined(ACTIUM_TSAN)
#include <sanitizer/tsan_interface.h>

// TSan's, though in none of its headers.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" void __tsan_ignore_thread_begin();
extern "C" void __tsan_ignore_thread_end();
extern "C" void __tsan_read_range(void* data, unsigned long bytes);
// NOLINTEND(bugprone-reserved-identifier)
#endif

/// What TSan is told of lanes: each is a thread of its own, and only what CUDA says orders two of
/// them. So it finds a race wherever a barrier is missing, however lanes happen to take turns.
/// Without TSan all of this does nothing.
namespace actium::cuda::host {

#if defined(ACTIUM_TSAN)

inline constexpr bool kFindsRaces = true;

/// What was done so far comes before what follows each later Acquire() of the same token. token: 8
/// bytes that nothing else lies in, on a multiple of 8.
inline void Release(void* token) { __tsan_release(token); }
inline void Acquire(void* token) { __tsan_acquire(token); }

/// A lane reads memory, though the stand-in does it later.
inline void SeeRead(const void* data, size_t bytes) {
  __tsan_read_range(const_cast<void*>(data), bytes);  // It writes nothing.
}

/// While it lives, what the stand-in does to keep its books is not taken for the lane's work.
class Unseen {
 public:
  Unseen() { __tsan_ignore_thread_begin(); }
  ~Unseen() { __tsan_ignore_thread_end(); }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
};

#else

inline constexpr bool kFindsRaces = false;

inline void Release(void*) {}
inline void Acquire(void*) {}
inline void SeeRead(const void*, size_t) {}
class [[maybe_unused]] Unseen {};

#endif

}  // namespace actium::cuda::host

#endif  // ACTIUM_SERVER_CUDA_HOST_RACES_H_
