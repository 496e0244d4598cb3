#include "server/rpc/health_paths.h"

namespace actium::rpc {

HttpServer::Paths HealthPaths(const Readiness& readiness) {
  const auto live = [] { return HttpAnswer{.body = "live\n"}; };
  const auto ready = [&readiness]() -> HttpAnswer {
    if (readiness.ready()) return {.body = "ready\n"};
    std::string why = readiness.draining()  ? "draining"
                      : readiness.loading() ? "loading models"
                                            : readiness.unhealthy();
    if (why.empty()) why = "a model is not ready";
    return {.status = 503, .body = "not ready: " + why + "\n"};
  };
  return {{"/healthz", live},
          {"/v2/health/live", live},
          {"/readyz", ready},
          {"/v2/health/ready", ready}};
}

}  // namespace actium::rpc
