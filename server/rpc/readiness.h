#ifndef ACTIUM_SERVER_RPC_READINESS_H_
#define ACTIUM_SERVER_RPC_READINESS_H_

#include "server/batching/device_pool.h"
#include "server/repository/model_repository.h"
#include "server/rpc/in_flight.h"

namespace actium::rpc {

/// Whether the server should be sent requests: start-up loading has ended, it is not stopping, no
/// batch is stuck and, if `strict`, every model is ready. Thread-safe.
class Readiness {
 public:
  /// repository, pool and in_flight outlive it.
  Readiness(const repository::ModelRepository& repository, const batching::DevicePool& pool,
            const InFlight& in_flight, bool strict)
      : repository_(repository), pool_(pool), in_flight_(in_flight), strict_(strict) {}

  bool ready() const;

  bool loading() const { return !repository_.started(); }
  bool draining() const { return in_flight_.closed(); }

 private:
  const repository::ModelRepository& repository_;
  const batching::DevicePool& pool_;
  const InFlight& in_flight_;
  const bool strict_;
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_READINESS_H_
