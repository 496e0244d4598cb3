#ifndef ACTIUM_SERVER_COMPARE_RUN_ROWS_H_
#define ACTIUM_SERVER_COMPARE_RUN_ROWS_H_

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/batching/request.h"
#include "server/compare/variants.h"
#include "server/inference/inference_core.h"

namespace actium::compare {

/// Rows [first, first + count) of a request's inputs.
struct RowRange {
  int first = 0;
  int count = 1;
};

/// Returns the rows of the inputs, so that RunRows() may take any of them; 1 without a batch
/// dimension. Errors: INVALID_ARGUMENT names the input (there is none; it has no dimension, other
/// rows than the first, none at all, or bytes that they do not divide).
absl::StatusOr<int> CountRows(const batching::InferRequest& inputs, bool batched);

/// An answer, and how long the core took for it.
struct TimedAnswer {
  absl::StatusOr<batching::InferResponse> response = absl::UnknownError("not answered");
  std::chrono::nanoseconds took{0};
};

/// How requests are batched.
enum class Batching {
  kAlone,      ///< Each is a batch of its own.
  kAsClients,  ///< Those of one variant that wait together are, as far as they fit.
};

/// Runs the rows through every variant as comparison traffic, all at once, and waits for all.
/// Returns the answers in the variants' order. A variant may be there several times.
///
/// inputs: its views outlive the call; model, outputs and parameters are not looked at.
/// outputs: for each variant the one output that is asked for; empty: all of its outputs.
/// cancellation: may be null; makes those that still wait CANCELLED.
std::vector<TimedAnswer> RunRows(inference::InferenceCore& core, std::span<const Variant> variants,
                                 const batching::InferRequest& inputs, RowRange rows,
                                 std::span<const std::string> outputs,
                                 const std::shared_ptr<batching::Cancellation>& cancellation,
                                 Batching batching = Batching::kAlone);

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_RUN_ROWS_H_
