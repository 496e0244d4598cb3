#ifndef ACTIUM_SERVER_BATCHING_REQUEST_H_
#define ACTIUM_SERVER_BATCHING_REQUEST_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/observe/outcome.h"
#include "server/tensor/tensor_view.h"

/// A request and its answer, as every transport, comparison and experiment makes and reads them. No
/// transport's and no engine's types.
namespace actium::batching {

/// A value in a request's or an answer's parameters, as in the Open Inference Protocol.
using Parameter = std::variant<bool, int64_t, uint64_t, double, std::string>;
using Parameters = std::map<std::string, Parameter, std::less<>>;

/// Set once by whoever gives up on a request; read at the queue's exits. Thread-safe.
class Cancellation {
 public:
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_ = false;
};

/// A run of bytes of an input: of a message, later of shared or device memory.
struct Piece {
  std::span<const std::byte> bytes;
  tensor::MemoryKind kind = tensor::MemoryKind::kHost;
};

/// One input. Its pieces together are the dense row-major tensor; name and pieces point into what
/// the request's keepalive owns.
struct InputView {
  std::string_view name;
  tensor::DType dtype = tensor::DType::kFp32;
  tensor::Shape shape;  ///< Whole: with the batch dimension where the model has one.
  absl::InlinedVector<Piece, 1> pieces;
};

/// An output that is asked for.
struct OutputSpec {
  std::string name;
  /// Where to write it, at its start; unset, or with classification: memory of the answer.
  std::optional<std::span<std::byte>> destination;
  int classification = 0;  ///< > 0: as so many "value:index[:label]" strings per row.
};

/// One inference request. Movable; owns, through keepalive, everything that its views point at.
struct InferRequest {
  std::string id;  ///< The client's, returned unchanged; may be empty.
  std::string model;
  std::optional<int64_t> version;  ///< Unset: the latest that is ready.
  Parameters parameters;
  std::vector<InputView> inputs;
  std::vector<OutputSpec> outputs;                    ///< Empty: all of the model's, in its order.
  base::TimePoint deadline = base::TimePoint::max();  ///< After it nobody wants the answer.
  /// The client's own limit on its time in the queue (the protocol's parameter `timeout`); 0: none.
  /// Counts only where the model's queue policy lets it, and never lengthens the model's default.
  std::chrono::nanoseconds timeout{0};
  std::shared_ptr<Cancellation> cancellation;  ///< May be null.
  observe::TrafficClass traffic = observe::TrafficClass::kServing;
  bool alone = false;  ///< Its rows are a batch of their own.
  std::shared_ptr<const void> keepalive;
};

/// One output of an answer.
struct OutputTensor {
  std::string name;
  tensor::DType dtype = tensor::DType::kFp32;
  tensor::Shape shape;
  /// The dense tensor; for kBytes each element behind its length as 4 bytes, little-endian. Empty
  /// if the request gave a destination.
  std::string bytes;
};

/// The answer to a request.
struct InferResponse {
  std::shared_ptr<const observe::ModelRef> served_by;
  Parameters parameters;
  std::vector<OutputTensor> outputs;
  observe::StageTimes stages;
};

/// Receives the answer: exactly once, on any thread, possibly before the call that was given it
/// returns. It must not wait, and its caller holds no lock.
using InferCallback = absl::AnyInvocable<void(absl::StatusOr<InferResponse>)>;

}  // namespace actium::batching

#endif  // ACTIUM_SERVER_BATCHING_REQUEST_H_
