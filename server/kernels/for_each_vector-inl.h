// How every kernel walks over its numbers, for the instruction set that Highway compiles at the
// moment. Included as floats-inl.h is.
#if defined(ACTIUM_SERVER_KERNELS_FOR_EACH_VECTOR_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ACTIUM_SERVER_KERNELS_FOR_EACH_VECTOR_INL_H_
#undef ACTIUM_SERVER_KERNELS_FOR_EACH_VECTOR_INL_H_
#else
#define ACTIUM_SERVER_KERNELS_FOR_EACH_VECTOR_INL_H_
#endif

#include "server/kernels/floats-inl.h"

HWY_BEFORE_NAMESPACE();
namespace actium::kernels::HWY_NAMESPACE {

/// Reads the vector that begins at a place of a range.
struct LoadAt {
  size_t place;

  HWY_INLINE Floats operator()(const float* range) const { return Floats::Load(range + place); }
};

/// Reads a range that is shorter than a vector.
struct LoadFew {
  size_t count;

  HWY_INLINE Floats operator()(const float* range) const {
    HWY_ALIGN float few[kWidth] = {};
    for (size_t i = 0; i < count; ++i) few[i] = range[i];
    return Floats::Load(few);
  }
};

/// Writes f(load) to each place of `out`, a vector at a time; `load` reads the same place of any
/// range of `count` floats. The ranges are `out` or do not overlap it.
template <class Function>
HWY_INLINE void ForEachVector(float* out, size_t count, const Function& f) {
  if (count < kWidth) {
    HWY_ALIGN float few[kWidth];
    f(LoadFew{count}).Store(few);
    for (size_t i = 0; i < count; ++i) out[i] = few[i];
    return;
  }
  // The last vector ends where the range ends and overlaps the one before. It is read before
  // anything is written: in place, the loop would change what they share.
  const size_t last = count - kWidth;
  const Floats end = f(LoadAt{last});
  for (size_t i = 0; i < last; i += kWidth) f(LoadAt{i}).Store(out + i);
  end.Store(out + last);
}

}  // namespace actium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // ACTIUM_SERVER_KERNELS_FOR_EACH_VECTOR_INL_H_
