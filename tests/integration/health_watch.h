#ifndef ACTIUM_TESTS_INTEGRATION_HEALTH_WATCH_H_
#define ACTIUM_TESTS_INTEGRATION_HEALTH_WATCH_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"

namespace actium::test {

/// A Watch of a server's health. Misses no change that lasts until it was told.
class HealthWatch {
 public:
  using Response = grpc::health::v1::HealthCheckResponse;

  explicit HealthWatch(const std::string& address)
      : channel_(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())),
        stub_(grpc::health::v1::Health::NewStub(channel_)),
        reader_(stub_->Watch(&context_, {})) {}
  ~HealthWatch() { context_.TryCancel(); }
  HealthWatch(const HealthWatch&) = delete;
  HealthWatch& operator=(const HealthWatch&) = delete;

  /// Waits for the next status, the first of which comes at once. UNKNOWN once the stream ends.
  Response::ServingStatus Next() {
    Response health;
    return reader_->Read(&health) ? health.status() : Response::UNKNOWN;
  }

 private:
  grpc::ClientContext context_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<grpc::health::v1::Health::Stub> stub_;
  const std::unique_ptr<grpc::ClientReader<Response>> reader_;
};

}  // namespace actium::test

#endif  // ACTIUM_TESTS_INTEGRATION_HEALTH_WATCH_H_
