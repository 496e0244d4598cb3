#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/server/cuda/host/stand_in.h"

namespace actium::test {
namespace {

class StreamsTest : public StandInTest {
 protected:
  // Makes a stream's work wait until Open().
  void Close(cudaStream_t stream) {
    EXPECT_EQ(
        cudaLaunchHostFunc(
            stream, [](void* gate) { static_cast<std::promise<void>*>(gate)->get_future().wait(); },
            &gate_),
        cudaSuccess);
  }
  void Open() { gate_.set_value(); }

  // Appends a number to `order` when a stream comes to it.
  void Note(cudaStream_t stream, int number) {
    notes_.push_back(std::make_unique<NoteArgs>(NoteArgs{this, number}));
    EXPECT_EQ(cudaLaunchHostFunc(
                  stream,
                  [](void* args) {
                    const auto& note = *static_cast<NoteArgs*>(args);
                    const std::lock_guard<std::mutex> lock(note.test->mutex_);
                    note.test->order_.push_back(note.number);
                  },
                  notes_.back().get()),
              cudaSuccess);
  }
  std::vector<int> order() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return order_;
  }

 private:
  struct NoteArgs {
    StreamsTest* test;
    int number;
  };

  std::promise<void> gate_;
  std::vector<std::unique_ptr<NoteArgs>> notes_;
  std::mutex mutex_;
  std::vector<int> order_;
};

TEST_F(StreamsTest, WorkInOrderAndWithoutTheCaller) {
  const cudaStream_t stream = MakeStream();
  Close(stream);
  for (int i = 0; i < 5; ++i) Note(stream, i);
  EXPECT_EQ(cudaStreamQuery(stream), cudaErrorNotReady);
  EXPECT_EQ(order(), std::vector<int>());
  Open();
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
  EXPECT_EQ(order(), (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(cudaStreamQuery(stream), cudaSuccess);
}

TEST_F(StreamsTest, DoNotWaitForEachOther) {
  const cudaStream_t slow = MakeStream(), fast = MakeStream();
  Close(slow);
  Note(slow, 1);
  Note(fast, 2);
  EXPECT_EQ(cudaStreamSynchronize(fast), cudaSuccess);
  EXPECT_EQ(order(), std::vector<int>{2});
  Open();
  EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  EXPECT_EQ(order(), (std::vector<int>{2, 1}));
}

TEST_F(StreamsTest, WaitForAnEventAsItWasRecordedLast) {
  const cudaStream_t first = MakeStream(), second = MakeStream();
  const cudaEvent_t event = MakeEvent();
  EXPECT_EQ(cudaStreamWaitEvent(second, event),
            cudaSuccess);  // Never recorded: nothing to wait for.
  Close(first);
  Note(first, 1);
  EXPECT_EQ(cudaEventRecord(event, first), cudaSuccess);
  Note(first, 3);
  EXPECT_EQ(cudaStreamWaitEvent(second, event), cudaSuccess);
  Note(second, 2);
  EXPECT_EQ(cudaEventRecord(event, second), cudaSuccess);
  EXPECT_EQ(cudaStreamWaitEvent(first, event), cudaSuccess);
  Note(first, 4);
  EXPECT_EQ(cudaEventQuery(event), cudaErrorNotReady);
  Open();
  EXPECT_EQ(cudaEventSynchronize(event), cudaSuccess);
  EXPECT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  const std::vector<int> noted = order();
  ASSERT_EQ(noted.size(), 4u);
  EXPECT_EQ(noted.front(), 1);
  EXPECT_EQ(noted.back(), 4);
}

TEST_F(StreamsTest, OfTheBlockingKindWaitForTheDefaultStreamAndItForThem) {
  const cudaStream_t blocking = MakeStream(cudaStreamDefault), free = MakeStream();
  Close(blocking);
  Note(blocking, 1);
  Note(nullptr, 2);
  Note(blocking, 3);
  Note(free, 0);
  EXPECT_EQ(cudaStreamSynchronize(free), cudaSuccess);
  EXPECT_EQ(cudaStreamQuery(cudaStreamLegacy), cudaErrorNotReady);
  Open();
  EXPECT_EQ(cudaStreamSynchronize(blocking), cudaSuccess);
  EXPECT_EQ(order(), (std::vector<int>{0, 1, 2, 3}));
}

TEST_F(StreamsTest, CopyPinnedMemoryLaterAndPageableMemoryAtOnce) {
  const cudaStream_t stream = MakeStream();
  int *pinned = nullptr, *device = Allocate<int>(1);
  ASSERT_EQ(cudaMallocHost(&pinned, sizeof(int)), cudaSuccess);
  *pinned = 1;
  Close(stream);
  ASSERT_EQ(cudaMemcpyAsync(device, pinned, sizeof(int), cudaMemcpyHostToDevice, stream),
            cudaSuccess);
  *pinned = 2;  // A race in a program; here the copy cannot have begun.
  Open();
  int pageable = 0;
  ASSERT_EQ(cudaMemcpyAsync(&pageable, device, sizeof(int), cudaMemcpyDeviceToHost, stream),
            cudaSuccess);
  EXPECT_EQ(pageable, 2);
}

TEST_F(StreamsTest, FreeMemoryAfterTheWorkThatMayUseIt) {
  const cudaStream_t stream = MakeStream();
  int* const device = Allocate<int>(1);
  Close(stream);
  ASSERT_EQ(cudaMemsetAsync(device, 0, sizeof(int), stream), cudaSuccess);
  std::thread later([this] { Open(); });
  EXPECT_EQ(cudaFree(device), cudaSuccess);
  EXPECT_EQ(cudaStreamQuery(stream), cudaSuccess);
  later.join();
}

TEST_F(StreamsTest, MeasureTimeBetweenEvents) {
  const cudaStream_t stream = MakeStream();
  const cudaEvent_t start = MakeEvent(cudaEventDefault), end = MakeEvent(cudaEventDefault);
  float milliseconds = -1;
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, start, end), cudaErrorInvalidResourceHandle);
  ASSERT_EQ(cudaEventRecord(start, stream), cudaSuccess);
  Close(stream);
  ASSERT_EQ(cudaEventRecord(end, stream), cudaSuccess);
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, start, end), cudaErrorNotReady);
  Open();
  ASSERT_EQ(cudaEventSynchronize(end), cudaSuccess);
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, start, end), cudaSuccess);
  EXPECT_GE(milliseconds, 0);
  const cudaEvent_t untimed = MakeEvent(cudaEventDisableTiming);
  ASSERT_EQ(cudaEventRecord(untimed, stream), cudaSuccess);
  EXPECT_EQ(cudaEventElapsedTime(&milliseconds, start, untimed), cudaErrorInvalidResourceHandle);
}

TEST_F(StreamsTest, AndEventsThatAreDestroyedAreKnown) {
  const cudaStream_t stream = MakeStream();
  const cudaEvent_t event = MakeEvent();
  Note(stream, 1);
  EXPECT_EQ(cudaEventRecord(event, stream), cudaSuccess);
  EXPECT_EQ(cudaStreamDestroy(stream), cudaSuccess);
  EXPECT_EQ(order(), std::vector<int>{1});
  EXPECT_EQ(cudaEventSynchronize(event), cudaSuccess);
  EXPECT_EQ(cudaEventDestroy(event), cudaSuccess);
  MakeStream();
  MakeEvent();
  EXPECT_EQ(cudaStreamDestroy(stream), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaEventRecord(event, nullptr), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaEventDestroy(event), cudaErrorInvalidResourceHandle);
  EXPECT_EQ(cudaStreamWaitEvent(nullptr, event), cudaErrorInvalidResourceHandle);
}

TEST_F(StreamsTest, MayBeUsedByManyThreads) {
  const cudaStream_t shared = MakeStream();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, shared] {
      const cudaStream_t own = MakeStream(cudaStreamDefault);
      const cudaEvent_t event = MakeEvent();
      for (int round = 0; round < 50; ++round) {
        unsigned char* const memory = Allocate<unsigned char>(64);
        EXPECT_EQ(cudaMemsetAsync(memory, round, 64, own), cudaSuccess);
        EXPECT_EQ(cudaEventRecord(event, own), cudaSuccess);
        EXPECT_EQ(cudaStreamWaitEvent(shared, event), cudaSuccess);
        EXPECT_EQ(cudaMemsetAsync(memory + 32, 0, 32, shared), cudaSuccess);
        EXPECT_EQ(cudaMemsetAsync(memory, 1, 8), cudaSuccess);
        EXPECT_EQ(cudaFree(memory), cudaSuccess);
      }
      EXPECT_EQ(cudaStreamDestroy(own), cudaSuccess);
      EXPECT_EQ(cudaEventDestroy(event), cudaSuccess);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(cudaStreamDestroy(shared), cudaSuccess);
  EXPECT_EQ(cuda::host::LiveObjects(), cuda::host::ObjectCounts{});
}

}  // namespace
}  // namespace actium::test
