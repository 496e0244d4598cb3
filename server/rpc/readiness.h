#ifndef ACTIUM_SERVER_RPC_READINESS_H_
#define ACTIUM_SERVER_RPC_READINESS_H_

#include "server/repository/model_repository.h"
#include "server/rpc/in_flight.h"

namespace actium::rpc {

/// Whether the server should be sent requests: start-up loading has ended, it is not stopping, and,
/// if `strict`, every model is ready. Thread-safe.
class Readiness {
 public:
  /// repository and in_flight outlive it.
  Readiness(const repository::ModelRepository& repository, const InFlight& in_flight, bool strict)
      : repository_(repository), in_flight_(in_flight), strict_(strict) {}

  bool ready() const;

  bool loading() const { return !repository_.started(); }
  bool draining() const { return in_flight_.closed(); }

 private:
  const repository::ModelRepository& repository_;
  const InFlight& in_flight_;
  const bool strict_;
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_READINESS_H_
