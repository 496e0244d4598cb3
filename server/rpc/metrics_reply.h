#ifndef ACTIUM_SERVER_RPC_METRICS_REPLY_H_
#define ACTIUM_SERVER_RPC_METRICS_REPLY_H_

#include <string>

#include "server/rpc/http_server.h"
#include "server/rpc/service_parts.h"

namespace actium::rpc {

/// Returns what /metrics answers: all counters of the loaded versions in Prometheus' text format.
///
/// Triton's names (nv_inference_*) where the meaning is the same, in its units; ours (actium_*) in
/// seconds and rows. Serving traffic only: comparisons and warm-up are no load that somebody scales
/// for. A version that is loaded again counts from zero, which Prometheus takes as a restart.
/// Copies all counts: some 0.1 ms a version. Thread-safe.
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
std::string MetricsText(const ServiceParts& parts);

/// Returns /metrics, which answers MetricsText().
HttpServer::Paths MetricsPaths(const ServiceParts& parts);

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_METRICS_REPLY_H_
