#include "server/batching/request_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/server/batching/test_requests.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace actium::batching {
namespace {

using observe::CloseReason;
using observe::DropReason;
using std::chrono::milliseconds;
using test::MakeRequest;
using test::TestRequest;
using ::testing::ElementsAre;

class RequestQueueTest : public ::testing::Test {
 protected:
  RequestQueue Queue(QueueOptions options = {}, bool batched = true, bool fixed_shapes = false) {
    return RequestQueue(options, 8, batched, fixed_shapes);
  }

  // Adds a request that must be taken in; its id is what the tests look for.
  void Push(RequestQueue& queue, const std::string& id, TestRequest made = MakeRequest(1, 1)) {
    made.pending->request.id = id;
    ACTIUM_ASSERT_OK(queue.Push(made.pending, clock_.Now()));
    EXPECT_EQ(made.pending, nullptr);
  }

  // Takes what the policy says and returns the requests' ids.
  std::vector<std::string> Take(RequestQueue& queue) {
    batch_.clear();
    const auto look = queue.LookAt(clock_.Now(), false);
    if (look.decision.rows_to_take > 0) queue.Take(look, clock_.Now(), batch_, dropped_);
    std::vector<std::string> ids;
    for (const auto& request : batch_) ids.push_back(request->request.id);
    return ids;
  }

  std::vector<std::pair<std::string, DropReason>> Dropped() const {
    std::vector<std::pair<std::string, DropReason>> result;
    for (const auto& drop : dropped_) result.emplace_back(drop.request->request.id, drop.reason);
    return result;
  }

  static TestRequest WithDeadline(base::TimePoint deadline) {
    TestRequest made = MakeRequest(1, 1);
    made.pending->request.deadline = deadline;
    return made;
  }

  static TestRequest WithTimeout(std::chrono::nanoseconds timeout) {
    TestRequest made = MakeRequest(1, 1);
    made.pending->request.timeout = timeout;
    return made;
  }

  test::FakeClock clock_;
  std::vector<std::unique_ptr<PendingRequest>> batch_;
  std::vector<DroppedRequest> dropped_;
};

TEST_F(RequestQueueTest, TakesInOrderOfArrival) {
  RequestQueue queue = Queue();
  Push(queue, "a");
  Push(queue, "b");
  Push(queue, "c");
  EXPECT_THAT(Take(queue), ElementsAre("a", "b", "c"));
  EXPECT_EQ(queue.size(), 0);
}

TEST_F(RequestQueueTest, NeverSplitsARequest) {
  RequestQueue queue = Queue();
  Push(queue, "a", MakeRequest(5, 1));
  Push(queue, "b", MakeRequest(5, 2));
  EXPECT_THAT(Take(queue), ElementsAre("a"));
  EXPECT_THAT(Take(queue), ElementsAre("b"));
}

TEST_F(RequestQueueTest, BatchesOnlyEqualShapesTheOldestFirst) {
  RequestQueue queue = Queue();
  Push(queue, "a4", MakeRequest(1, 1, {4}));
  Push(queue, "b6", MakeRequest(1, 2, {6}));
  Push(queue, "c4", MakeRequest(2, 3, {4}));
  Push(queue, "d23", MakeRequest(1, 4, {2, 3}));
  EXPECT_THAT(Take(queue), ElementsAre("a4", "c4"));
  EXPECT_THAT(Take(queue), ElementsAre("b6"));
  EXPECT_THAT(Take(queue), ElementsAre("d23"));
}

TEST_F(RequestQueueTest, ShapesThatComeAndGoAreToldApartLater) {
  RequestQueue queue = Queue();
  for (int64_t size = 1; size < 50; ++size) {
    Push(queue, "first", MakeRequest(1, 1, {size}));
    Push(queue, "second", MakeRequest(1, 1, {size + 100}));
    EXPECT_THAT(Take(queue), ElementsAre("first"));
    EXPECT_THAT(Take(queue), ElementsAre("second"));
  }
}

TEST_F(RequestQueueTest, AFullGroupDoesNotWaitForAnOlderOne) {
  RequestQueue queue = Queue({.preferred_batch_sizes = {}, .max_queue_delay = milliseconds(1)});
  Push(queue, "old", MakeRequest(1, 1, {4}));
  Push(queue, "full", MakeRequest(8, 2, {6}));
  EXPECT_THAT(Take(queue), ElementsAre("full"));
  EXPECT_THAT(Take(queue), ElementsAre());
  EXPECT_EQ(queue.LookAt(clock_.Now(), false).decision.wake_at, clock_.Now() + milliseconds(1));
  clock_.Advance(milliseconds(1));
  EXPECT_THAT(Take(queue), ElementsAre("old"));
}

TEST_F(RequestQueueTest, RequestsToBeAloneAreTakenSingly) {
  RequestQueue queue = Queue();
  for (const char* id : {"a", "b"}) {
    TestRequest made = MakeRequest(1, 1);
    made.pending->request.alone = true;
    Push(queue, id, std::move(made));
  }
  Push(queue, "c");
  Push(queue, "d");
  EXPECT_EQ(queue.LookAt(clock_.Now(), false).decision.closed, CloseReason::kAlone);
  EXPECT_THAT(Take(queue), ElementsAre("a"));
  EXPECT_THAT(Take(queue), ElementsAre("b"));
  EXPECT_THAT(Take(queue), ElementsAre("c", "d"));
}

TEST_F(RequestQueueTest, WithoutABatchDimensionEachRequestIsAlone) {
  RequestQueue queue = Queue({}, false);
  Push(queue, "a", MakeRequest(1, 1, {6}, false));
  Push(queue, "b", MakeRequest(1, 2, {6}, false));
  EXPECT_THAT(Take(queue), ElementsAre("a"));
  EXPECT_THAT(Take(queue), ElementsAre("b"));
}

TEST_F(RequestQueueTest, RefusesWhatDoesNotFitAndLeavesItUnchanged) {
  RequestQueue queue = Queue({.preferred_batch_sizes = {}, .max_queue_size = 2});
  Push(queue, "a");
  Push(queue, "b");
  TestRequest made = MakeRequest(1, 1);
  EXPECT_THAT(queue.Push(made.pending, clock_.Now()),
              test::StatusIs(absl::StatusCode::kUnavailable,
                             "queue full: 2 requests wait, max_queue_size is 2"));
  ASSERT_NE(made.pending, nullptr);
  EXPECT_EQ(made.pending->enqueued, base::TimePoint());
  EXPECT_EQ(queue.size(), 2);
}

TEST_F(RequestQueueTest, NeverTakesAnExpiredRequest) {
  RequestQueue queue = Queue();
  Push(queue, "expires", WithDeadline(clock_.Now() + milliseconds(5)));
  Push(queue, "stays", WithDeadline(clock_.Now() + milliseconds(6)));
  EXPECT_EQ(queue.next_expiry(), clock_.Now() + milliseconds(5));
  clock_.Advance(milliseconds(5));
  EXPECT_THAT(Take(queue), ElementsAre("stays"));
  EXPECT_THAT(Dropped(), ElementsAre(std::pair("expires", DropReason::kExpired)));
}

TEST_F(RequestQueueTest, NeverTakesACancelledRequest) {
  RequestQueue queue = Queue();
  TestRequest made = MakeRequest(1, 1);
  const auto cancellation = made.cancellation;
  Push(queue, "cancelled", std::move(made));
  Push(queue, "stays");
  cancellation->Cancel();
  EXPECT_THAT(Take(queue), ElementsAre("stays"));
  EXPECT_THAT(Dropped(), ElementsAre(std::pair("cancelled", DropReason::kCancelled)));
}

TEST_F(RequestQueueTest, DropDeadKeepsTheLivingInOrder) {
  RequestQueue queue = Queue();
  for (int i = 0; i < 6; ++i) {
    const auto in = milliseconds(i % 2 == 0 ? 1 : 9);
    Push(queue, std::to_string(i), WithDeadline(clock_.Now() + in));
  }
  clock_.Advance(milliseconds(1));
  queue.DropDead(clock_.Now(), dropped_);
  EXPECT_EQ(dropped_.size(), 3u);
  EXPECT_EQ(queue.size(), 3);
  EXPECT_EQ(queue.next_expiry(), clock_.Now() + milliseconds(8));
  EXPECT_THAT(Take(queue), ElementsAre("1", "3", "5"));
  EXPECT_EQ(queue.next_expiry(), base::TimePoint::max());
}

TEST_F(RequestQueueTest, DropAllEmptiesTheQueue) {
  RequestQueue queue = Queue();
  Push(queue, "a", MakeRequest(1, 1, {4}));
  Push(queue, "b", MakeRequest(1, 1, {6}));
  queue.DropAll(dropped_);
  EXPECT_THAT(Dropped(), ElementsAre(std::pair("a", DropReason::kUnloaded),
                                     std::pair("b", DropReason::kUnloaded)));
  EXPECT_EQ(queue.size(), 0);
  EXPECT_THAT(Take(queue), ElementsAre());
}

struct TimeoutCase {
  std::string name;
  milliseconds standard;  // The model's default; 0: none.
  bool may_override = true;
  milliseconds own;        // The request's; 0: none.
  milliseconds effective;  // 0: none.
};

class TimeoutTest : public ::testing::TestWithParam<TimeoutCase> {};

TEST_P(TimeoutTest, DecidesWhenARequestExpires) {
  const TimeoutCase& test = GetParam();
  RequestQueue queue({.preferred_batch_sizes = {},
                      .default_timeout = test.standard,
                      .allow_timeout_override = test.may_override},
                     8, true, true);
  const base::TimePoint now(std::chrono::hours(1));
  TestRequest made = MakeRequest(1, 1);
  made.pending->request.timeout = test.own;
  ACTIUM_ASSERT_OK(queue.Push(made.pending, now));
  EXPECT_EQ(queue.next_expiry(),
            test.effective.count() == 0 ? base::TimePoint::max() : now + test.effective);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, TimeoutTest,
    ::testing::Values(
        TimeoutCase{"NoneAtAll", milliseconds(0), true, milliseconds(0), milliseconds(0)},
        TimeoutCase{"TheDefault", milliseconds(9), true, milliseconds(0), milliseconds(9)},
        TimeoutCase{"ItsOwn", milliseconds(0), true, milliseconds(5), milliseconds(5)},
        TimeoutCase{"ItsOwnIfShorter", milliseconds(9), true, milliseconds(5), milliseconds(5)},
        TimeoutCase{"NotItsOwnIfLonger", milliseconds(9), true, milliseconds(15), milliseconds(9)},
        TimeoutCase{"NotItsOwnIfForbidden", milliseconds(9), false, milliseconds(5),
                    milliseconds(9)},
        TimeoutCase{"ForbiddenAndNoDefault", milliseconds(0), false, milliseconds(5),
                    milliseconds(0)}),
    [](const auto& test) { return test.param.name; });

TEST_F(RequestQueueTest, TheDeadlineCountsWhereItIsEarlierThanTheTimeout) {
  RequestQueue queue = Queue();
  TestRequest made = WithTimeout(milliseconds(10));
  made.pending->request.deadline = clock_.Now() + milliseconds(3);
  Push(queue, "a", std::move(made));
  EXPECT_EQ(queue.next_expiry(), clock_.Now() + milliseconds(3));
}

}  // namespace
}  // namespace actium::batching
