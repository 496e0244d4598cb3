#ifndef ACTIUM_SERVER_LIBTORCH_THREADS_H_
#define ACTIUM_SERVER_LIBTORCH_THREADS_H_

// Internal to server/libtorch.

namespace actium::libtorch {

/// Sets how many threads LibTorch's operators use that this thread runs; LibTorch keeps the number
/// per thread. Cheap if nothing changes.
///
/// count: >= 1.
void UseThreads(int count);

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_THREADS_H_
