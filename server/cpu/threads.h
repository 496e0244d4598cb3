#ifndef ACTIUM_SERVER_CPU_THREADS_H_
#define ACTIUM_SERVER_CPU_THREADS_H_

// Internal to server/cpu.

namespace actium::cpu {

/// Sets how many threads oneDNN uses for what this thread makes and runs from now on; OpenMP keeps
/// the number per thread, and one thread may serve several models and LibTorch as well.
///
/// count: >= 1.
void UseThreads(int count);

}  // namespace actium::cpu

#endif  // ACTIUM_SERVER_CPU_THREADS_H_
