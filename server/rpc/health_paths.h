#ifndef ACTIUM_SERVER_RPC_HEALTH_PATHS_H_
#define ACTIUM_SERVER_RPC_HEALTH_PATHS_H_

#include "server/rpc/http_server.h"
#include "server/rpc/readiness.h"

namespace actium::rpc {

/// Returns the paths for probes: /v2/health/live and /healthz answer 200 while the process answers
/// at all, /v2/health/ready and /readyz answer 200 or, if requests are not welcome, 503. The bodies
/// are for people.
///
/// readiness outlives them. Source: https://kserve.github.io/website/ (Open Inference Protocol) for
/// the first of each pair, Kubernetes' own servers for the second.
HttpServer::Paths HealthPaths(const Readiness& readiness);

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_HEALTH_PATHS_H_
