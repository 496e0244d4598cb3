#ifndef ACTIUM_TESTS_SUPPORT_ENVIRONMENT_H_
#define ACTIUM_TESTS_SUPPORT_ENVIRONMENT_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>

#include "absl/strings/numbers.h"

namespace actium::test {

/// Returns the whole number, >= least, that an environment variable has, or `otherwise` if it is
/// not set. Fails the test, and returns `otherwise`, if it has anything else.
inline uint32_t NumberFromEnvironment(const char* variable, uint32_t otherwise, uint32_t least) {
  const char* const value = std::getenv(variable);
  uint32_t number = otherwise;
  const bool valid = value == nullptr || (absl::SimpleAtoi(value, &number) && number >= least);
  EXPECT_TRUE(valid) << variable << " must be a whole number from " << least << " on, got "
                     << value;
  return valid ? number : otherwise;
}

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_ENVIRONMENT_H_
