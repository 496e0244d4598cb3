#include "tests/server/activation/contract_error.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/support/ulp.h"

namespace actium::test {

ContractError JudgeValue(const Contract& contract, float x, float actual, double exact) {
  if (std::isnan(actual)) return {.excess = std::numeric_limits<double>::infinity()};
  ContractError error;
  error.absolute = std::abs(static_cast<double>(actual) - exact);
  if (contract.absolute > 0.0) {
    const bool relative_too = x >= kGeluFrom && std::abs(exact) > kTiny;
    const double relative = relative_too ? error.absolute / std::abs(exact) / kGeluRelative : 0.0;
    error.excess = std::max(error.absolute / contract.absolute, relative) - 1.0;
    return error;
  }
  const double argument =
      contract.parameters.empty() || x >= 0.0f ? 0.0 : std::abs(contract.parameters[0] * x);
  const double allowed = contract.ulp + contract.ulp_per_argument * argument;
  // Functions that are exact are so to the last denormal.
  if (allowed > 0.0 && std::abs(exact) <= kTiny) {
    error.excess = error.absolute / kTinyUnit - allowed;
    return error;
  }
  error.ulp = static_cast<double>(UlpDistance(actual, static_cast<float>(exact)));
  error.excess = error.ulp - allowed;
  return error;
}

}  // namespace actium::test
