#ifndef ACTIUM_SERVER_BASE_STATUS_MACROS_H_
#define ACTIUM_SERVER_BASE_STATUS_MACROS_H_

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

/// Returns from the calling function when `expression`, an absl::Status, is an error.
#define ACTIUM_RETURN_IF_ERROR(expression)                                \
  do {                                                                    \
    if (absl::Status actium_status = (expression); !actium_status.ok()) { \
      return actium_status;                                               \
    }                                                                     \
  } while (false)

/// Evaluates `expression`, an absl::StatusOr, and returns its error from the calling function, or
/// moves its value into `target`, a declaration or an assignable expression.
#define ACTIUM_ASSIGN_OR_RETURN(target, expression) \
  ACTIUM_ASSIGN_OR_RETURN_(ACTIUM_CONCAT_(actium_result_, __LINE__), target, expression)

/// Ends the process when an invariant of our own code is broken. Never for bad input.
#define ACTIUM_CHECK(condition)                                                              \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)

#define ACTIUM_ASSIGN_OR_RETURN_(result, target, expression) \
  auto result = (expression);                                \
  if (!result.ok()) return std::move(result).status();       \
  target = *std::move(result)
#define ACTIUM_CONCAT_(a, b) ACTIUM_CONCAT_INNER_(a, b)
#define ACTIUM_CONCAT_INNER_(a, b) a##b

#endif  // ACTIUM_SERVER_BASE_STATUS_MACROS_H_
