// The loops, compiled once for each instruction set: Highway includes this file again for each.
//
// Between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE nothing of the standard library is called
// that may become a function: the linker keeps one copy of a template's for all instruction sets.

#include "server/kernels/activation.h"

#include <cstdlib>

#include "server/base/status_macros.h"
#include "server/kernels/highway_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "server/kernels/activation.cc"
#include <hwy/foreach_target.h>
// Chooses the instruction set, so it comes first.
#include <hwy/highway.h>

#include "server/kernels/floats-inl.h"
#include "server/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace actium::kernels::HWY_NAMESPACE {

#define ACTIUM_FN HWY_INLINE
#include "server/activation/formulas-inl.h"
#undef ACTIUM_FN

using activation::Activation;

// Writes f(the floats at i, i) to each place, a vector at a time.
template <class Function>
HWY_INLINE void ForEachVector(const float* in, float* out, size_t count, const Function& f) {
  if (count < kWidth) {
    HWY_ALIGN float few[kWidth] = {};
    for (size_t i = 0; i < count; ++i) few[i] = in[i];
    f(Floats::Load(few), 0).Store(few);
    for (size_t i = 0; i < count; ++i) out[i] = few[i];
    return;
  }
  // The last vector ends where the range ends and overlaps the one before. It is read before
  // anything is written: in place, the loop would change what they share.
  const size_t last = count - kWidth;
  const Floats end = f(Floats::Load(in + last), last);
  for (size_t i = 0; i < last; i += kWidth) f(Floats::Load(in + i), i).Store(out + i);
  end.Store(out + last);
}

// The same formula at every place.
template <class Formula>
struct Everywhere {
  Formula formula;

  HWY_INLINE Floats operator()(Floats x, size_t) const { return formula(x); }
};

// An ActivationKernel::Function: the formula with the parameters at these places.
template <class Formula, size_t... kPlaces>
void Apply([[maybe_unused]] const float* parameters, const float* in, float* out, size_t count) {
  ForEachVector(in, out, count, Everywhere<Formula>{Formula{parameters[kPlaces]...}});
}

struct Relu6 {
  HWY_INLINE Floats operator()(Floats x) const { return Hardtanh<float>{0.0f, 6.0f}(x); }
};

using Function = decltype(&Apply<Relu6>);

Function Find(Activation id) {
  switch (id) {
    case Activation::kIdentity:
      return &Apply<Identity>;
    case Activation::kSigmoid:
      return &Apply<Sigmoid>;
    case Activation::kTanh:
      return &Apply<Tanh>;
    case Activation::kRelu:
      return &Apply<Relu>;
    case Activation::kLeakyRelu:
      return &Apply<LeakyRelu<float>, 0>;
    case Activation::kPrelu:
      return &Apply<Prelu<float>, 0>;
    case Activation::kSwish:
      return &Apply<Swish<float>, 0>;
    case Activation::kMish:
      return &Apply<Mish>;
    case Activation::kGelu:
      return &Apply<Gelu>;
    case Activation::kGeluTanh:
      return &Apply<GeluTanh>;
    case Activation::kElu:
      return &Apply<Elu<float>, 0>;
    case Activation::kSelu:
      return &Apply<Selu>;
    case Activation::kCelu:
      return &Apply<Celu<float>, 0>;
    case Activation::kHardswish:
      return &Apply<Hardswish>;
    case Activation::kHardsigmoid:
      return &Apply<Hardsigmoid>;
    case Activation::kHardtanh:
      return &Apply<Hardtanh<float>, 0, 1>;
    case Activation::kRelu6:
      return &Apply<Relu6>;
    case Activation::kSoftplus:
      return &Apply<Softplus<float>, 0>;
    case Activation::kSoftsign:
      return &Apply<Softsign>;
  }
  std::abort();  // Not an Activation.
}

// PReLU with the slope of each place of a row.
struct RowPrelu {
  const float* slopes;

  HWY_INLINE Floats operator()(Floats x, size_t i) const {
    return Prelu<Floats>{Floats::Load(slopes + i)}(x);
  }
};

// Rows shorter than this are taken several at a time.
constexpr size_t kLongRow = 4 * kWidth;

// channels: in [1, kLongRow).
void PreluShortRows(const float* slopes, size_t channels, const float* in, float* out,
                    size_t rows) {
  // Several rows are one longer row whose slopes repeat, and the rest of the rows a piece of it.
  HWY_ALIGN float repeated[2 * kLongRow] = {};
  const size_t repeats = 2 * kLongRow / channels;
  const size_t length = repeats * channels;
  for (size_t i = 0; i < length; ++i) repeated[i] = slopes[i % channels];

  const size_t count = rows * channels;
  for (size_t i = 0; i < count; i += length) {
    const size_t piece = count - i < length ? count - i : length;
    ForEachVector(in + i, out + i, piece, RowPrelu{repeated});
  }
}

void PreluRows(const float* slopes, size_t channels, const float* in, float* out, size_t rows) {
  if (channels == 0) return;
  if (channels < kLongRow) return PreluShortRows(slopes, channels, in, out, rows);
  for (size_t row = 0; row < rows; ++row) {
    ForEachVector(in + row * channels, out + row * channels, channels, RowPrelu{slopes});
  }
}

}  // namespace actium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace actium::kernels {

HWY_EXPORT(Find);
HWY_EXPORT(PreluRows);

ActivationKernel FindActivation(activation::Activation id, std::span<const double> parameters,
                                InstructionSet set) {
  const std::span<const activation::Parameter> expected = activation::Get(id).parameters;
  ACTIUM_CHECK(expected.size() <= ActivationKernel::kMostParameters);
  ACTIUM_CHECK(parameters.empty() || parameters.size() == expected.size());
  ActivationKernel kernel;
  kernel.function_ = HWY_DISPATCH_TABLE(Find)[HighwayIndex(set)](id);
  for (size_t i = 0; i < expected.size(); ++i) {
    kernel.parameters_[i] =
        static_cast<float>(parameters.empty() ? expected[i].default_value : parameters[i]);
  }
  return kernel;
}

void Activate(activation::Activation id, std::span<const double> parameters, const float* in,
              float* out, size_t count) {
  FindActivation(id, parameters)(in, out, count);
}

PreluFunction FindPrelu(InstructionSet set) {
  return HWY_DISPATCH_TABLE(PreluRows)[HighwayIndex(set)];
}

void PreluPerChannel(std::span<const float> slopes, const float* in, float* out, size_t rows) {
  FindPrelu()(slopes.data(), slopes.size(), in, out, rows);
}

}  // namespace actium::kernels
#endif  // HWY_ONCE
