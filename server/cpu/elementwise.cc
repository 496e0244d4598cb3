#include "server/cpu/elementwise.h"

#include <cstdlib>

#include "server/kernels/instruction_set.h"

// The loops below are plain C++ that the compiler makes vector code of, compiled three times. This
// file is built with -O3: at -O2 gcc 12 leaves loops of any length alone.
#define ACTIUM_ALWAYS_INLINE __attribute__((always_inline)) inline

namespace actium::cpu {
namespace {

using graph::ArithmeticKind;
using kernels::InstructionSet;

struct Add {
  float operator()(float a, float b) const { return a + b; }
};
struct Subtract {
  float operator()(float a, float b) const { return a - b; }
};
struct Multiply {
  float operator()(float a, float b) const { return a * b; }
};
struct Divide {
  float operator()(float a, float b) const { return a / b; }
};
struct Prelu {
  float operator()(float x, float slope) const { return x < 0.0f ? slope * x : x; }
};

template <class Op>
ACTIUM_ALWAYS_INLINE void Loop(const float* left, const float* right, float* out, size_t count) {
  // `out` may be an operand: then each number is read before it is written, in vectors as well.
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#else
#pragma GCC ivdep
#endif
  for (size_t i = 0; i < count; ++i) out[i] = Op()(left[i], right[i]);
}

template <class Op>
__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl"))) void Avx512Loop(const float* left,
                                                                              const float* right,
                                                                              float* out,
                                                                              size_t count) {
  Loop<Op>(left, right, out, count);
}

template <class Op>
__attribute__((target("avx2"))) void Avx2Loop(const float* left, const float* right, float* out,
                                              size_t count) {
  Loop<Op>(left, right, out, count);
}

template <class Op>
void BaselineLoop(const float* left, const float* right, float* out, size_t count) {
  Loop<Op>(left, right, out, count);
}

template <class Op>
BinaryLoop Find() {
  switch (kernels::BestInstructionSet()) {
    case InstructionSet::kAvx512:
      return Avx512Loop<Op>;
    case InstructionSet::kAvx2:
      return Avx2Loop<Op>;
    case InstructionSet::kSse4:
    case InstructionSet::kBaseline:
      break;
  }
  return BaselineLoop<Op>;
}

}  // namespace

BinaryLoop FindArithmetic(ArithmeticKind kind) {
  switch (kind) {
    case ArithmeticKind::kAdd:
      return Find<Add>();
    case ArithmeticKind::kSubtract:
      return Find<Subtract>();
    case ArithmeticKind::kMultiply:
      return Find<Multiply>();
    case ArithmeticKind::kDivide:
      return Find<Divide>();
  }
  std::abort();  // Not an ArithmeticKind.
}

BinaryLoop FindPreluLoop() { return Find<Prelu>(); }

}  // namespace actium::cpu
