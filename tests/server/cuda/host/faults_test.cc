#include <cstdlib>
#include <string>
#include <vector>

#include "tests/server/cuda/host/stand_in.h"

namespace actium::test {
namespace {

using cuda::host::CallCounts;
using cuda::host::InjectFault;

__global__ void SetOne(int* value) { *value = 1; }

#define RETURN_IF_ERROR(call) \
  if (const cudaError_t error = (call); error != cudaSuccess) return error

// What a plug-in does: makes everything, runs eagerly and as a graph, destroys everything.
struct Workload {
  cudaStream_t stream = nullptr;
  cudaEvent_t start = nullptr, end = nullptr;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t exec = nullptr;
  int *device = nullptr, *pinned = nullptr, *more_pinned = nullptr;

  cudaError_t Make() {
    int count = 0, current = 0;
    cudaDeviceProp properties;
    size_t free_bytes = 0, total_bytes = 0;
    RETURN_IF_ERROR(cudaGetDeviceCount(&count));
    RETURN_IF_ERROR(cudaSetDevice(0));
    RETURN_IF_ERROR(cudaGetDevice(&current));
    RETURN_IF_ERROR(cudaGetDeviceProperties(&properties, 0));
    RETURN_IF_ERROR(cudaMemGetInfo(&free_bytes, &total_bytes));
    RETURN_IF_ERROR(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    RETURN_IF_ERROR(cudaEventCreateWithFlags(&start, cudaEventDefault));
    RETURN_IF_ERROR(cudaEventCreateWithFlags(&end, cudaEventDefault));
    RETURN_IF_ERROR(cudaMalloc(&device, sizeof(int)));
    RETURN_IF_ERROR(cudaHostAlloc(&pinned, sizeof(int), cudaHostAllocDefault));
    RETURN_IF_ERROR(cudaMallocHost(&more_pinned, sizeof(int)));
    return cudaFuncSetAttribute(SetOne, cudaFuncAttributeMaxDynamicSharedMemorySize, 100000);
  }

  cudaError_t Enqueue() {
    const cudaLaunchConfig_t sizes = Sizes(1, 1, 100000, stream);
    RETURN_IF_ERROR(cudaMemsetAsync(device, 0, sizeof(int), stream));
    RETURN_IF_ERROR(cudaLaunchKernelEx(&sizes, SetOne, device));
    RETURN_IF_ERROR(cudaMemcpyAsync(pinned, device, sizeof(int), cudaMemcpyDeviceToHost, stream));
    return cudaLaunchHostFunc(
        stream, [](void*) {}, nullptr);
  }

  cudaError_t Capture() {
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    RETURN_IF_ERROR(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    const cudaError_t enqueued = Enqueue();
    const cudaError_t asked = cudaStreamIsCapturing(stream, &status);
    RETURN_IF_ERROR(cudaStreamEndCapture(stream, &graph));
    RETURN_IF_ERROR(enqueued);
    RETURN_IF_ERROR(asked);
    size_t count = 0;
    RETURN_IF_ERROR(cudaGraphGetNodes(graph, nullptr, &count));
    return cudaGraphInstantiate(&exec, graph);
  }

  cudaError_t Run() {
    float milliseconds = 0;
    int value = 0;
    RETURN_IF_ERROR(cudaEventRecord(start, stream));
    RETURN_IF_ERROR(Enqueue());
    RETURN_IF_ERROR(Capture());
    RETURN_IF_ERROR(cudaGraphLaunch(exec, stream));
    RETURN_IF_ERROR(cudaEventRecord(end, stream));
    RETURN_IF_ERROR(cudaStreamWaitEvent(stream, start));
    RETURN_IF_ERROR(cudaStreamSynchronize(stream));
    RETURN_IF_ERROR(cudaEventSynchronize(end));
    RETURN_IF_ERROR(cudaStreamQuery(stream));
    RETURN_IF_ERROR(cudaEventQuery(end));
    RETURN_IF_ERROR(cudaEventElapsedTime(&milliseconds, start, end));
    RETURN_IF_ERROR(cudaMemcpy(&value, device, sizeof(int), cudaMemcpyDeviceToHost));
    RETURN_IF_ERROR(cudaDeviceSynchronize());
    return value == 1 ? cudaSuccess : cudaErrorUnknown;
  }

  // Tries to destroy all; returns the first error.
  cudaError_t Destroy() {
    cudaError_t first = cudaSuccess;
    const auto note = [&](cudaError_t error) {
      if (first == cudaSuccess) first = error;
    };
    if (exec != nullptr) note(cudaGraphExecDestroy(exec));
    if (graph != nullptr) note(cudaGraphDestroy(graph));
    if (start != nullptr) note(cudaEventDestroy(start));
    if (end != nullptr) note(cudaEventDestroy(end));
    if (stream != nullptr) note(cudaStreamDestroy(stream));
    note(cudaFree(device));
    note(cudaFreeHost(pinned));
    note(cudaFreeHost(more_pinned));
    return first;
  }

  cudaError_t All() {
    cudaError_t error = Make();
    if (error == cudaSuccess) error = Run();
    const cudaError_t destroyed = Destroy();
    return error != cudaSuccess ? error : destroyed;
  }
};

class FaultsTest : public StandInTest {};

TEST_F(FaultsTest, EveryCallFailsInTurn) {
  ASSERT_EQ(Workload().All(), cudaSuccess);
  EXPECT_EQ(cuda::host::LiveObjects(), cuda::host::ObjectCounts{});
  const std::map<std::string, int64_t> counts = CallCounts();
  EXPECT_EQ(counts.size(), 37u) << "the workload calls every function";
  EXPECT_EQ(counts.at("cudaMemcpyAsync"), 2);
  EXPECT_EQ(counts.at("kernel"), 2);
  for (const auto& [call, count] : counts) {
    for (int64_t nth = 1; nth <= count; ++nth) {
      cuda::host::Reset();
      InjectFault({.call = call, .nth = nth, .error = cudaErrorLaunchOutOfResources});
      EXPECT_EQ(Workload().All(), cudaErrorLaunchOutOfResources) << call << " " << nth;
      const cuda::host::ObjectCounts left = cuda::host::LiveObjects();
      // A call that did not destroy leaves what it was to destroy, and nothing else is left.
      const bool destroys = call.find("Destroy") != std::string::npos || call.find("Free") == 4;
      EXPECT_EQ(left.device_allocations + left.host_allocations + left.streams + left.events +
                    left.graphs + left.graph_execs,
                destroys ? 1 : 0)
          << call << " " << nth;
      EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess) << "after " << call << " " << nth;
    }
  }
}

TEST_F(FaultsTest, TheNthCallFailsAndOnlyThat) {
  void* memory = nullptr;
  InjectFault({.call = "cudaMalloc", .nth = 2, .error = cudaErrorMemoryAllocation});
  EXPECT_EQ(cudaMalloc(&memory, 8), cudaSuccess);
  EXPECT_EQ(cudaMalloc(&memory, 8), cudaErrorMemoryAllocation);
  EXPECT_EQ(cudaMalloc(&memory, 8), cudaSuccess);
  EXPECT_EQ(cudaGetLastError(), cudaErrorMemoryAllocation);
  EXPECT_EQ(cuda::host::LiveObjects().device_allocations, 2);
}

TEST_F(FaultsTest, AKernelThatFailsIsToldAtTheNextSynchronisation) {
  int* const value = Upload<int>({0});
  InjectFault({.call = "kernel", .nth = 1, .error = cudaErrorLaunchOutOfResources});
  EXPECT_EQ(RunKernel(Sizes(1, 1), SetOne, value), cudaErrorLaunchOutOfResources);
  EXPECT_EQ(Download(value, 1)[0], 0);
  EXPECT_EQ(RunKernel(Sizes(1, 1), SetOne, value), cudaSuccess);
  EXPECT_EQ(Download(value, 1)[0], 1);
}

TEST_F(FaultsTest, AStickyErrorBreaksEverything) {
  int* const value = Upload<int>({0});
  InjectFault({.call = "kernel", .nth = 1, .error = cudaErrorIllegalAddress, .sticky = true});
  const cudaStream_t stream = MakeStream();
  const cudaLaunchConfig_t sizes = Sizes(1, 1, 0, stream);
  EXPECT_EQ(cudaLaunchKernelEx(&sizes, SetOne, value), cudaSuccess);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorIllegalAddress);
  EXPECT_EQ(cudaMemsetAsync(value, 0, 4, stream), cudaErrorIllegalAddress);
  EXPECT_EQ(cudaFree(value), cudaErrorIllegalAddress);
  EXPECT_EQ(cudaGetLastError(), cudaErrorIllegalAddress);
  EXPECT_EQ(cudaGetLastError(), cudaErrorIllegalAddress);
  EXPECT_EQ(cuda::host::LiveObjects().device_allocations, 1);
}

TEST_F(FaultsTest, AStickyErrorLeavesWhatIsEnqueuedUndone) {
  int* const value = Upload<int>({0});
  const cudaStream_t stream = MakeStream();
  bool called = false;
  const cudaLaunchConfig_t sizes = Sizes(1, 1, 0, stream);
  InjectFault({.call = "kernel", .nth = 1, .error = cudaErrorLaunchFailure, .sticky = true});
  cudaLaunchKernelEx(&sizes, SetOne, value);
  cudaLaunchHostFunc(
      stream, [](void* flag) { *static_cast<bool*>(flag) = true; }, &called);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorLaunchFailure);
  EXPECT_FALSE(called);
}

// The environment as a process finds it that starts now.
class EnvironmentTest : public StandInTest {
 protected:
  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    StandInTest::SetUp();
  }
  void TearDown() override {
    unsetenv("ACTIUM_CUDA_HOST_FAULT");
    unsetenv("ACTIUM_CUDA_HOST_DEVICES");
    StandInTest::TearDown();
  }
};

TEST_F(EnvironmentTest, InjectsFaults) {
  setenv("ACTIUM_CUDA_HOST_FAULT", "cudaMalloc@2=2,kernel@1=700", 1);
  int* const value = Allocate<int>(1);
  void* memory = nullptr;
  EXPECT_EQ(cudaMalloc(&memory, 8), cudaErrorMemoryAllocation);
  EXPECT_EQ(RunKernel(Sizes(1, 1), SetOne, value), cudaErrorIllegalAddress);
  EXPECT_EQ(cudaMalloc(&memory, 8), cudaErrorIllegalAddress);
}

TEST_F(EnvironmentTest, CountsDevices) {
  int count = 0;
  setenv("ACTIUM_CUDA_HOST_DEVICES", "2", 1);
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaSuccess);
  EXPECT_EQ(count, 2);
  cuda::host::Reset();
  setenv("ACTIUM_CUDA_HOST_DEVICES", "-1", 1);
  EXPECT_EQ(cudaGetDeviceCount(&count), cudaErrorInsufficientDriver);
}

TEST_F(EnvironmentTest, MustBeWellFormed) {
  int count = 0;
  for (const char* const text : {"cudaMalloc", "cudaMalloc@1", "cudaMalloc@0=2", "cudaMalloc@1=0",
                                 "cudaMalloc@x=2", "cudaMalloc@1=2x", "cudaMallocs@1=2", "@1=2",
                                 "cudaMalloc=1@2", "cudaMalloc@1=2,,", "cudaMalloc@1=1000"}) {
    setenv("ACTIUM_CUDA_HOST_FAULT", text, 1);
    EXPECT_DEATH(cudaGetDeviceCount(&count),
                 "ACTIUM_CUDA_HOST_FAULT must be CALL@N=CODE with commas between, got '")
        << text;
  }
  unsetenv("ACTIUM_CUDA_HOST_FAULT");
  for (const char* const text : {"", "-2", "65", "1x"}) {
    setenv("ACTIUM_CUDA_HOST_DEVICES", text, 1);
    EXPECT_DEATH(cudaGetDeviceCount(&count), "ACTIUM_CUDA_HOST_DEVICES must be a number in");
  }
  EXPECT_DEATH(InjectFault({.call = "cudaMallocs"}), "there is no fault cudaMallocs@1");
}

}  // namespace
}  // namespace actium::test
