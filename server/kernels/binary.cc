// Compiled once for each instruction set, by the rules of activation.cc.

#include "server/kernels/binary.h"

#include <cstdlib>

#include "server/kernels/highway_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "server/kernels/binary.cc"
#include <hwy/foreach_target.h>
// Chooses the instruction set, so it comes first.
#include <hwy/highway.h>

#include "server/kernels/floats-inl.h"
#include "server/kernels/for_each_vector-inl.h"
#include "server/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace actium::kernels::HWY_NAMESPACE {

#define ACTIUM_FN HWY_INLINE
#include "server/activation/formulas-inl.h"
#undef ACTIUM_FN

struct Add {
  HWY_INLINE Floats operator()(Floats a, Floats b) const { return a + b; }
};
struct Subtract {
  HWY_INLINE Floats operator()(Floats a, Floats b) const { return a - b; }
};
struct Multiply {
  HWY_INLINE Floats operator()(Floats a, Floats b) const { return a * b; }
};
struct Divide {
  HWY_INLINE Floats operator()(Floats a, Floats b) const { return a / b; }
};
struct PreluOfSlope {
  HWY_INLINE Floats operator()(Floats x, Floats slope) const { return Prelu<Floats>{slope}(x); }
};

template <class Op>
struct OfBoth {
  const float* left;
  const float* right;

  template <class Load>
  HWY_INLINE Floats operator()(const Load& load) const {
    return Op()(load(left), load(right));
  }
};

template <class Op>
void ApplyBinary(const float* left, const float* right, float* out, size_t count) {
  ForEachVector(out, count, OfBoth<Op>{left, right});
}

BinaryKernel FindBinary(Binary op) {
  switch (op) {
    case Binary::kAdd:
      return &ApplyBinary<Add>;
    case Binary::kSubtract:
      return &ApplyBinary<Subtract>;
    case Binary::kMultiply:
      return &ApplyBinary<Multiply>;
    case Binary::kDivide:
      return &ApplyBinary<Divide>;
    case Binary::kPrelu:
      return &ApplyBinary<PreluOfSlope>;
  }
  std::abort();  // Not a Binary.
}

}  // namespace actium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace actium::kernels {

HWY_EXPORT(FindBinary);

BinaryKernel FindBinary(Binary op, InstructionSet set) {
  return HWY_DISPATCH_TABLE(FindBinary)[HighwayIndex(set)](op);
}

}  // namespace actium::kernels
#endif  // HWY_ONCE
