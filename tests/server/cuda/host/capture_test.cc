#include <thread>
#include <vector>

#include "tests/server/cuda/host/stand_in.h"

namespace actium::test {
namespace {

__global__ void Increment(int* value, int by) { *value += by; }

class CaptureTest : public StandInTest {
 protected:
  void SetUp() override {
    StandInTest::SetUp();
    stream_ = MakeStream();
    value_ = Allocate<int>(1);
  }

  cudaError_t Begin(cudaStreamCaptureMode mode = cudaStreamCaptureModeThreadLocal) {
    return cudaStreamBeginCapture(stream_, mode);
  }
  cudaError_t AddIncrement(int by) {
    const cudaLaunchConfig_t sizes = Sizes(1, 1, 0, stream_);
    return cudaLaunchKernelEx(&sizes, Increment, value_, by);
  }
  // Ends the capture.
  cudaGraph_t End() {
    cudaGraph_t graph = nullptr;
    EXPECT_EQ(cudaStreamEndCapture(stream_, &graph), cudaSuccess);
    return graph;
  }
  cudaGraphExec_t Instantiate(cudaGraph_t graph) {
    cudaGraphExec_t exec = nullptr;
    EXPECT_EQ(cudaGraphInstantiate(&exec, graph), cudaSuccess);
    return exec;
  }
  size_t Nodes(cudaGraph_t graph) {
    size_t count = 0;
    EXPECT_EQ(cudaGraphGetNodes(graph, nullptr, &count), cudaSuccess);
    return count;
  }
  cudaStreamCaptureStatus Status() {
    cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
    EXPECT_EQ(cudaStreamIsCapturing(stream_, &status), cudaSuccess);
    return status;
  }
  int Value() {
    EXPECT_EQ(cudaStreamSynchronize(stream_), cudaSuccess);
    return Download(value_, 1)[0];
  }
  // Expects that the call is refused during capture, and that it makes the capture invalid.
  template <class Call>
  void ExpectForbidden(Call call) {
    ASSERT_EQ(Begin(), cudaSuccess);
    EXPECT_EQ(call(), cudaErrorStreamCaptureUnsupported);
    EXPECT_EQ(Status(), cudaStreamCaptureStatusInvalidated);
    EXPECT_EQ(AddIncrement(1), cudaErrorStreamCaptureInvalidated);
    cudaGraph_t graph = nullptr;
    EXPECT_EQ(cudaStreamEndCapture(stream_, &graph), cudaErrorStreamCaptureInvalidated);
    EXPECT_EQ(graph, nullptr);
    EXPECT_EQ(Status(), cudaStreamCaptureStatusNone);
  }

  cudaStream_t stream_ = nullptr;
  int* value_ = nullptr;
};

TEST_F(CaptureTest, RecordsAndReplaysInOrder) {
  int* pinned = nullptr;
  ASSERT_EQ(cudaMallocHost(&pinned, sizeof(int)), cudaSuccess);
  ASSERT_EQ(Begin(), cudaSuccess);
  EXPECT_EQ(Status(), cudaStreamCaptureStatusActive);
  EXPECT_EQ(cudaMemcpyAsync(value_, pinned, sizeof(int), cudaMemcpyHostToDevice, stream_),
            cudaSuccess);
  EXPECT_EQ(AddIncrement(2), cudaSuccess);
  EXPECT_EQ(cudaMemcpyAsync(pinned, value_, sizeof(int), cudaMemcpyDeviceToHost, stream_),
            cudaSuccess);
  EXPECT_EQ(cudaLaunchHostFunc(
                stream_, [](void* value) { *static_cast<int*>(value) *= 3; }, pinned),
            cudaSuccess);
  const cudaGraph_t graph = End();
  EXPECT_EQ(Status(), cudaStreamCaptureStatusNone);
  EXPECT_EQ(Nodes(graph), 4u);
  EXPECT_EQ(Value(), static_cast<int>(0xFBFBFBFB)) << "something ran during capture";

  const cudaGraphExec_t exec = Instantiate(graph);
  EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
  *pinned = 1;
  EXPECT_EQ(cudaGraphLaunch(exec, stream_), cudaSuccess);
  EXPECT_EQ(cudaGraphLaunch(exec, stream_), cudaSuccess);
  EXPECT_EQ(cudaStreamSynchronize(stream_), cudaSuccess);
  EXPECT_EQ(*pinned, ((1 + 2) * 3 + 2) * 3);
  EXPECT_EQ(cuda::host::CallCounts()["kernel"], 2);
  EXPECT_EQ(cudaGraphExecDestroy(exec), cudaSuccess);
  EXPECT_EQ(cuda::host::LiveObjects().graphs + cuda::host::LiveObjects().graph_execs, 0);
}

TEST_F(CaptureTest, AGraphMayBePartOfAnother) {
  ASSERT_EQ(cudaMemsetAsync(value_, 0, sizeof(int), stream_), cudaSuccess);
  ASSERT_EQ(Begin(), cudaSuccess);
  EXPECT_EQ(AddIncrement(2), cudaSuccess);
  const cudaGraphExec_t inner = Instantiate(End());
  ASSERT_EQ(Begin(), cudaSuccess);
  EXPECT_EQ(cudaGraphLaunch(inner, stream_), cudaSuccess);
  EXPECT_EQ(cudaGraphLaunch(inner, stream_), cudaSuccess);
  EXPECT_EQ(cudaGraphLaunch(Instantiate(End()), stream_), cudaSuccess);
  EXPECT_EQ(Value(), 4);
}

TEST_F(CaptureTest, MayBeEmpty) {
  ASSERT_EQ(Begin(), cudaSuccess);
  const cudaGraph_t graph = End();
  EXPECT_EQ(Nodes(graph), 0u);
  EXPECT_EQ(cudaGraphLaunch(Instantiate(graph), stream_), cudaSuccess);
}

TEST_F(CaptureTest, ForbidsWhatCouldWaitForIt) {
  void* memory = nullptr;
  int host = 0;
  const cudaStream_t other = MakeStream();
  const cudaEvent_t event = MakeEvent();
  ExpectForbidden([&] { return cudaMalloc(&memory, 4); });
  ExpectForbidden([&] { return cudaFree(value_); });
  ExpectForbidden([&] { return cudaHostAlloc(&memory, 4, 0); });
  ExpectForbidden([&] { return cudaStreamSynchronize(stream_); });
  ExpectForbidden([&] { return cudaStreamQuery(stream_); });
  ExpectForbidden([&] { return cudaStreamSynchronize(other); });
  ExpectForbidden([&] { return cudaDeviceSynchronize(); });
  ExpectForbidden([&] { return cudaEventQuery(event); });
  ExpectForbidden([&] { return cudaEventSynchronize(event); });
  ExpectForbidden([&] { return cudaMemcpy(&host, value_, 4, cudaMemcpyDeviceToHost); });
}

TEST_F(CaptureTest, ForbidsOtherThreadsOnlyInGlobalMode) {
  const auto allocate_elsewhere = [] {
    cudaError_t error = cudaSuccess;
    std::thread([&error] {
      void* memory = nullptr;
      error = cudaMalloc(&memory, 4);
    }).join();
    return error;
  };
  ASSERT_EQ(Begin(cudaStreamCaptureModeThreadLocal), cudaSuccess);
  EXPECT_EQ(allocate_elsewhere(), cudaSuccess);
  End();
  ASSERT_EQ(Begin(cudaStreamCaptureModeGlobal), cudaSuccess);
  EXPECT_EQ(allocate_elsewhere(), cudaErrorStreamCaptureUnsupported);
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(stream_, &graph), cudaErrorStreamCaptureInvalidated);
  ASSERT_EQ(Begin(cudaStreamCaptureModeRelaxed), cudaSuccess);
  void* memory = nullptr;
  EXPECT_EQ(cudaMalloc(&memory, 4), cudaSuccess);
  End();
}

TEST_F(CaptureTest, IsEndedByItsThread) {
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(stream_, &graph), cudaErrorIllegalState);
  ASSERT_EQ(Begin(), cudaSuccess);
  EXPECT_EQ(Begin(), cudaErrorIllegalState);
  cudaError_t error = cudaSuccess;
  std::thread([&] { error = cudaStreamEndCapture(stream_, &graph); }).join();
  EXPECT_EQ(error, cudaErrorStreamCaptureWrongThread);
  End();
}

TEST_F(CaptureTest, IsNotForTheDefaultStream) {
  EXPECT_EQ(cudaStreamBeginCapture(nullptr, cudaStreamCaptureModeRelaxed),
            cudaErrorStreamCaptureUnsupported);
  const cudaStream_t blocking = MakeStream(cudaStreamDefault);
  ASSERT_EQ(cudaStreamBeginCapture(blocking, cudaStreamCaptureModeRelaxed), cudaSuccess);
  EXPECT_EQ(cudaMemsetAsync(value_, 0, 4, nullptr), cudaErrorStreamCaptureImplicit);
}

TEST_F(CaptureTest, KnowsEventsOfItsOwnOnly) {
  const cudaEvent_t inside = MakeEvent(), outside = MakeEvent();
  ASSERT_EQ(cudaEventRecord(outside, stream_), cudaSuccess);
  ASSERT_EQ(Begin(cudaStreamCaptureModeRelaxed), cudaSuccess);
  EXPECT_EQ(cudaEventRecord(inside, stream_), cudaSuccess);
  EXPECT_EQ(cudaStreamWaitEvent(stream_, inside), cudaSuccess);
  EXPECT_EQ(cudaEventQuery(inside), cudaErrorCapturedEvent);
  EXPECT_EQ(cudaEventSynchronize(inside), cudaErrorCapturedEvent);
  EXPECT_EQ(cudaStreamWaitEvent(MakeStream(), inside), cudaErrorNotSupported);
  EXPECT_EQ(Status(), cudaStreamCaptureStatusActive);
  EXPECT_EQ(cudaStreamWaitEvent(stream_, outside), cudaErrorStreamCaptureIsolation);
  EXPECT_EQ(Status(), cudaStreamCaptureStatusInvalidated);
}

TEST_F(CaptureTest, CopyOfMemoryThatIsFreedBreaksTheContext) {
  int* const gone = Allocate<int>(1);
  ASSERT_EQ(Begin(), cudaSuccess);
  EXPECT_EQ(cudaMemcpyAsync(value_, gone, 4, cudaMemcpyDeviceToDevice, stream_), cudaSuccess);
  const cudaGraphExec_t exec = Instantiate(End());
  EXPECT_EQ(cudaFree(gone), cudaSuccess);
  EXPECT_EQ(cudaGraphLaunch(exec, stream_), cudaSuccess);
  EXPECT_EQ(cudaStreamSynchronize(stream_), cudaErrorIllegalAddress);
}

TEST_F(CaptureTest, KnowsDestroyedGraphs) {
  ASSERT_EQ(Begin(), cudaSuccess);
  const cudaGraph_t graph = End();
  const cudaGraphExec_t exec = Instantiate(graph);
  EXPECT_EQ(cudaGraphDestroy(graph), cudaSuccess);
  EXPECT_EQ(cudaGraphExecDestroy(exec), cudaSuccess);
  cudaGraphExec_t again = nullptr;
  EXPECT_EQ(cudaGraphDestroy(graph), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaGraphInstantiate(&again, graph), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaGraphLaunch(exec, stream_), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaGraphExecDestroy(exec), cudaErrorInvalidResourceHandle);
}

}  // namespace
}  // namespace actium::test
