#ifndef ACTIUM_CLIENT_SRC_RETRY_H_
#define ACTIUM_CLIENT_SRC_RETRY_H_

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "actium/options.h"

namespace actium::client {

/// The tokens of RetryOptions' budget. Thread-safe.
class RetryBudget {
 public:
  RetryBudget(double capacity, double per_success)
      : capacity_(capacity), per_success_(per_success), tokens_(capacity) {}

  /// Takes one token; false, and nothing taken, if there is no whole one.
  bool Take();

  /// Returns a successful call's share of a token.
  void OnSuccess();

 private:
  const double capacity_;
  const double per_success_;
  std::mutex mutex_;
  double tokens_;  // Guarded by mutex_.
};

/// How an attempt ended.
struct Attempt {
  int number = 1;  ///< >= 1.
  absl::StatusCode code = absl::StatusCode::kUnavailable;
  std::optional<std::string> pushback;    ///< The trailer grpc-retry-pushback-ms, if it was sent.
  std::chrono::nanoseconds remaining{0};  ///< Until the call's deadline.
};

/// Decides whether a call is made again, and after which wait; nothing means that it is not. Pure:
/// the rules are those of RetryOptions, but for the budget, which the caller asks last.
///
/// random: evenly distributed in [0, 1).
std::optional<std::chrono::nanoseconds> RetryDelay(const RetryOptions& options,
                                                   const Attempt& attempt, double random);

/// Errors: INVALID_ARGUMENT names the field of `options` that is out of range.
absl::Status Validate(const RetryOptions& options);

}  // namespace actium::client

#endif  // ACTIUM_CLIENT_SRC_RETRY_H_
