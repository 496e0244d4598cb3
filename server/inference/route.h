#ifndef ACTIUM_SERVER_INFERENCE_ROUTE_H_
#define ACTIUM_SERVER_INFERENCE_ROUTE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/batching/request.h"

namespace actium::inference {

/// Where a request goes.
struct Route {
  std::string model;
  std::optional<int64_t> version;   ///< Unset: the latest that is ready.
  batching::Parameters parameters;  ///< Added to the answer's.
};

/// Turns the name that a client used into a route. Without one a name is the model of that name.
/// Thread-safe; must not wait.
class Router {
 public:
  virtual ~Router() = default;
  /// Errors are returned to the client as they are.
  virtual absl::StatusOr<Route> Resolve(const batching::InferRequest& request) = 0;
};

/// Sees every answer before it is sent. Thread-safe; must not wait.
class ResponseTap {
 public:
  virtual ~ResponseTap() = default;
  virtual void OnResponse(const Route& route,
                          const absl::StatusOr<batching::InferResponse>& answer) = 0;
};

}  // namespace actium::inference

#endif  // ACTIUM_SERVER_INFERENCE_ROUTE_H_
