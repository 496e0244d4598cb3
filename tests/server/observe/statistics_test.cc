#include "server/observe/statistics.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace actium::observe {
namespace {

using std::chrono::microseconds;

std::shared_ptr<const ModelRef> NewModel(std::string name, int64_t version = 1) {
  ModelRef model;
  model.model = std::move(name);
  model.version = version;
  return std::make_shared<const ModelRef>(std::move(model));
}

constexpr StageTimes kStages = {.queue = microseconds(10),
                                .gather = microseconds(2),
                                .compute = microseconds(300),
                                .scatter = microseconds(1)};

RequestOutcome Answered(std::shared_ptr<const ModelRef> model, int rows = 1) {
  RequestOutcome outcome;
  outcome.model = std::move(model);
  outcome.rows = rows;
  outcome.stages = kStages;
  outcome.total = microseconds(320);
  return outcome;
}

RequestOutcome Dropped(std::shared_ptr<const ModelRef> model, absl::StatusCode code,
                       DropReason reason) {
  RequestOutcome outcome;
  outcome.model = std::move(model);
  outcome.code = code;
  outcome.dropped = reason;
  outcome.rows = 1;
  outcome.total = microseconds(5);
  return outcome;
}

BatchOutcome Executed(std::shared_ptr<const ModelRef> model, int rows, int executed_rows) {
  BatchOutcome outcome;
  outcome.model = std::move(model);
  outcome.requests = rows;
  outcome.rows = rows;
  outcome.executed_rows = executed_rows;
  outcome.stages = kStages;
  return outcome;
}

TEST(StatisticsTest, AnsweredRequestsAreCountedWithTheirTimes) {
  const auto mish = NewModel("mish");
  Statistics statistics;

  statistics.OnRequest(Answered(mish, 3));
  statistics.OnRequest(Answered(mish, 1));

  const ModelSnapshot snapshot = statistics.SnapshotOf(mish);
  const TrafficStatistics& serving = snapshot.of(TrafficClass::kServing);
  EXPECT_EQ(serving.succeeded.count, 2);
  EXPECT_EQ(serving.succeeded.sum, microseconds(640));
  EXPECT_EQ(serving.succeeded_rows, 4);
  EXPECT_EQ(serving.failed.count, 0);
  EXPECT_EQ(serving.queue.count(), 2);
  EXPECT_EQ(serving.queue.max(), 10'000);
  EXPECT_EQ(serving.gather.max(), 2'000);
  EXPECT_EQ(serving.compute.sum(), 600'000);
  EXPECT_EQ(serving.scatter.max(), 1'000);
  EXPECT_EQ(serving.total.Percentile(99), 320'000);
}

TEST(StatisticsTest, LastRequestIsTheTimeOfDayOfTheAnswer) {
  const auto mish = NewModel("mish");
  Statistics statistics;
  EXPECT_FALSE(statistics.SnapshotOf(mish).of(TrafficClass::kServing).last_request.has_value());

  const auto before = std::chrono::system_clock::now();
  statistics.OnRequest(Answered(mish));
  const auto after = std::chrono::system_clock::now();

  const auto last = statistics.SnapshotOf(mish).of(TrafficClass::kServing).last_request;
  ASSERT_TRUE(last.has_value());
  EXPECT_GE(*last, before);
  EXPECT_LE(*last, after);
}

TEST(StatisticsTest, DroppedRequestsFailAndAreCountedByReason) {
  const auto mish = NewModel("mish");
  Statistics statistics;

  statistics.OnRequest(Dropped(mish, absl::StatusCode::kInvalidArgument, DropReason::kInvalid));
  statistics.OnRequest(Dropped(mish, absl::StatusCode::kUnavailable, DropReason::kQueueFull));
  statistics.OnRequest(Dropped(mish, absl::StatusCode::kUnavailable, DropReason::kQueueFull));
  statistics.OnRequest(Dropped(mish, absl::StatusCode::kDeadlineExceeded, DropReason::kExpired));
  statistics.OnRequest(Dropped(mish, absl::StatusCode::kCancelled, DropReason::kCancelled));
  statistics.OnRequest(Dropped(mish, absl::StatusCode::kUnavailable, DropReason::kUnloaded));
  statistics.OnRequest(Dropped(mish, absl::StatusCode::kInternal, DropReason::kNone));

  const ModelSnapshot snapshot = statistics.SnapshotOf(mish);
  const TrafficStatistics& serving = snapshot.of(TrafficClass::kServing);
  EXPECT_EQ(serving.succeeded.count, 0);
  EXPECT_EQ(serving.failed.count, 7);
  EXPECT_EQ(serving.failed.sum, microseconds(35));
  EXPECT_EQ(serving.Dropped(DropReason::kNone), 0) << "a run that failed was not dropped";
  EXPECT_EQ(serving.Dropped(DropReason::kInvalid), 1);
  EXPECT_EQ(serving.Dropped(DropReason::kQueueFull), 2);
  EXPECT_EQ(serving.Dropped(DropReason::kExpired), 1);
  EXPECT_EQ(serving.Dropped(DropReason::kCancelled), 1);
  EXPECT_EQ(serving.Dropped(DropReason::kUnloaded), 1);
  EXPECT_EQ(serving.total.count(), 0) << "latencies are those of answers";
}

TEST(StatisticsTest, RequestsForNoKnownModelAreCountedApart) {
  Statistics statistics;

  statistics.OnRequest(Dropped(nullptr, absl::StatusCode::kNotFound, DropReason::kInvalid));

  EXPECT_EQ(statistics.unknown_model_requests(), 1);
  EXPECT_TRUE(statistics.Snapshot().empty());
}

TEST(StatisticsTest, BatchesAreCountedBySizeReasonAndPadding) {
  const auto mish = NewModel("mish");
  Statistics statistics;
  BatchOutcome full = Executed(mish, 8, 8);
  full.closed = CloseReason::kFull;
  BatchOutcome padded = Executed(mish, 3, 4);
  padded.non_finite_rows = 2;

  statistics.OnBatch(full);
  statistics.OnBatch(padded);
  statistics.OnBatch(padded);

  const ModelSnapshot snapshot = statistics.SnapshotOf(mish);
  const TrafficStatistics& serving = snapshot.of(TrafficClass::kServing);
  EXPECT_EQ(serving.batches, 3);
  EXPECT_EQ(serving.rows, 14);
  EXPECT_EQ(serving.executed_rows, 16);
  EXPECT_EQ(serving.non_finite_rows, 4);
  EXPECT_DOUBLE_EQ(serving.MeanBatchRows(), 14.0 / 3);
  EXPECT_EQ(serving.Closed(CloseReason::kFull), 1);
  EXPECT_EQ(serving.Closed(CloseReason::kWorkerFree), 2);
  EXPECT_EQ(serving.batches_by_rows, (std::map<int, int64_t>{{3, 2}, {8, 1}}));
  EXPECT_EQ(serving.succeeded_by_rows.at(3).compute.count, 2);
  EXPECT_EQ(serving.succeeded_by_rows.at(3).compute.sum, microseconds(600));
  EXPECT_EQ(serving.succeeded_by_rows.at(8).gather.sum, microseconds(2));
}

TEST(StatisticsTest, FailedBatchesHaveNoDurations) {
  const auto mish = NewModel("mish");
  Statistics statistics;
  BatchOutcome failed = Executed(mish, 2, 2);
  failed.code = absl::StatusCode::kInternal;

  statistics.OnBatch(failed);

  const ModelSnapshot snapshot = statistics.SnapshotOf(mish);
  const TrafficStatistics& serving = snapshot.of(TrafficClass::kServing);
  EXPECT_EQ(serving.batches, 1);
  EXPECT_EQ(serving.failed_batches, 1);
  EXPECT_TRUE(serving.succeeded_by_rows.empty());
}

TEST(StatisticsTest, WarmUpAndComparisonsDoNotTouchServing) {
  const auto mish = NewModel("mish");
  Statistics statistics;
  for (const auto traffic :
       {TrafficClass::kWarmup, TrafficClass::kComparison, TrafficClass::kShadow}) {
    RequestOutcome request = Answered(mish);
    request.traffic = traffic;
    BatchOutcome batch = Executed(mish, 1, 1);
    batch.traffic = traffic;
    statistics.OnRequest(request);
    statistics.OnBatch(batch);
  }

  const ModelSnapshot snapshot = statistics.SnapshotOf(mish);
  EXPECT_EQ(snapshot.of(TrafficClass::kServing).succeeded.count, 0);
  EXPECT_EQ(snapshot.of(TrafficClass::kServing).batches, 0);
  EXPECT_FALSE(snapshot.of(TrafficClass::kServing).last_request.has_value());
  EXPECT_EQ(snapshot.of(TrafficClass::kWarmup).batches, 1);
  EXPECT_EQ(snapshot.of(TrafficClass::kComparison).total.count(), 1);
  EXPECT_EQ(snapshot.of(TrafficClass::kShadow).succeeded.count, 1);
}

TEST(StatisticsTest, SnapshotsAreInOrderAndFiltered) {
  const auto swish2 = NewModel("swish", 2);
  const auto swish10 = NewModel("swish", 10);
  const auto mish = NewModel("mish", 3);
  Statistics statistics;
  for (const auto& model : {swish10, mish, swish2}) statistics.OnRequest(Answered(model));

  const auto names = [](const std::vector<ModelSnapshot>& snapshots) {
    std::vector<std::string> result;
    for (const ModelSnapshot& snapshot : snapshots) {
      result.push_back(snapshot.model->model + ":" + std::to_string(snapshot.model->version));
    }
    return result;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names(statistics.Snapshot()), (Names{"mish:3", "swish:2", "swish:10"}));
  EXPECT_EQ(names(statistics.Snapshot("swish")), (Names{"swish:2", "swish:10"}));
  EXPECT_EQ(names(statistics.Snapshot("swish", 10)), (Names{"swish:10"}));
  EXPECT_EQ(names(statistics.Snapshot("relu")), (Names{}));
}

TEST(StatisticsTest, AVersionLoadedAgainCountsFromZero) {
  Statistics statistics;
  auto mish = NewModel("mish");
  statistics.OnRequest(Answered(mish));

  mish = NewModel("mish");

  EXPECT_EQ(statistics.SnapshotOf(mish).of(TrafficClass::kServing).succeeded.count, 0);
  EXPECT_TRUE(statistics.Snapshot().empty()) << "the first one is unloaded";
}

TEST(StatisticsTest, ReloadingForEverDoesNotGatherVersions) {
  Statistics statistics;
  std::weak_ptr<const ModelRef> first;
  for (int i = 0; i < 200; ++i) {
    const auto mish = NewModel("mish");
    if (i == 0) first = mish;
    statistics.OnRequest(Answered(mish));
  }
  EXPECT_TRUE(first.expired());
}

TEST(StatisticsTest, NothingIsLostBetweenThreads) {
  constexpr int kThreads = 4;
  constexpr int kEvents = 2000;
  const std::vector models = {NewModel("mish"), NewModel("relu")};
  Statistics statistics;

  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEvents; ++i) {
        const auto& model = models[static_cast<size_t>(i + thread) % 2];
        statistics.OnRequest(Answered(model));
        statistics.OnBatch(Executed(model, 1, 1));
        statistics.OnRequest(Dropped(nullptr, absl::StatusCode::kNotFound, DropReason::kInvalid));
      }
    });
  }
  // A reader beside the writers sees requests and latencies in step.
  for (int i = 0; i < 50; ++i) {
    for (const ModelSnapshot& snapshot : statistics.Snapshot()) {
      const TrafficStatistics& serving = snapshot.of(TrafficClass::kServing);
      EXPECT_EQ(serving.succeeded.count, serving.total.count());
    }
  }
  for (std::thread& thread : threads) thread.join();

  for (const auto& model : models) {
    const ModelSnapshot snapshot = statistics.SnapshotOf(model);
    EXPECT_EQ(snapshot.of(TrafficClass::kServing).succeeded.count, kThreads * kEvents / 2);
    EXPECT_EQ(snapshot.of(TrafficClass::kServing).batches, kThreads * kEvents / 2);
  }
  EXPECT_EQ(statistics.unknown_model_requests(), kThreads * kEvents);
}

}  // namespace
}  // namespace actium::observe
