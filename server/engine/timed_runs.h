#ifndef ACTIUM_SERVER_ENGINE_TIMED_RUNS_H_
#define ACTIUM_SERVER_ENGINE_TIMED_RUNS_H_

#include <chrono>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "server/engine/description.h"

/// How LoadedModel::Describe() times steps, the same for every engine.
namespace actium::engine {

/// What one run took.
struct TimedRun {
  std::vector<std::chrono::nanoseconds> steps;  ///< Of each of the description's steps, in order.
  std::chrono::nanoseconds total{0};            ///< Of the whole run.
};

/// Calls run(counts) some times to warm up, with counts false, then options.timed_runs times, or
/// until five seconds have passed: a large model is timed fewer times. Each call is handed to
/// options.run.
///
/// Errors: those of options.run, at the first one.
absl::Status RepeatRuns(const DescribeOptions& options,
                        absl::FunctionRef<absl::Status(bool counts)> run);

/// Sets the times of steps and total to the runs' medians, and timed_runs to their number; without
/// runs the times stay unset.
void SetTimes(const std::vector<TimedRun>& runs, ModelDescription& description);

}  // namespace actium::engine

#endif  // ACTIUM_SERVER_ENGINE_TIMED_RUNS_H_
