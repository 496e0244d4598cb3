#include "client/src/retry.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace actium::client {
namespace {

using std::chrono::nanoseconds;

// The wait that a server asks for; nothing if it forbids retries or its text is no number.
std::optional<nanoseconds> ParsePushback(const std::string& text) {
  // Up to a day: longer waits than any deadline, and no overflow as nanoseconds.
  constexpr int64_t kMostMilliseconds = int64_t{24} * 3600 * 1000;
  int64_t milliseconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (milliseconds < 0) return std::nullopt;
  return std::chrono::milliseconds(std::min(milliseconds, kMostMilliseconds));
}

nanoseconds Backoff(const RetryOptions& options, int attempt, double random) {
  const double longest = std::chrono::duration<double, std::nano>(options.max_backoff).count();
  const double first = std::chrono::duration<double, std::nano>(options.initial_backoff).count();
  const double backoff = std::min(longest, first * std::pow(options.multiplier, attempt - 1));
  return nanoseconds(static_cast<int64_t>(backoff * (0.5 + 0.5 * random)));
}

}  // namespace

bool RetryBudget::Take() {
  std::lock_guard lock(mutex_);
  if (tokens_ < 1.0) return false;
  tokens_ -= 1.0;
  return true;
}

void RetryBudget::OnSuccess() {
  std::lock_guard lock(mutex_);
  tokens_ = std::min(capacity_, tokens_ + per_success_);
}

std::optional<nanoseconds> RetryDelay(const RetryOptions& options, const Attempt& attempt,
                                      double random) {
  if (attempt.code != absl::StatusCode::kUnavailable) return std::nullopt;
  if (attempt.number >= options.max_attempts) return std::nullopt;
  std::optional<nanoseconds> delay;
  if (attempt.pushback) {
    delay = ParsePushback(*attempt.pushback);
  } else {
    delay = Backoff(options, attempt.number, random);
  }
  if (!delay || *delay >= attempt.remaining) return std::nullopt;
  return delay;
}

absl::Status Validate(const RetryOptions& options) {
  const auto error = [](std::string_view field, std::string_view rule, auto value) {
    return absl::InvalidArgumentError(
        fmt::format("retry.{} must be {}, got {}", field, rule, value));
  };
  if (options.max_attempts < 1) return error("max_attempts", ">= 1", options.max_attempts);
  if (options.initial_backoff.count() <= 0) {
    return error("initial_backoff", "> 0", options.initial_backoff);
  }
  if (options.max_backoff < options.initial_backoff) {
    return error("max_backoff", ">= initial_backoff", options.max_backoff);
  }
  if (!(options.multiplier >= 1.0)) return error("multiplier", ">= 1", options.multiplier);
  if (!(options.budget_capacity >= 0.0)) {
    return error("budget_capacity", ">= 0", options.budget_capacity);
  }
  if (!(options.budget_per_success >= 0.0 && options.budget_per_success <= 1.0)) {
    return error("budget_per_success", "in [0, 1]", options.budget_per_success);
  }
  return absl::OkStatus();
}

}  // namespace actium::client
