#ifndef ACTIUM_SERVER_RPC_READINESS_H_
#define ACTIUM_SERVER_RPC_READINESS_H_

#include <string>

#include "server/batching/device_pools.h"
#include "server/repository/model_repository.h"
#include "server/rpc/in_flight.h"

namespace actium::rpc {

/// Whether the server should be sent requests: start-up loading has ended, it is not stopping, no
/// device has failed, no batch is stuck and, if `strict`, every model is ready. Thread-safe.
class Readiness {
 public:
  /// repository, pools and in_flight outlive it.
  Readiness(const repository::ModelRepository& repository, const batching::DevicePools& pools,
            const InFlight& in_flight, bool strict)
      : repository_(repository), pools_(pools), in_flight_(in_flight), strict_(strict) {}

  bool ready() const;

  bool loading() const { return !repository_.started(); }
  bool draining() const { return in_flight_.closed(); }
  std::string unhealthy() const { return pools_.WhyUnhealthy(); }  ///< Empty: it is healthy.

 private:
  const repository::ModelRepository& repository_;
  const batching::DevicePools& pools_;
  const InFlight& in_flight_;
  const bool strict_;
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_READINESS_H_
