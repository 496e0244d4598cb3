#ifndef ACTIUM_SERVER_RPC_HEALTH_H_
#define ACTIUM_SERVER_RPC_HEALTH_H_

#include <set>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"
#include "server/base/mutex.h"
#include "server/rpc/readiness.h"

namespace actium::rpc {

/// gRPC's health protocol for the whole server. Starts as NOT_SERVING. Check asks each time whether
/// the server is ready; Watch hears of its start and its end. Thread-safe.
///
/// gRPC's own implementation starts as SERVING before anything can be set, keeps its watches open
/// until a server's shutdown gives up on them, and cannot be described by reflection.
class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  /// Most Watch streams at once.
  static constexpr size_t kMostWatches = 1024;

  /// services: full names of the services that the server offers. readiness outlives it.
  HealthService(std::set<std::string> services, const Readiness& readiness);

  /// Says from now on whether requests are welcome, to the watchers too.
  void SetServing(bool serving) ABSL_LOCKS_EXCLUDED(mutex_);

  /// Sets NOT_SERVING for good and ends all watches once they have heard of it.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest* request,
                                  grpc::health::v1::HealthCheckResponse* response) override;
  grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext* context,
      const grpc::health::v1::HealthCheckRequest* request) override;

 private:
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;
  class Watcher;

  bool Knows(const std::string& service) const;
  void UpdateWatchers() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::set<std::string> services_;
  const Readiness& readiness_;

  base::Mutex mutex_;
  std::set<Watcher*> watchers_
      ABSL_GUARDED_BY(mutex_);  // Each deletes itself when its call is done.
  Status status_ ABSL_GUARDED_BY(mutex_) = grpc::health::v1::HealthCheckResponse::NOT_SERVING;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_HEALTH_H_
