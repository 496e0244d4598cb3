#include "server/rpc/metrics_reply.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "server/rpc/model_reply.h"

namespace actium::rpc {
namespace {

using observe::CloseReason;
using observe::DropReason;
using observe::TrafficStatistics;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using Labels = std::vector<ClientMetric::Label>;

// Upper bounds of the histograms' buckets: a request takes from tens of microseconds to seconds.
constexpr std::array kSeconds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                 0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0,  10.0};
constexpr std::array kRows = {1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0};

// One version with what was counted of it.
struct Counted {
  repository::ModelHandle model;
  observe::ModelSnapshot snapshot;
  int64_t waiting = 0;

  const TrafficStatistics& counts() const { return snapshot.of(observe::TrafficClass::kServing); }
  Labels labels() const {
    return {{"model", model->ref->model}, {"version", std::to_string(model->ref->version)}};
  }
};

// Families of metrics in the order in which they are added, a value for each version in each.
class Page {
 public:
  explicit Page(const std::vector<Counted>& versions) : versions_(versions) {}

  void Add(MetricType type, std::string name, std::string help, Labels labels, double value) {
    FamilyOf(type, std::move(name), std::move(help))
        .metric.push_back(Metric(type, std::move(labels), value));
  }

  template <class Value>
  void AddOfEach(MetricType type, const std::string& name, const std::string& help, Value value) {
    for (const Counted& version : versions_) {
      Add(type, name, help, version.labels(), static_cast<double>(value(version)));
    }
  }

  // A value for each of several reasons, as {"queue_full", 3}.
  using Reasons = std::vector<std::pair<std::string_view, int64_t>>;
  template <class ReasonsOf>
  void AddByReason(const std::string& name, const std::string& help, ReasonsOf reasons_of) {
    for (const Counted& version : versions_) {
      for (const auto& [reason, count] : reasons_of(version.counts())) {
        Labels labels = version.labels();
        labels.push_back({"reason", std::string(reason)});
        Add(MetricType::Counter, name, help, std::move(labels), static_cast<double>(count));
      }
    }
  }

  void AddHistogram(const std::string& name, const std::string& help, Labels labels,
                    ClientMetric::Histogram histogram) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.histogram = std::move(histogram);
    FamilyOf(MetricType::Histogram, name, help).metric.push_back(std::move(metric));
  }

  const std::vector<MetricFamily>& families() const { return families_; }

 private:
  MetricFamily& FamilyOf(MetricType type, std::string name, std::string help) {
    if (families_.empty() || families_.back().name != name) {
      families_.push_back({std::move(name), std::move(help), type, {}});
    }
    return families_.back();
  }

  static ClientMetric Metric(MetricType type, Labels labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    return metric;
  }

  const std::vector<Counted>& versions_;
  std::vector<MetricFamily> families_;
};

std::vector<Counted> CountedVersions(const ServiceParts& parts) {
  std::vector<Counted> versions;
  const auto ready = ReadyVersions(parts.repository, "", std::nullopt);
  if (!ready.ok()) return versions;  // None is.
  for (const repository::ModelHandle& model : *ready) {
    versions.push_back({.model = model,
                        .snapshot = parts.statistics.SnapshotOf(model->ref),
                        .waiting = model->pool->Waiting(*model->queue)});
  }
  return versions;
}

// Triton's: docs/user_guide/metrics.md of its server repository.
void AddTritonsMetrics(Page& page) {
  constexpr auto kCounter = MetricType::Counter;
  page.AddOfEach(kCounter, "nv_inference_request_success",
                 "Number of successful inference requests, all batch sizes",
                 [](const Counted& version) { return version.counts().succeeded.count; });
  page.AddByReason("nv_inference_request_failure",
                   "Number of failed inference requests, all batch sizes",
                   [](const TrafficStatistics& counts) {
                     const int64_t rejected = counts.Dropped(DropReason::kQueueFull) +
                                              counts.Dropped(DropReason::kExpired);
                     const int64_t cancelled = counts.Dropped(DropReason::kCancelled);
                     int64_t executed = counts.failed.count;
                     for (const int64_t dropped : counts.dropped) executed -= dropped;
                     const int64_t other = counts.failed.count - rejected - cancelled - executed;
                     return Page::Reasons{{"REJECTED", rejected},
                                          {"CANCELED", cancelled},
                                          {"BACKEND", executed},
                                          {"OTHER", other}};
                   });
  page.AddOfEach(kCounter, "nv_inference_count",
                 "Number of inferences performed (a batch of n counts as n)",
                 [](const Counted& version) { return version.counts().succeeded_rows; });
  page.AddOfEach(kCounter, "nv_inference_exec_count", "Number of batches executed",
                 [](const Counted& version) {
                   return version.counts().batches - version.counts().failed_batches;
                 });
  const auto add_duration = [&](const char* name, const char* help, auto sum) {
    page.AddOfEach(kCounter, name, help, [&](const Counted& version) {
      return static_cast<double>(sum(version.counts())) / 1e3;
    });
  };
  add_duration("nv_inference_request_duration_us",
               "Cumulative duration of successful inference requests in microseconds",
               [](const auto& counts) { return counts.succeeded.sum.count(); });
  add_duration("nv_inference_queue_duration_us", "Cumulative duration of queueing in microseconds",
               [](const auto& counts) { return counts.queue.sum(); });
  add_duration("nv_inference_compute_input_duration_us",
               "Cumulative duration of gathering inputs in microseconds",
               [](const auto& counts) { return counts.gather.sum(); });
  add_duration("nv_inference_compute_infer_duration_us",
               "Cumulative duration of running the model in microseconds",
               [](const auto& counts) { return counts.compute.sum(); });
  add_duration("nv_inference_compute_output_duration_us",
               "Cumulative duration of scattering outputs in microseconds",
               [](const auto& counts) { return counts.scatter.sum(); });
  page.AddOfEach(MetricType::Gauge, "nv_inference_pending_request_count",
                 "Number of requests that wait for execution",
                 [](const Counted& version) { return version.waiting; });
}

// counted: ascending values with how often each occurred, as buckets with their upper ends.
template <class Bounds, class Buckets>
ClientMetric::Histogram ToHistogram(const Bounds& bounds, const Buckets& counted, double sum) {
  ClientMetric::Histogram histogram;
  auto next = counted.begin();
  for (const double bound : bounds) {
    for (; next != counted.end() && next->first <= bound; ++next) {
      histogram.sample_count += static_cast<uint64_t>(next->second);
    }
    histogram.bucket.push_back({histogram.sample_count, bound});
  }
  for (; next != counted.end(); ++next) {
    histogram.sample_count += static_cast<uint64_t>(next->second);
  }
  histogram.sample_sum = sum;
  return histogram;
}

ClientMetric::Histogram SecondsOf(const stats::Histogram& nanoseconds) {
  std::vector<std::pair<double, int64_t>> counted;
  for (const stats::Histogram::Bucket& bucket : nanoseconds.NonEmptyBuckets()) {
    counted.emplace_back(static_cast<double>(bucket.upper) / 1e9, bucket.count);
  }
  return ToHistogram(kSeconds, counted, nanoseconds.sum() / 1e9);
}

void AddStages(const std::vector<Counted>& versions, Page& page) {
  for (const Counted& version : versions) {
    const TrafficStatistics& counts = version.counts();
    for (const auto& [stage, histogram] :
         {std::pair("queue", &counts.queue), std::pair("gather", &counts.gather),
          std::pair("compute", &counts.compute), std::pair("scatter", &counts.scatter),
          std::pair("total", &counts.total)}) {
      Labels labels = version.labels();
      labels.push_back({"stage", stage});
      page.AddHistogram("actium_request_stage_seconds",
                        "Where the time of requests answered with OK went, by stage",
                        std::move(labels), SecondsOf(*histogram));
    }
  }
}

void AddBatches(const std::vector<Counted>& versions, Page& page) {
  for (const Counted& version : versions) {
    const TrafficStatistics& counts = version.counts();
    page.AddHistogram("actium_batch_rows", "Rows of executed batches, without padding",
                      version.labels(),
                      ToHistogram(kRows, counts.batches_by_rows, static_cast<double>(counts.rows)));
  }
  page.AddByReason("actium_batches_closed_total", "Batches by why they were started when they were",
                   [](const TrafficStatistics& counts) {
                     return Page::Reasons{
                         {"full", counts.Closed(CloseReason::kFull)},
                         {"preferred_size", counts.Closed(CloseReason::kPreferredSize)},
                         {"delay_over", counts.Closed(CloseReason::kDelayOver)},
                         {"worker_free", counts.Closed(CloseReason::kWorkerFree)},
                         {"alone", counts.Closed(CloseReason::kAlone)}};
                   });
  page.AddOfEach(MetricType::Counter, "actium_padded_rows_total",
                 "Rows that batches were padded with", [](const Counted& version) {
                   return version.counts().executed_rows - version.counts().rows;
                 });
  page.AddOfEach(MetricType::Counter, "actium_non_finite_rows_total",
                 "Rows with a NaN or an infinity in an output",
                 [](const Counted& version) { return version.counts().non_finite_rows; });
}

void AddModels(const std::vector<Counted>& versions, Page& page) {
  for (const Counted& version : versions) {
    Labels labels = version.labels();
    const observe::ModelRef& ref = *version.model->ref;
    labels.push_back({"engine", ref.engine});
    labels.push_back({"device", engine::Name(version.model->pool->device())});
    labels.push_back({"precision", ref.precision});
    labels.push_back({"sha256", ref.sha256});
    page.Add(MetricType::Gauge, "actium_model_info", "1 for each version that is ready",
             std::move(labels), 1);
  }
  page.AddOfEach(MetricType::Gauge, "actium_model_fallback",
                 "1 if the version runs operation by operation because it cannot be fused",
                 [](const Counted& version) {
                   return version.model->queue->model().facts().not_fused.empty() ? 0 : 1;
                 });
  page.AddByReason("actium_requests_dropped_total", "Requests that were not executed, by reason",
                   [](const TrafficStatistics& counts) {
                     return Page::Reasons{{"invalid", counts.Dropped(DropReason::kInvalid)},
                                          {"queue_full", counts.Dropped(DropReason::kQueueFull)},
                                          {"expired", counts.Dropped(DropReason::kExpired)},
                                          {"cancelled", counts.Dropped(DropReason::kCancelled)},
                                          {"unloaded", counts.Dropped(DropReason::kUnloaded)}};
                   });
}

void AddServer(const ServiceParts& parts, Page& page) {
  page.Add(MetricType::Gauge, "actium_server_info", "1", {{"version", parts.facts.version}}, 1);
  page.Add(MetricType::Gauge, "actium_server_ready", "1 if requests are welcome", {},
           parts.readiness.ready() ? 1 : 0);
  page.Add(MetricType::Gauge, "actium_server_threads", "Compute threads on the CPU", {},
           parts.pools.cpu().workers());
  for (const auto& pool : parts.pools.all()) {
    page.Add(MetricType::Gauge, "actium_device_healthy", "1 if the device does its work",
             {{"device", engine::Name(pool->device())}}, pool->healthy() ? 1 : 0);
  }
  page.Add(MetricType::Gauge, "actium_requests_in_flight",
           "Inference requests accepted and not yet answered", {},
           static_cast<double>(parts.in_flight.requests()));
  page.Add(MetricType::Counter, "actium_unknown_model_requests_total",
           "Requests for a model or version that there is not", {},
           static_cast<double>(parts.statistics.unknown_model_requests()));
}

}  // namespace

std::string MetricsText(const ServiceParts& parts) {
  const std::vector<Counted> versions = CountedVersions(parts);
  Page page(versions);
  AddServer(parts, page);
  AddModels(versions, page);
  AddTritonsMetrics(page);
  AddStages(versions, page);
  AddBatches(versions, page);
  return prometheus::TextSerializer().Serialize(page.families());
}

HttpServer::Paths MetricsPaths(const ServiceParts& parts) {
  const auto metrics = [parts] {
    return HttpAnswer{.body = MetricsText(parts),
                      .content_type = "text/plain; version=0.0.4; charset=utf-8"};
  };
  return {{"/metrics", metrics}};
}

}  // namespace actium::rpc
