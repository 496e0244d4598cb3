#include "server/cpu/threads.h"

// As in gcc's omp.h, which clang lacks.
extern "C" void omp_set_num_threads(int count);

namespace actium::cpu {

void UseThreads(int count) { omp_set_num_threads(count); }

}  // namespace actium::cpu
