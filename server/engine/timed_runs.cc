#include "server/engine/timed_runs.h"

#include <algorithm>

#include "server/base/clock.h"
#include "server/base/status_macros.h"

namespace actium::engine {
namespace {

using std::chrono::nanoseconds;

// The first ones find caches cold.
constexpr int kWarmUpRuns = 2;

// No further timed run begins after so long.
constexpr std::chrono::seconds kMostTime{5};

nanoseconds Median(std::vector<nanoseconds> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace

absl::Status RepeatRuns(const DescribeOptions& options,
                        absl::FunctionRef<absl::Status(bool counts)> run) {
  const base::TimePoint begin = base::SteadyClock().Now();
  for (int i = -kWarmUpRuns; i < options.timed_runs; ++i) {
    if (i > 0 && base::SteadyClock().Now() - begin > kMostTime) break;
    ACTIUM_RETURN_IF_ERROR(options.run([&] { return run(i >= 0); }));
  }
  return absl::OkStatus();
}

void SetTimes(const std::vector<TimedRun>& runs, ModelDescription& description) {
  description.timed_runs = static_cast<int>(runs.size());
  if (runs.empty()) return;
  std::vector<nanoseconds> times(runs.size());
  std::ranges::transform(runs, times.begin(), &TimedRun::total);
  description.total = Median(times);
  for (size_t i = 0; i < description.steps.size(); ++i) {
    std::ranges::transform(runs, times.begin(), [i](const TimedRun& run) { return run.steps[i]; });
    description.steps[i].time = Median(times);
  }
}

}  // namespace actium::engine
