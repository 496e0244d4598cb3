#include "server/rpc/health_paths.h"

namespace actium::rpc {

HttpServer::Paths HealthPaths(const Readiness& readiness) {
  const auto live = [] { return HttpAnswer{.body = "live\n"}; };
  const auto ready = [&readiness]() -> HttpAnswer {
    if (readiness.ready()) return {.body = "ready\n"};
    const char* const why = readiness.draining()  ? "not ready: draining\n"
                            : readiness.loading() ? "not ready: loading models\n"
                                                  : "not ready\n";
    return {.status = 503, .body = why};
  };
  return {{"/healthz", live},
          {"/v2/health/live", live},
          {"/readyz", ready},
          {"/v2/health/ready", ready}};
}

}  // namespace actium::rpc
