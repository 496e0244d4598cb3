#include "server/observe/statistics.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

namespace actium::observe {
namespace {

void CountSuccess(const RequestOutcome& outcome, TrafficStatistics& counts) {
  counts.succeeded.Add(outcome.total);
  counts.succeeded_rows += outcome.rows;
  counts.queue.Record(outcome.stages.queue.count());
  counts.gather.Record(outcome.stages.gather.count());
  counts.compute.Record(outcome.stages.compute.count());
  counts.scatter.Record(outcome.stages.scatter.count());
  counts.total.Record(outcome.total.count());
}

void CountFailure(const RequestOutcome& outcome, TrafficStatistics& counts) {
  counts.failed.Add(outcome.total);
  if (outcome.dropped != DropReason::kNone) {
    ++counts.dropped[static_cast<size_t>(outcome.dropped)];
  }
}

void CountBatch(const BatchOutcome& outcome, TrafficStatistics& counts) {
  ++counts.batches;
  counts.rows += outcome.rows;
  counts.executed_rows += outcome.executed_rows;
  counts.non_finite_rows += outcome.non_finite_rows;
  ++counts.closed[static_cast<size_t>(outcome.closed)];
  ++counts.batches_by_rows[outcome.rows];
  if (outcome.code != absl::StatusCode::kOk) {
    ++counts.failed_batches;
    return;
  }
  BatchSizeTotals& size = counts.succeeded_by_rows[outcome.rows];
  size.gather.Add(outcome.stages.gather);
  size.compute.Add(outcome.stages.compute);
  size.scatter.Add(outcome.stages.scatter);
}

// Whether nobody but the statistics holds the version: nobody can get hold of it again.
bool Unloaded(const ModelSnapshot& version) { return version.model.use_count() == 1; }

}  // namespace

double TrafficStatistics::MeanBatchRows() const {
  return batches == 0 ? 0.0 : static_cast<double>(rows) / static_cast<double>(batches);
}

void Statistics::OnRequest(const RequestOutcome& outcome) {
  if (!outcome.model) {
    unknown_model_requests_.fetch_add(1);
    return;
  }
  const auto now = std::chrono::system_clock::now();
  Count(outcome.model, outcome.traffic, [&](TrafficStatistics& counts) {
    // Threads may come here in another order than they read the time.
    counts.last_request = std::max(counts.last_request.value_or(now), now);
    if (outcome.code == absl::StatusCode::kOk) {
      CountSuccess(outcome, counts);
    } else {
      CountFailure(outcome, counts);
    }
  });
}

void Statistics::OnBatch(const BatchOutcome& outcome) {
  Count(outcome.model, outcome.traffic,
        [&](TrafficStatistics& counts) { CountBatch(outcome, counts); });
}

std::vector<ModelSnapshot> Statistics::Snapshot(std::string_view model,
                                                std::optional<int64_t> version) const {
  std::vector<ModelSnapshot> snapshots;
  for (const Shard& shard : shards_) {
    base::MutexLock lock(shard.mutex);
    for (const auto& [ref, counted] : shard.versions) {
      if (!model.empty() && ref->model != model) continue;
      if (version.has_value() && ref->version != *version) continue;
      if (!Unloaded(counted)) snapshots.push_back(counted);
    }
  }
  std::ranges::sort(snapshots, {}, [](const ModelSnapshot& snapshot) {
    return std::tie(snapshot.model->model, snapshot.model->version);
  });
  return snapshots;
}

ModelSnapshot Statistics::SnapshotOf(const std::shared_ptr<const ModelRef>& model) const {
  const Shard& shard = shards_[ShardIndex(model.get())];
  base::MutexLock lock(shard.mutex);
  const auto found = shard.versions.find(model.get());
  return found == shard.versions.end() ? ModelSnapshot{.model = model} : found->second;
}

size_t Statistics::ShardIndex(const ModelRef* model) {
  // Objects of this size differ from bit 6 on.
  return (reinterpret_cast<uintptr_t>(model) >> 6) % kShards;
}

void Statistics::Count(const std::shared_ptr<const ModelRef>& model, TrafficClass traffic,
                       absl::FunctionRef<void(TrafficStatistics&)> add) {
  const auto index = static_cast<size_t>(traffic);
  Shard& shard = shards_[ShardIndex(model.get())];
  {
    base::MutexLock lock(shard.mutex);
    const auto found = shard.versions.find(model.get());
    if (found != shard.versions.end()) return add(found->second.traffic[index]);
  }
  // Once per version, and one lock at a time.
  ForgetUnloaded();
  base::MutexLock lock(shard.mutex);
  add(shard.versions.try_emplace(model.get(), ModelSnapshot{.model = model})
          .first->second.traffic[index]);
}

void Statistics::ForgetUnloaded() {
  for (Shard& shard : shards_) {
    base::MutexLock lock(shard.mutex);
    std::erase_if(shard.versions, [](const auto& entry) { return Unloaded(entry.second); });
  }
}

}  // namespace actium::observe
