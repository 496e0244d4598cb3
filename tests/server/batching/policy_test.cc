#include "server/batching/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace actium::batching {
namespace {

using observe::CloseReason;
using std::chrono::microseconds;

struct Case {
  std::string name;
  std::vector<int> row_ends;
  microseconds waited;
  int taken = 0;
  CloseReason closed = CloseReason::kWorkerFree;
  std::optional<microseconds> then_waits = std::nullopt;
};

const base::TimePoint kQueued = base::TimePoint(std::chrono::hours(1));

class DecideTest : public ::testing::TestWithParam<Case> {};

TEST_P(DecideTest, FollowsItsRules) {
  const Case& test = GetParam();
  const PolicyOptions options{
      .max_batch_size = 8, .preferred_batch_sizes = {4, 6}, .max_queue_delay = microseconds(100)};
  const base::TimePoint now = kQueued + test.waited;

  const Decision decision =
      Decide({.row_ends = test.row_ends, .oldest_since = kQueued}, options, now);

  EXPECT_EQ(decision.rows_to_take, test.taken);
  if (test.taken > 0) {
    EXPECT_EQ(decision.closed, test.closed);
  }
  EXPECT_EQ(decision.wake_at, test.then_waits ? now + *test.then_waits : base::TimePoint::max());
}

INSTANTIATE_TEST_SUITE_P(
    Rules, DecideTest,  // max_batch_size 8, preferred {4, 6}, max_queue_delay 100 us
    ::testing::Values(
        //   name                           row_ends         waited             taken  reason
        Case{"EmptyQueueTakesNothing", {}, microseconds(0)},
        Case{"BelowPreferredWaits", {1, 2, 3}, microseconds(40), 0, {}, microseconds(60)},
        Case{"DelayOverTakesAll", {1, 2, 3}, microseconds(100), 3, CloseReason::kDelayOver},
        Case{"PreferredIsTakenAtOnce",
             {1, 2, 3, 4, 5},
             microseconds(0),
             4,
             CloseReason::kPreferredSize},
        Case{"LargestPreferredIsTaken", {1, 5, 7}, microseconds(0), 5, CloseReason::kPreferredSize},
        Case{"ARequestIsNeverSplit", {3, 5}, microseconds(0), 3, CloseReason::kPreferredSize},
        Case{"LargerThanPreferredGoesAsItIs", {5}, microseconds(0), 5, CloseReason::kPreferredSize},
        Case{"FullBatchTakesAll", {4, 8}, microseconds(0), 8, CloseReason::kFull},
        Case{"OverfullBatchTakesWhatFits", {3, 9}, microseconds(0), 3, CloseReason::kFull},
        Case{"LargestRequestIsFull", {8}, microseconds(0), 8, CloseReason::kFull}),
    [](const auto& test) { return test.param.name; });

TEST(DecideWithoutDelayTest, AFreeWorkerTakesWhatWaits) {
  const std::vector<int> row_ends = {1, 3};
  const Decision decision = Decide({.row_ends = row_ends, .oldest_since = kQueued},
                                   {.max_batch_size = 8, .preferred_batch_sizes = {}}, kQueued);
  EXPECT_EQ(decision.rows_to_take, 3);
  EXPECT_EQ(decision.closed, CloseReason::kWorkerFree);
}

TEST(DecideWithoutDelayTest, IdleWorkersShareWhatWaits) {
  const auto rows_to_take = [](std::vector<int> row_ends, int sharers) {
    return Decide({.row_ends = row_ends, .oldest_since = kQueued, .sharers = sharers},
                  {.max_batch_size = 16, .preferred_batch_sizes = {}}, kQueued)
        .rows_to_take;
  };
  EXPECT_EQ(rows_to_take({1, 2, 3, 4}, 2), 2);
  EXPECT_EQ(rows_to_take({1, 2, 3}, 2), 2) << "the odd one goes with the first";
  EXPECT_EQ(rows_to_take({1, 2, 3}, 8), 1) << "more workers than requests";
  EXPECT_EQ(rows_to_take({5, 6}, 2), 5) << "a request is never split";
}

TEST(DecideWithDelayTest, AClosingQueueWaitsForNobody) {
  const std::vector<int> row_ends = {1, 3};
  const Decision decision =
      Decide({.row_ends = row_ends, .oldest_since = kQueued, .closing = true},
             {.max_batch_size = 8, .preferred_batch_sizes = {}, .max_queue_delay = microseconds(9)},
             kQueued);
  EXPECT_EQ(decision.rows_to_take, 3);
}

TEST(DecideAloneTest, TakesOneRequestWhateverElseWaits) {
  const std::vector<int> row_ends = {2, 4, 8};
  const Decision decision = Decide(
      {.row_ends = row_ends, .oldest_since = kQueued, .alone = true},
      {.max_batch_size = 8, .preferred_batch_sizes = {4}, .max_queue_delay = microseconds(100)},
      kQueued);
  EXPECT_EQ(decision.rows_to_take, 2);
  EXPECT_EQ(decision.closed, CloseReason::kAlone);
}

TEST(DecideWithoutDelayTest, ABatchIsFullWhereALargerOneComputesNoFaster) {
  const std::vector<int> row_ends = {1, 2, 3, 4, 5, 6};
  const Decision decision = Decide({.row_ends = row_ends, .oldest_since = kQueued, .sharers = 2},
                                   {.max_batch_size = 16, .efficient_rows = 4}, kQueued);
  EXPECT_EQ(decision.rows_to_take, 4);
  EXPECT_EQ(decision.closed, CloseReason::kFull);
}

TEST(DecideWithoutDelayTest, ARequestBeyondTheEfficientRowsGoesAsItIs) {
  const std::vector<int> row_ends = {9, 10};
  const Decision decision = Decide({.row_ends = row_ends, .oldest_since = kQueued},
                                   {.max_batch_size = 16, .efficient_rows = 4}, kQueued);
  EXPECT_EQ(decision.rows_to_take, 9);
}

TEST(FullRowsTest, TheConfigurationMayAskForLargerBatches) {
  EXPECT_EQ(FullRows({.max_batch_size = 16}), 16) << "nothing was measured";
  EXPECT_EQ(FullRows({.max_batch_size = 16, .efficient_rows = 4}), 4);
  EXPECT_EQ(FullRows({.max_batch_size = 2, .efficient_rows = 8}), 2);
  EXPECT_EQ(FullRows({.max_batch_size = 16, .preferred_batch_sizes = {8, 16}, .efficient_rows = 4}),
            16);
  EXPECT_EQ(
      FullRows({.max_batch_size = 16, .max_queue_delay = microseconds(1), .efficient_rows = 4}),
      16);
}

// Whatever the requests' sizes, a full queue makes progress and takes whole requests.
TEST(DecidePropertyTest, RowsToTakeEndWhereARequestEndsAndFit) {
  uint32_t random = 1;
  const auto draw = [&](uint32_t below) {
    random = random * 1664525u + 1013904223u;
    return static_cast<int>((random >> 8) % below);
  };
  for (int round = 0; round < 20'000; ++round) {
    const int sharers = 1 + draw(4);
    PolicyOptions options{.max_batch_size = 1 + draw(16), .preferred_batch_sizes = {}};
    options.efficient_rows = draw(20);
    for (int size = 1; size <= options.max_batch_size; ++size) {
      if (draw(4) == 0) options.preferred_batch_sizes.push_back(size);
    }
    options.max_queue_delay = microseconds(draw(3));
    std::vector<int> row_ends;
    const int requests = 1 + draw(12);
    for (int rows = 0, i = 0; i < requests && rows < options.max_batch_size; ++i) {
      row_ends.push_back(rows += 1 + draw(static_cast<uint32_t>(options.max_batch_size)));
    }
    const base::TimePoint now = kQueued + microseconds(draw(4));

    const Decision decision =
        Decide({.row_ends = row_ends, .oldest_since = kQueued, .sharers = sharers}, options, now);

    if (decision.rows_to_take == 0) {
      ASSERT_GT(decision.wake_at, now);
      ASSERT_LE(decision.wake_at, kQueued + options.max_queue_delay);
    } else {
      ASSERT_THAT(row_ends, ::testing::Contains(decision.rows_to_take));
      ASSERT_LE(decision.rows_to_take, options.max_batch_size);
    }
  }
}

}  // namespace
}  // namespace actium::batching
