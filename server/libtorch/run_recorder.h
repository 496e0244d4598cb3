#ifndef ACTIUM_SERVER_LIBTORCH_RUN_RECORDER_H_
#define ACTIUM_SERVER_LIBTORCH_RUN_RECORDER_H_

// Internal to server/libtorch: which operators a run asks for, and how long each takes.

#include <string>
#include <vector>

#include "ATen/core/TensorBody.h"
#include "absl/status/statusor.h"
#include "server/engine/description.h"
#include "server/engine/timed_runs.h"
#include "server/libtorch/program.h"

namespace actium::libtorch {

/// Most operators of a run that are recorded: a program may loop.
inline constexpr size_t kMostSteps = 10'000;

/// What one run did. Operators that others call inside are theirs; TorchScript's own bookkeeping
/// (lists, numbers, sizes) is not recorded.
struct RunRecord {
  std::vector<engine::Step> steps;      ///< Without times and sources; named by their module.
  std::vector<std::string> call_sites;  ///< Of the steps; CallSite(), empty: not known.
  bool cut_short = false;               ///< There were more than kMostSteps.
};

/// How long one run took.
struct RunTiming {
  std::vector<std::string> kinds;  ///< Of the operators, as the record's steps'.
  engine::TimedRun run;            ///< An operator's time includes its calls.
};

/// Runs the program on this thread and records it. Only runs of this thread are observed, and no
/// tensor is kept. names: the arguments'.
///
/// Errors: those of Program::RunObserved().
absl::StatusOr<RunRecord> RecordRun(const Program& program,
                                    const std::vector<at::Tensor>& arguments,
                                    const std::vector<std::string>& names);

/// Runs the program on this thread and times it; observing costs about a microsecond a step.
/// Errors: as RecordRun().
absl::StatusOr<RunTiming> TimeRun(const Program& program, const std::vector<at::Tensor>& arguments);

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_RUN_RECORDER_H_
