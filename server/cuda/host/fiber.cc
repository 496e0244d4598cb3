#include "server/cuda/host/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "server/cuda/host/races.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ACTIUM_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ACTIUM_ASAN 1
#endif
#if defined(ACTIUM_ASAN)
#include <sanitizer/common_interface_defs.h>
#endif

#if !defined(__x86_64__)
#error "the switch below is for x86-64"
#endif

// Leaves the registers that a callee must preserve on the stack, and the stack's address in *from;
// goes on at the address `to`, which was left so, with `data` as the result there, or as the
// argument of a function that is entered.
//
// Not Boost.Context's: that saves the control words of floating point too, and takes 13.7 ns where
// this takes 2.9 (32 stacks in turn, AMD EPYC). Kernels do not change the rounding mode.
extern "C" void* ActiumSwitchStack(void** from, void* to, void* data);
asm(R"(
  .text
  .hidden ActiumSwitchStack
  .globl ActiumSwitchStack
  .type ActiumSwitchStack, @function
ActiumSwitchStack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  movq %rdx, %rax
  movq %rdx, %rdi
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .size ActiumSwitchStack, .-ActiumSwitchStack
)");

namespace actium::cuda::host {
namespace {

#if defined(ACTIUM_ASAN) || defined(ACTIUM_TSAN)
constexpr size_t kStackBytes = size_t{256} << 10;
#else
constexpr size_t kStackBytes = size_t{64} << 10;
#endif

constexpr size_t kSavedRegisters = 6;

size_t PageBytes() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

// Without these two, ASan takes a fiber's stack for memory of unknown origin, and its work at calls
// that do not return (abort, throw) for an overflow.
void TellLeaving([[maybe_unused]] void** fake_stack, [[maybe_unused]] const void* bottom,
                 [[maybe_unused]] size_t bytes) {
#if defined(ACTIUM_ASAN)
  __sanitizer_start_switch_fiber(fake_stack, bottom, bytes);
#endif
}
void TellArrived([[maybe_unused]] void* fake_stack, [[maybe_unused]] const void** old_bottom,
                 [[maybe_unused]] size_t* old_bytes) {
#if defined(ACTIUM_ASAN)
  __sanitizer_finish_switch_fiber(fake_stack, old_bottom, old_bytes);
#endif
}

void* CurrentIdentity() {
#if defined(ACTIUM_TSAN)
  return __tsan_get_current_fiber();
#else
  return nullptr;
#endif
}
void* NewIdentity() {
#if defined(ACTIUM_TSAN)
  return __tsan_create_fiber(0);
#else
  return nullptr;
#endif
}
void DeleteIdentity([[maybe_unused]] void* identity) {
#if defined(ACTIUM_TSAN)
  __tsan_destroy_fiber(identity);
#endif
}
void TakeIdentity([[maybe_unused]] void* identity) {
#if defined(ACTIUM_TSAN)
  __tsan_switch_to_fiber(identity, __tsan_switch_to_fiber_no_sync);
#endif
}

}  // namespace

Fiber::Fiber() : identity_(CurrentIdentity()) {}

Fiber::Fiber(void (*entry)(), size_t number) : entry_(entry), identity_(NewIdentity()) {
  const size_t guard = PageBytes();
  void* const memory = mmap(nullptr, guard + kStackBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory, guard, PROT_NONE) != 0) {
    std::fputs("CUDA stand-in: no memory for a lane's stack\n", stderr);
    std::abort();
  }
  memory_ = memory;
  bottom_ = static_cast<char*>(memory) + guard;
  bytes_ = kStackBytes;
  // Stacks begin at pages, and what lies at the same place of many pages does not fit into the
  // nearest cache together.
  const size_t shift = number % 32 * 128;
  // Entered by the switch's `ret`: the address of the function, at a multiple of 16, above it the
  // return address that a call would have left.
  void** const top =
      reinterpret_cast<void**>(static_cast<char*>(memory) + guard + kStackBytes - shift);
  top[-2] = reinterpret_cast<void*>(&Fiber::Enter);
  context_ = &top[-2] - kSavedRegisters;
}

Fiber::~Fiber() {
  if (memory_ == nullptr) return;
  munmap(memory_, PageBytes() + kStackBytes);
  DeleteIdentity(identity_);
}

void Fiber::Enter(Fiber* from) {
  TellArrived(nullptr, &from->bottom_, &from->bytes_);
  from->to_->entry_();
}

// What it does to the two is no access of a lane's.
__attribute__((no_sanitize("thread"))) void Fiber::Switch(Fiber& from, Fiber& to) {
  from.to_ = &to;
  TellLeaving(&from.fake_stack_, to.bottom_, to.bytes_);
  TakeIdentity(to.identity_);
  auto* const last = static_cast<Fiber*>(ActiumSwitchStack(&from.context_, to.context_, &from));
  TellArrived(from.fake_stack_, &last->bottom_, &last->bytes_);
}

}  // namespace actium::cuda::host
