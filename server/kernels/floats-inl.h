// A vector of float32 with the operations that server/activation/formulas-inl.h asks of its value
// type, for the instruction set that Highway compiles at the moment.
//
// Included once for each instruction set, after hwy/highway.h; Highway flips HWY_TARGET_TOGGLE
// between them.
#if defined(ACTIUM_SERVER_KERNELS_FLOATS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ACTIUM_SERVER_KERNELS_FLOATS_INL_H_
#undef ACTIUM_SERVER_KERNELS_FLOATS_INL_H_
#else
#define ACTIUM_SERVER_KERNELS_FLOATS_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace actium::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::ScalableTag<float>;
using Bits = hn::RebindToUnsigned<Tag>;
using Mask = hn::Mask<Tag>;

/// Floats in one vector.
inline constexpr size_t kWidth = HWY_LANES(float);

/// The value type. As a class and not Highway's vector itself, because the formulas construct it
/// from numbers: V(2.0).
struct Floats {
  hn::Vec<Tag> raw;

  HWY_INLINE explicit Floats(hn::Vec<Tag> vector) : raw(vector) {}
  HWY_INLINE explicit Floats(float x) : raw(hn::Set(Tag(), x)) {}
  /// Rounds to float32.
  HWY_INLINE explicit Floats(double x) : Floats(static_cast<float>(x)) {}

  static HWY_INLINE Floats Load(const float* from) { return Floats(hn::LoadU(Tag(), from)); }
  HWY_INLINE void Store(float* to) const { hn::StoreU(raw, Tag(), to); }
};

HWY_INLINE Floats operator+(Floats a, Floats b) { return Floats(hn::Add(a.raw, b.raw)); }
HWY_INLINE Floats operator-(Floats a, Floats b) { return Floats(hn::Sub(a.raw, b.raw)); }
HWY_INLINE Floats operator*(Floats a, Floats b) { return Floats(hn::Mul(a.raw, b.raw)); }
HWY_INLINE Floats operator/(Floats a, Floats b) { return Floats(hn::Div(a.raw, b.raw)); }
HWY_INLINE Floats operator-(Floats a) { return Floats(hn::Neg(a.raw)); }
HWY_INLINE Mask operator<(Floats a, Floats b) { return hn::Lt(a.raw, b.raw); }
HWY_INLINE Mask operator>(Floats a, Floats b) { return hn::Gt(a.raw, b.raw); }

HWY_INLINE Floats Select(Mask mask, Floats a, Floats b) {
  return Floats(hn::IfThenElse(mask, a.raw, b.raw));
}
HWY_INLINE Floats Abs(Floats a) { return Floats(hn::Abs(a.raw)); }

// x86's own instructions return their second operand when either is NaN, which is what the formulas
// ask for. Highway's emulation returns the number.
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
HWY_INLINE Floats Min(Floats a, Floats b) { return Select(a < b, a, b); }
HWY_INLINE Floats Max(Floats a, Floats b) { return Select(a > b, a, b); }
#else
HWY_INLINE Floats Min(Floats a, Floats b) { return Floats(hn::Min(a.raw, b.raw)); }
HWY_INLINE Floats Max(Floats a, Floats b) { return Floats(hn::Max(a.raw, b.raw)); }
#endif

/// a * b + c, a * b - c and c - a * b; rounded once where the instruction set has FMA.
HWY_INLINE Floats MulAdd(Floats a, Floats b, Floats c) {
  return Floats(hn::MulAdd(a.raw, b.raw, c.raw));
}
HWY_INLINE Floats MulSub(Floats a, Floats b, Floats c) {
  return Floats(hn::MulSub(a.raw, b.raw, c.raw));
}
HWY_INLINE Floats NegMulAdd(Floats a, Floats b, Floats c) {
  return Floats(hn::NegMulAdd(a.raw, b.raw, c.raw));
}

/// The float whose bits are those of x, shifted left by a float's 23 bits of fraction.
HWY_INLINE Floats FractionToExponent(Floats x) {
  return Floats(hn::BitCast(Tag(), hn::ShiftLeft<23>(hn::BitCast(Bits(), x.raw))));
}

}  // namespace actium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // ACTIUM_SERVER_KERNELS_FLOATS_INL_H_
