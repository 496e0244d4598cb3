#ifndef ACTIUM_TESTS_BENCH_COMPUTE_CEILING_H_
#define ACTIUM_TESTS_BENCH_COMPUTE_CEILING_H_

#include <chrono>

#include "absl/status/statusor.h"
#include "server/engine/executor.h"

namespace actium::bench {

/// Returns the rows per second that `workers` threads compute with batches of `batch_size` zeros,
/// each on an executor of its own, with nothing in between: no queue, no gather, no wire.
///
/// Errors: those of NewExecutor(), NewSlot(), Prepare() and of the runs.
absl::StatusOr<double> ComputeCeiling(engine::LoadedModel& model, int workers, int batch_size,
                                      std::chrono::nanoseconds measured);

}  // namespace actium::bench

#endif  // ACTIUM_TESTS_BENCH_COMPUTE_CEILING_H_
