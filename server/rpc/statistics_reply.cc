#include "server/rpc/statistics_reply.h"

#include "server/base/status_macros.h"
#include "server/rpc/decode_request.h"
#include "server/rpc/model_reply.h"

namespace actium::rpc {
namespace {

using observe::CloseReason;
using observe::DropReason;
using observe::DurationTotal;
using observe::TrafficStatistics;
using repository::ServedModel;

void Fill(const DurationTotal& total, ::inference::StatisticDuration& duration) {
  duration.set_count(static_cast<uint64_t>(total.count));
  duration.set_ns(static_cast<uint64_t>(total.sum.count()));
}

void Fill(const stats::Histogram& histogram, ::inference::StatisticDuration& duration) {
  duration.set_count(static_cast<uint64_t>(histogram.count()));
  duration.set_ns(static_cast<uint64_t>(histogram.sum()));
}

void Fill(const ServedModel& model, const TrafficStatistics& counts,
          ::inference::ModelStatistics& reply) {
  reply.set_name(model.ref->model);
  reply.set_version(std::to_string(model.ref->version));
  if (counts.last_request.has_value()) {
    reply.set_last_inference(
        static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                  counts.last_request->time_since_epoch())
                                  .count()));
  }
  reply.set_inference_count(static_cast<uint64_t>(counts.succeeded_rows));
  reply.set_execution_count(static_cast<uint64_t>(counts.batches - counts.failed_batches));
  auto& requests = *reply.mutable_inference_stats();
  Fill(counts.succeeded, *requests.mutable_success());
  Fill(counts.failed, *requests.mutable_fail());
  Fill(counts.queue, *requests.mutable_queue());
  Fill(counts.gather, *requests.mutable_compute_input());
  Fill(counts.compute, *requests.mutable_compute_infer());
  Fill(counts.scatter, *requests.mutable_compute_output());
  for (const auto& [rows, totals] : counts.succeeded_by_rows) {
    auto& batch = *reply.add_batch_stats();
    batch.set_batch_size(static_cast<uint64_t>(rows));
    Fill(totals.gather, *batch.mutable_compute_input());
    Fill(totals.compute, *batch.mutable_compute_infer());
    Fill(totals.scatter, *batch.mutable_compute_output());
  }
}

void AddLatency(v1::Stage stage, const stats::Histogram& from, v1::ModelVersionStatistics& reply) {
  auto& latency = *reply.add_latencies();
  latency.set_stage(stage);
  auto& to = *latency.mutable_histogram();
  to.set_count(from.count());
  to.set_mean_ns(from.mean());
  to.set_p50_ns(from.Percentile(50));
  to.set_p90_ns(from.Percentile(90));
  to.set_p99_ns(from.Percentile(99));
  to.set_p999_ns(from.Percentile(99.9));
  to.set_max_ns(from.max());
  for (const stats::Histogram::Bucket& bucket : from.NonEmptyBuckets()) {
    to.add_bucket_upper_bounds_ns(bucket.upper);
    to.add_bucket_counts(bucket.count);
  }
}

void FillModel(const ServedModel& model, v1::ModelVersionStatistics& reply) {
  reply.set_model(model.ref->model);
  reply.set_version(model.ref->version);
  reply.set_engine(model.ref->engine);
  reply.set_precision(model.ref->precision);
  reply.set_sha256(model.ref->sha256);
  reply.set_not_fused(model.queue->model().facts().not_fused);
  reply.set_device(engine::Name(model.pool->device()));
  reply.set_not_on_gpu(model.queue->model().facts().not_on_gpu);
  reply.set_instances(model.queue->instances());
  reply.set_max_batch_size(model.signature.max_batch_size);
  for (const int size : model.queue->model().batch_sizes()) reply.add_batch_sizes(size);
}

void FillRequests(const TrafficStatistics& counts, v1::ModelVersionStatistics& reply) {
  reply.set_succeeded_requests(counts.succeeded.count);
  reply.set_failed_requests(counts.failed.count);
  auto& dropped = *reply.mutable_dropped();
  dropped.set_invalid(counts.Dropped(DropReason::kInvalid));
  dropped.set_queue_full(counts.Dropped(DropReason::kQueueFull));
  dropped.set_expired(counts.Dropped(DropReason::kExpired));
  dropped.set_cancelled(counts.Dropped(DropReason::kCancelled));
  dropped.set_unloaded(counts.Dropped(DropReason::kUnloaded));
  AddLatency(v1::STAGE_QUEUE, counts.queue, reply);
  AddLatency(v1::STAGE_GATHER, counts.gather, reply);
  AddLatency(v1::STAGE_COMPUTE, counts.compute, reply);
  AddLatency(v1::STAGE_SCATTER, counts.scatter, reply);
  AddLatency(v1::STAGE_TOTAL, counts.total, reply);
  if (!counts.last_request.has_value()) return;
  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::nanoseconds>(counts.last_request->time_since_epoch());
  constexpr int64_t kNanos = 1'000'000'000;
  reply.mutable_last_request()->set_seconds(since_epoch.count() / kNanos);
  reply.mutable_last_request()->set_nanos(static_cast<int32_t>(since_epoch.count() % kNanos));
}

void FillBatches(const TrafficStatistics& counts, v1::ModelVersionStatistics& reply) {
  reply.set_batches(counts.batches);
  reply.set_rows(counts.rows);
  reply.set_padded_rows(counts.executed_rows - counts.rows);
  reply.set_mean_batch_rows(counts.MeanBatchRows());
  reply.set_non_finite_rows(counts.non_finite_rows);
  auto& closed = *reply.mutable_closed();
  closed.set_full(counts.Closed(CloseReason::kFull));
  closed.set_preferred_size(counts.Closed(CloseReason::kPreferredSize));
  closed.set_delay_over(counts.Closed(CloseReason::kDelayOver));
  closed.set_worker_free(counts.Closed(CloseReason::kWorkerFree));
  closed.set_alone(counts.Closed(CloseReason::kAlone));
  for (const auto& [rows, batches] : counts.batches_by_rows) {
    auto& size = *reply.add_batch_size_counts();
    size.set_rows(rows);
    size.set_batches(batches);
  }
}

}  // namespace

absl::Status FillStatistics(const repository::ModelRepository& repository,
                            const observe::Statistics& statistics,
                            const ::inference::ModelStatisticsRequest& request,
                            ::inference::ModelStatisticsResponse& response) {
  ACTIUM_ASSIGN_OR_RETURN(const std::optional<int64_t> version, ParseVersion(request.version()));
  ACTIUM_ASSIGN_OR_RETURN(const auto models, ReadyVersions(repository, request.name(), version));
  for (const repository::ModelHandle& model : models) {
    const observe::ModelSnapshot snapshot = statistics.SnapshotOf(model->ref);
    Fill(*model, snapshot.of(observe::TrafficClass::kServing), *response.add_model_stats());
  }
  return absl::OkStatus();
}

absl::Status FillStatistics(const repository::ModelRepository& repository,
                            const observe::Statistics& statistics,
                            const v1::GetModelStatisticsRequest& request,
                            v1::GetModelStatisticsResponse& response) {
  if (request.version() < 0) {
    return absl::InvalidArgumentError("version must be at least 1, or 0 for all");
  }
  const std::optional<int64_t> version =
      request.version() == 0 ? std::nullopt : std::optional<int64_t>(request.version());
  ACTIUM_ASSIGN_OR_RETURN(const auto models, ReadyVersions(repository, request.model(), version));
  for (const repository::ModelHandle& model : models) {
    const observe::ModelSnapshot snapshot = statistics.SnapshotOf(model->ref);
    const TrafficStatistics& counts = snapshot.of(observe::TrafficClass::kServing);
    auto& reply = *response.add_versions();
    FillModel(*model, reply);
    reply.set_queue_depth(model->pool->Waiting(*model->queue));
    reply.set_full_batch_rows(model->pool->FullRows(*model->queue));
    FillRequests(counts, reply);
    FillBatches(counts, reply);
  }
  return absl::OkStatus();
}

}  // namespace actium::rpc
