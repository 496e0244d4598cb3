#ifndef ACTIUM_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define ACTIUM_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/status_macros.h"

namespace actium::test {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

/// Matches an OK status or a StatusOr that holds a value.
MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

/// Matches an error by its code and by a matcher for its message.
MATCHER_P2(StatusIs, code, message,
           "has code " + absl::StatusCodeToString(code) + " and a message that " +
               ::testing::DescribeMatcher<std::string>(message, negation)) {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code &&
         ::testing::ExplainMatchResult(message, std::string(status.message()), result_listener);
}

}  // namespace actium::test

#define ACTIUM_ASSERT_OK(expression) ASSERT_THAT(expression, ::actium::test::IsOk())
#define ACTIUM_EXPECT_OK(expression) EXPECT_THAT(expression, ::actium::test::IsOk())

/// Asserts that a StatusOr holds a value and moves it into `target`; in a test body only.
#define ACTIUM_ASSERT_OK_AND_ASSIGN(target, expression) \
  ACTIUM_ASSERT_OK_AND_ASSIGN_(ACTIUM_CONCAT_(actium_value_, __LINE__), target, expression)
#define ACTIUM_ASSERT_OK_AND_ASSIGN_(result, target, expression) \
  auto result = (expression);                                    \
  ASSERT_THAT(result, ::actium::test::IsOk());                   \
  target = *std::move(result)

#endif  // ACTIUM_TESTS_SUPPORT_STATUS_MATCHERS_H_
