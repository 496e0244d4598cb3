#include "server/cuda/repeated_work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "server/cuda/host/control.h"
#include "server/cuda/status.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;
using namespace cuda;  // NOLINT(google-build-using-namespace): everything here is of it.

class RepeatedWorkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    host::Reset();
    ACTIUM_ASSERT_OK_AND_ASSIGN(stream_, NewStream());
  }
  void TearDown() override {
    stream_.reset();
    EXPECT_EQ(host::LiveObjects(), host::ObjectCounts());
    host::Reset();
  }

  static constexpr auto kLong = std::chrono::milliseconds(2);

  absl::Status Sleep() {
    ++enqueued_;
    const auto sleep = [](void*) { std::this_thread::sleep_for(kLong); };
    return ToStatus(cudaLaunchHostFunc(stream_.get(), sleep, nullptr), "sleeping");
  }

  Stream stream_;
  int enqueued_ = 0;
};

TEST_F(RepeatedWorkTest, LongWorkIsDoneOnceForEachTime) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto work,
                              RepeatedWork::Make(stream_.get(), [this] { return Sleep(); }));
  EXPECT_EQ(enqueued_, 3);  // To warm up, to see how long it is, and into the graph.
  for (int i = 0; i < 2; ++i) {
    ACTIUM_ASSERT_OK_AND_ASSIGN(const float milliseconds, work.Milliseconds());
    EXPECT_GE(milliseconds, 2.0f);
  }
  EXPECT_EQ(enqueued_, 3);
}

TEST_F(RepeatedWorkTest, ShortWorkTakesItsPartOfAllRepetitions) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto memory, NewDeviceMemory(4, "a test"));
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto work, RepeatedWork::Make(stream_.get(), [&] {
                                ++enqueued_;
                                return ToStatus(cudaMemsetAsync(memory.get(), 0, 4, stream_.get()),
                                                "clearing");
                              }));
  EXPECT_GE(enqueued_, 3);
  EXPECT_LE(enqueued_, 2 + 50);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const float milliseconds, work.Milliseconds());
  EXPECT_GT(milliseconds, 0.0f);
}

TEST_F(RepeatedWorkTest, WorkThatCannotBeEnqueuedIsNotMeasured) {
  for (const int failing : {1, 2, 3}) {
    enqueued_ = 0;
    const auto work = RepeatedWork::Make(stream_.get(), [&]() -> absl::Status {
      ACTIUM_RETURN_IF_ERROR(Sleep());
      return enqueued_ == failing ? absl::InternalError("the test's") : absl::OkStatus();
    });
    EXPECT_THAT(work.status(), StatusIs(StatusCode::kInternal, HasSubstr("the test's")));
  }
  ACTIUM_EXPECT_OK(Sleep());  // The stream does not capture any more.
  EXPECT_EQ(cudaStreamSynchronize(stream_.get()), cudaSuccess);
}

}  // namespace
}  // namespace actium::test
