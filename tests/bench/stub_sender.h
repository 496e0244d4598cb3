#ifndef ACTIUM_TESTS_BENCH_STUB_SENDER_H_
#define ACTIUM_TESTS_BENCH_STUB_SENDER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "inference/grpc_service.grpc.pb.h"

namespace actium::bench {

/// Sends copies of one request through bare stubs, without the client library's retries and
/// deadlines: a cli::Send for measuring what the server costs. Thread-safe.
class StubSender {
 public:
  /// Opens a connection for each core, and no more than `concurrency`: with fewer, the cores wait
  /// for one another's use of a connection; with more, fewer calls share a write.
  StubSender(const std::string& address, const ::inference::ModelInferRequest& request,
             int concurrency);

  void operator()(int64_t number, std::function<void(absl::Status)> done) const;

 private:
  const ::inference::ModelInferRequest& request_;
  std::vector<std::shared_ptr<::inference::GRPCInferenceService::Stub>> stubs_;
};

}  // namespace actium::bench

#endif  // ACTIUM_TESTS_BENCH_STUB_SENDER_H_
