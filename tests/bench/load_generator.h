#ifndef ACTIUM_TESTS_BENCH_LOAD_GENERATOR_H_
#define ACTIUM_TESTS_BENCH_LOAD_GENERATOR_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"
#include "server/stats/histogram.h"

namespace actium::bench {

/// What a closed loop measured: `concurrency` callers, each of which sends its next request when
/// its last one is answered.
struct LoadResult {
  double requests_per_second = 0;  ///< Answered in the measured time.
  stats::Histogram latency;        ///< Nanoseconds, from the call to its answer.
};

/// Sends copies of one request to `address` for `warm_up`, which is not counted, and then
/// `measured`.
///
/// concurrency: >= 1. The calls share up to four connections.
/// Errors: the first answer that is not OK ends the run with its code.
absl::StatusOr<LoadResult> RunClosedLoop(const std::string& address,
                                         const ::inference::ModelInferRequest& request,
                                         int concurrency, std::chrono::nanoseconds warm_up,
                                         std::chrono::nanoseconds measured);

}  // namespace actium::bench

#endif  // ACTIUM_TESTS_BENCH_LOAD_GENERATOR_H_
