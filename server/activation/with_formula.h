#ifndef ACTIUM_SERVER_ACTIVATION_WITH_FORMULA_H_
#define ACTIUM_SERVER_ACTIVATION_WITH_FORMULA_H_

#include <cstdlib>
#include <span>

#include "server/activation/scalar.h"
#include "server/activation/table.h"

namespace actium::activation {

/// Returns body(formula), where `formula` is the functor of scalar.h for an activation chosen at
/// run time: a loop inside `body` is compiled once per activation.
///
/// T: float or double. parameters: as many as the row has, in its order.
template <class T, class Body>
auto WithFormula(Activation id, std::span<const double> parameters, Body body) {
  const auto parameter = [&](size_t i) { return static_cast<T>(parameters[i]); };
  switch (id) {
    case Activation::kIdentity:
      return body(scalar::Identity());
    case Activation::kSigmoid:
      return body(scalar::Sigmoid());
    case Activation::kTanh:
      return body(scalar::Tanh());
    case Activation::kRelu:
      return body(scalar::Relu());
    case Activation::kLeakyRelu:
      return body(scalar::LeakyRelu<T>{parameter(0)});
    case Activation::kPrelu:
      return body(scalar::Prelu<T>{parameter(0)});
    case Activation::kSwish:
      return body(scalar::Swish<T>{parameter(0)});
    case Activation::kMish:
      return body(scalar::Mish());
    case Activation::kGelu:
      return body(scalar::Gelu());
    case Activation::kGeluTanh:
      return body(scalar::GeluTanh());
    case Activation::kElu:
      return body(scalar::Elu<T>{parameter(0)});
    case Activation::kSelu:
      return body(scalar::Selu());
    case Activation::kCelu:
      return body(scalar::Celu<T>{parameter(0)});
    case Activation::kHardswish:
      return body(scalar::Hardswish());
    case Activation::kHardsigmoid:
      return body(scalar::Hardsigmoid());
    case Activation::kHardtanh:
      return body(scalar::Hardtanh<T>{parameter(0), parameter(1)});
    case Activation::kRelu6:
      return body(scalar::Hardtanh<T>{T(0), T(6)});
    case Activation::kSoftplus:
      return body(scalar::Softplus<T>{parameter(0)});
    case Activation::kSoftsign:
      return body(scalar::Softsign());
  }
  std::abort();  // Not an Activation.
}

}  // namespace actium::activation

#endif  // ACTIUM_SERVER_ACTIVATION_WITH_FORMULA_H_
