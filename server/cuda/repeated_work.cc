#include "server/cuda/repeated_work.h"

#include <algorithm>

#include "server/cuda/capture.h"
#include "server/cuda/status.h"

namespace actium::cuda {
namespace {

// Many times what it takes to launch a graph.
constexpr float kLongMilliseconds = 0.2f;
constexpr float kMostTimes = 50.0f;

}  // namespace

absl::StatusOr<RepeatedWork> RepeatedWork::Make(cudaStream_t stream,
                                                const std::function<absl::Status()>& enqueue) {
  RepeatedWork work(stream);
  ACTIUM_ASSIGN_OR_RETURN(work.begin_, NewEvent(/*timed=*/true));
  ACTIUM_ASSIGN_OR_RETURN(work.end_, NewEvent(/*timed=*/true));
  ACTIUM_RETURN_IF_ERROR(enqueue());  // So that caches are as they will be.
  ACTIUM_ASSIGN_OR_RETURN(const float once, work.Time(enqueue));
  work.times_ =
      static_cast<int>(std::clamp(kLongMilliseconds / std::max(once, 1e-6f), 1.0f, kMostTimes));
  ACTIUM_ASSIGN_OR_RETURN(work.graph_, CaptureGraph(stream, [&]() -> absl::Status {
                            for (int i = 0; i < work.times_; ++i) {
                              ACTIUM_RETURN_IF_ERROR(enqueue());
                            }
                            return absl::OkStatus();
                          }));
  return work;
}

absl::StatusOr<float> RepeatedWork::Milliseconds() {
  ACTIUM_ASSIGN_OR_RETURN(const float all, Time([this] {
                            return ToStatus(cudaGraphLaunch(graph_.get(), stream_), "measuring");
                          }));
  return all / static_cast<float>(times_);
}

absl::StatusOr<float> RepeatedWork::Time(const std::function<absl::Status()>& enqueue) {
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaEventRecord(begin_.get(), stream_), "measuring");
  ACTIUM_RETURN_IF_ERROR(enqueue());
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaEventRecord(end_.get(), stream_), "measuring");
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaEventSynchronize(end_.get()), "measuring");
  float milliseconds = 0;
  ACTIUM_RETURN_IF_CUDA_ERROR(cudaEventElapsedTime(&milliseconds, begin_.get(), end_.get()),
                              "measuring");
  return milliseconds;
}

}  // namespace actium::cuda
