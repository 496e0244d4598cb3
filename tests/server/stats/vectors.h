#ifndef ACTIUM_TESTS_SERVER_STATS_VECTORS_H_
#define ACTIUM_TESTS_SERVER_STATS_VECTORS_H_

#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "server/stats/interval.h"

namespace actium::test {

/// The rows of a section of stats_vectors.json, which other software computed; its conventions are
/// in the file. At least one row, or the process ends.
const nlohmann::json& Vectors(const std::string& section);

/// The vectors have 12 significant digits.
inline constexpr double kVectorError = 1e-9;

inline bool IsNear(double actual, double expected, double relative_error) {
  return std::abs(actual - expected) <= relative_error * std::abs(expected) + 1e-15;
}

/// Matches a number that is a vector's up to its digits.
MATCHER_P(IsVector, expected, "") {
  *result_listener << "expected " << expected.dump();
  return IsNear(arg, expected.template get<double>(), kVectorError);
}

/// Matches an optional number; a vector's null is no value.
MATCHER_P(IsOptionalVector, expected, "") {
  *result_listener << "expected " << expected.dump();
  if (!arg.has_value() || expected.is_null()) return !arg.has_value() && expected.is_null();
  return IsNear(static_cast<double>(*arg), expected.template get<double>(), kVectorError);
}

/// Matches an interval by a vector's pair of numbers, an end of 0 absolutely.
MATCHER_P2(IsInterval, expected, relative_error, "") {
  *result_listener << "which is [" << arg.lower << ", " << arg.upper << "], expected "
                   << expected.dump();
  return IsNear(arg.lower, expected[0].template get<double>(), relative_error) &&
         IsNear(arg.upper, expected[1].template get<double>(), relative_error);
}

inline auto IsIntervalVector(const nlohmann::json& expected) {
  return IsInterval(expected, kVectorError);
}

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_STATS_VECTORS_H_
