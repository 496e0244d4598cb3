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
#include "server/kernels/for_each_vector-inl.h"
#include "server/kernels/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace actium::kernels::HWY_NAMESPACE {

#define ACTIUM_FN HWY_INLINE
#include "server/activation/formulas-inl.h"
#undef ACTIUM_FN

using activation::Activation;

template <class Formula>
struct OfRange {
  const float* in;
  Formula formula;

  template <class Load>
  HWY_INLINE Floats operator()(const Load& load) const {
    return formula(load(in));
  }
};

// An ActivationKernel::Function: the formula with the parameters at these places.
template <class Formula, size_t... kPlaces>
void Apply([[maybe_unused]] const float* parameters, const float* in, float* out, size_t count) {
  ForEachVector(out, count, OfRange<Formula>{in, Formula{parameters[kPlaces]...}});
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

}  // namespace actium::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace actium::kernels {

HWY_EXPORT(Find);

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

}  // namespace actium::kernels
#endif  // HWY_ONCE
