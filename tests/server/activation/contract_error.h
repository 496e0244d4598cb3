#ifndef ACTIUM_TESTS_SERVER_ACTIVATION_CONTRACT_ERROR_H_
#define ACTIUM_TESTS_SERVER_ACTIVATION_CONTRACT_ERROR_H_

#include "tests/server/activation/contract.h"

namespace actium::test {

/// How far a result is from the float64 value.
struct ContractError {
  double excess = 0.0;  ///< Beyond what the contract allows, in its units; 0 or less keeps it.
  double ulp = 0.0;     ///< 0 where the contract does not count in units in the last place.
  double absolute = 0.0;
};

/// Judges f(x), of whatever back end.
///
/// actual: NaN is beyond every contract. exact: ReferenceValue() of a finite x.
ContractError JudgeValue(const Contract& contract, float x, float actual, double exact);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_ACTIVATION_CONTRACT_ERROR_H_
