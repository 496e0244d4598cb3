#include "server/libtorch/threads.h"

#include <utility>

#include "ATen/Parallel.h"

namespace actium::libtorch {

void UseThreads(int count) {
  thread_local int current = 0;
  if (std::exchange(current, count) != count) at::set_num_threads(count);
}

}  // namespace actium::libtorch
