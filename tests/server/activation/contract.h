#ifndef ACTIUM_TESTS_SERVER_ACTIVATION_CONTRACT_H_
#define ACTIUM_TESTS_SERVER_ACTIVATION_CONTRACT_H_

#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "server/activation/table.h"

namespace actium::test {

/// What every float32 implementation of an activation keeps, against the definition in float64.
/// Where |f(x)| <= kTiny, e^x may be subnormal and have lost bits: the error is then below
/// kTinyError.
struct Contract {
  activation::Activation id;
  std::vector<double> parameters;  ///< All of the row's. Each is a float32 exactly.
  /// Largest error of f in units in the last place.
  int ulp = 4;
  /// Added to `ulp` for each unit of |parameter 0 * x| where x is negative: the product is rounded
  /// before it is exponentiated.
  double ulp_per_argument = 0.0;
  /// GELU instead: largest absolute error of f; 0: the rule in ulp. With it, kGeluRelative.
  double absolute = 0.0;
  /// Largest error of f' relative to max(|f'|, 1/4): a slope that passes through 0 cancels.
  double slope_error = 1e-6;
  double at_minus_infinity = 0.0;  ///< f(-inf), its sign included.
  double at_infinity = 0.0;        ///< f(inf).

  /// As "swish_beta_1.5", for a test's name: letters, digits and '_' only.
  std::string Name() const;
};

inline constexpr double kTiny = 1e-30;
inline constexpr double kTinyUnit = kTiny * 0x1p-23;
/// Largest relative error of GELU from x = kGeluFrom on.
inline constexpr double kGeluRelative = 2e-5;
inline constexpr float kGeluFrom = -8.0f;

/// Prints the name in GoogleTest's messages.
inline void PrintTo(const Contract& contract, std::ostream* out) { *out << contract.Name(); }

/// Every activation with its default parameters, then with others.
std::span<const Contract> Contracts();

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_ACTIVATION_CONTRACT_H_
