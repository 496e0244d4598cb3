#include "server/libtorch/deep_stack.h"

#include <pthread.h>

#include <cstddef>

namespace actium::libtorch {
namespace {

void* Enter(void* body) {
  (*static_cast<absl::FunctionRef<void()>*>(body))();
  return nullptr;
}

}  // namespace

absl::Status RunOnDeepStack(absl::FunctionRef<void()> body) {
  // The smaller ones where address space is limited.
  for (const size_t mebibytes : {size_t{16} << 10, size_t{1} << 10, size_t{64}}) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, mebibytes << 20);
    pthread_t thread;
    const int error = pthread_create(&thread, &attributes, &Enter, &body);
    pthread_attr_destroy(&attributes);
    if (error != 0) continue;
    pthread_join(thread, nullptr);
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError("no memory for a thread that loads a model");
}

}  // namespace actium::libtorch
