#ifndef ACTIUM_SERVER_LIBTORCH_DEEP_STACK_H_
#define ACTIUM_SERVER_LIBTORCH_DEEP_STACK_H_

// Internal to server/libtorch.

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace actium::libtorch {

/// Runs body on a thread of its own with a stack of 16 GiB, of which only what is used costs
/// memory, and waits for it. LibTorch parses, compiles and destroys by recursion without a limit:
/// on an ordinary stack a file of nested brackets ends the process.
///
/// body: must not throw. Errors: RESOURCE_EXHAUSTED if there is no address space for even 64 MiB;
/// then body did not run.
absl::Status RunOnDeepStack(absl::FunctionRef<void()> body);

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_DEEP_STACK_H_
