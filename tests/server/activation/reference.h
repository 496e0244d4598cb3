#ifndef ACTIUM_TESTS_SERVER_ACTIVATION_REFERENCE_H_
#define ACTIUM_TESTS_SERVER_ACTIVATION_REFERENCE_H_

#include <span>

#include "server/activation/table.h"

namespace actium::test {

/// Returns f(x) from its definition in float64, written another way than formulas-inl.h and without
/// any of its code: what the float32 results are measured against.
///
/// parameters: all of the row's. x: finite.
double ReferenceValue(activation::Activation id, std::span<const double> parameters, double x);

/// Returns f'(x), likewise; at a kink the value that Row::derivative tells.
double ReferenceDerivative(activation::Activation id, std::span<const double> parameters, double x);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_ACTIVATION_REFERENCE_H_
