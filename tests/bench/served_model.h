#ifndef ACTIUM_TESTS_BENCH_SERVED_MODEL_H_
#define ACTIUM_TESTS_BENCH_SERVED_MODEL_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"
#include "server/engine/executor.h"

namespace actium::bench {

/// Asks a server what a model takes and gives. The model must batch; max_batch_size of the result
/// is 64. address: "host:port".
absl::StatusOr<engine::Signature> SignatureOf(const std::string& address, const std::string& model);

/// Returns a request of one row of made-up numbers, the same at every call.
::inference::ModelInferRequest OneRow(const std::string& model, const engine::Signature& signature);

/// What a model has executed since it was loaded.
struct Executed {
  int64_t batches = 0;
  int64_t rows = 0;
};
absl::StatusOr<Executed> ExecutedOf(const std::string& address, const std::string& model);

}  // namespace actium::bench

#endif  // ACTIUM_TESTS_BENCH_SERVED_MODEL_H_
