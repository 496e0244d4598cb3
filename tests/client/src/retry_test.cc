#include "client/src/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using client::Attempt;
using client::RetryBudget;
using client::RetryDelay;
using client::RetryOptions;
using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

// The options' defaults: 50 ms, doubled, at most 2 s, four attempts.
Attempt Failed(int number) {
  return {.number = number,
          .code = absl::StatusCode::kUnavailable,
          .pushback = std::nullopt,
          .remaining = hours(1)};
}

TEST(RetryDelayTest, GrowsFromHalfToWholeBackoffAndStopsAtTheLongest) {
  RetryOptions options;
  options.max_attempts = 100;
  EXPECT_EQ(RetryDelay(options, Failed(1), 0.0), milliseconds(25));
  EXPECT_EQ(RetryDelay(options, Failed(1), 0.5), std::chrono::microseconds(37500));
  EXPECT_EQ(RetryDelay(options, Failed(2), 0.0), milliseconds(50));
  EXPECT_EQ(RetryDelay(options, Failed(4), 0.0), milliseconds(200));
  EXPECT_EQ(RetryDelay(options, Failed(50), 0.0), milliseconds(1000));
  EXPECT_LT(*RetryDelay(options, Failed(99), 0.999), milliseconds(2000));
}

TEST(RetryDelayTest, OnlyUnavailableIsRetried) {
  for (int code = 1; code <= 16; ++code) {
    Attempt attempt = Failed(1);
    attempt.code = static_cast<absl::StatusCode>(code);
    EXPECT_EQ(RetryDelay({}, attempt, 0.0).has_value(),
              attempt.code == absl::StatusCode::kUnavailable)
        << code;
  }
}

TEST(RetryDelayTest, StopsAfterTheLastAttempt) {
  EXPECT_TRUE(RetryDelay({}, Failed(3), 0.0));
  EXPECT_FALSE(RetryDelay({}, Failed(4), 0.0));
}

TEST(RetryDelayTest, TheServersPushbackIsObeyed) {
  const auto delay = [](const std::string& pushback) {
    Attempt attempt = Failed(1);
    attempt.pushback = pushback;
    return RetryDelay({}, attempt, 0.9);
  };
  EXPECT_EQ(delay("0"), milliseconds(0));
  EXPECT_EQ(delay("1234"), milliseconds(1234));
  EXPECT_FALSE(delay("-1")) << "a negative number forbids retries";
  EXPECT_FALSE(delay("soon"));
  EXPECT_FALSE(delay("12 "));
  EXPECT_FALSE(delay(""));
  EXPECT_FALSE(delay("9223372036854775807")) << "longer than the deadline, and no overflow";
  EXPECT_FALSE(delay("99999999999999999999"));
}

TEST(RetryDelayTest, NeverWaitsUntilTheDeadline) {
  Attempt attempt = Failed(1);
  attempt.remaining = milliseconds(25);
  EXPECT_FALSE(RetryDelay({}, attempt, 0.0));
  attempt.remaining = milliseconds(26);
  EXPECT_TRUE(RetryDelay({}, attempt, 0.0));
}

TEST(RetryBudgetTest, SuccessesPayForRetriesUpToTheCapacity) {
  RetryBudget budget(/*capacity=*/2, /*per_success=*/0.25);
  EXPECT_TRUE(budget.Take());
  EXPECT_TRUE(budget.Take());
  EXPECT_FALSE(budget.Take());
  for (int i = 0; i < 3; ++i) budget.OnSuccess();
  EXPECT_FALSE(budget.Take()) << "three quarters of a token are none";
  budget.OnSuccess();
  EXPECT_TRUE(budget.Take());
  for (int i = 0; i < 100; ++i) budget.OnSuccess();
  EXPECT_TRUE(budget.Take());
  EXPECT_TRUE(budget.Take());
  EXPECT_FALSE(budget.Take()) << "no more than the capacity is kept";
}

TEST(RetryOptionsTest, NamesTheFieldThatIsOutOfRange) {
  const auto check = [](auto change) {
    RetryOptions options;
    change(options);
    return client::Validate(options);
  };
  EXPECT_THAT(check([](RetryOptions&) {}), IsOk());
  EXPECT_THAT(check([](RetryOptions& o) { o.max_attempts = 0; }),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("retry.max_attempts must be >= 1, got 0")));
  EXPECT_THAT(check([](RetryOptions& o) { o.initial_backoff = milliseconds(0); }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("initial_backoff")));
  EXPECT_THAT(check([](RetryOptions& o) { o.max_backoff = milliseconds(1); }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_backoff")));
  EXPECT_THAT(check([](RetryOptions& o) { o.multiplier = 0.5; }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("multiplier")));
  EXPECT_THAT(check([](RetryOptions& o) { o.budget_per_success = 2; }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("budget_per_success")));
}

}  // namespace
}  // namespace actium::test
