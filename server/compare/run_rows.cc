#include "server/compare/run_rows.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "fmt/format.h"
#include "server/base/clock.h"
#include "server/base/mutex.h"
#include "server/base/quote.h"

namespace actium::compare {
namespace {

// Counts answers down; the waiting thread outlives them all.
class Countdown {
 public:
  explicit Countdown(size_t left) : left_(left) {}

  void Arrive() {
    base::MutexLock lock(mutex_);
    // Inside the lock: once it is released, whoever waits may destroy this.
    if (--left_ == 0) zero_.NotifyAll();
  }

  void Wait() {
    base::MutexLock lock(mutex_);
    while (left_ > 0) zero_.Wait(mutex_);
  }

 private:
  base::Mutex mutex_;
  base::CondVar zero_;
  size_t left_ ABSL_GUARDED_BY(mutex_);
};

size_t BytesOf(const batching::InputView& input) {
  size_t bytes = 0;
  for (const batching::Piece& piece : input.pieces) bytes += piece.bytes.size();
  return bytes;
}

// The rows of one input. Its bytes are dense, so rows lie one behind the other; they may be cut
// into pieces anywhere.
batching::InputView RowsOf(const batching::InputView& input, RowRange rows) {
  const size_t row_bytes = BytesOf(input) / static_cast<size_t>(input.shape[0]);
  size_t skip = row_bytes * static_cast<size_t>(rows.first);
  size_t take = row_bytes * static_cast<size_t>(rows.count);

  batching::InputView part;
  part.name = input.name;
  part.dtype = input.dtype;
  part.shape = input.shape;
  part.shape[0] = rows.count;
  for (const batching::Piece& piece : input.pieces) {
    const size_t skipped = std::min(skip, piece.bytes.size());
    const size_t taken = std::min(take, piece.bytes.size() - skipped);
    skip -= skipped;
    take -= taken;
    if (taken > 0) {
      part.pieces.push_back({.bytes = piece.bytes.subspan(skipped, taken), .kind = piece.kind});
    }
  }
  return part;
}

batching::InferRequest RequestFor(const Variant& variant, const batching::InferRequest& inputs,
                                  RowRange rows, const std::string& output) {
  batching::InferRequest request;
  request.model = variant.model->ref->model;
  request.version = variant.model->ref->version;
  const bool batched = variant.model->signature.max_batch_size > 0;
  for (const batching::InputView& input : inputs.inputs) {
    request.inputs.push_back(batched ? RowsOf(input, rows) : input);
  }
  if (!output.empty()) request.outputs.push_back({.name = output, .destination = std::nullopt});
  request.traffic = observe::TrafficClass::kComparison;
  request.keepalive = inputs.keepalive;
  return request;
}

}  // namespace

absl::StatusOr<int> CountRows(const batching::InferRequest& inputs, bool batched) {
  if (inputs.inputs.empty()) return absl::InvalidArgumentError("inputs: there are none");
  if (!batched) return 1;
  const auto rows_of = [](const batching::InputView& input) {
    return input.shape.empty() ? 0 : input.shape[0];
  };
  const int64_t rows = rows_of(inputs.inputs.front());
  for (const batching::InputView& input : inputs.inputs) {
    const int64_t own = rows_of(input);
    if (own < 1 || own > INT32_MAX || own != rows) {
      return absl::InvalidArgumentError(
          fmt::format("input {}: dimension 0 (the rows) must be at least 1 and the same for all "
                      "inputs, got {}",
                      base::Quote(input.name), own));
    }
    if (BytesOf(input) % static_cast<size_t>(rows) != 0) {
      return absl::InvalidArgumentError(fmt::format("input {}: {} bytes are not {} equal rows",
                                                    base::Quote(input.name), BytesOf(input), rows));
    }
  }
  return static_cast<int>(rows);
}

std::vector<TimedAnswer> RunRows(inference::InferenceCore& core, std::span<const Variant> variants,
                                 const batching::InferRequest& inputs, RowRange rows,
                                 std::span<const std::string> outputs,
                                 const std::shared_ptr<batching::Cancellation>& cancellation,
                                 Batching batching) {
  const base::Clock& clock = base::SteadyClock();
  std::vector<TimedAnswer> answers(variants.size());
  Countdown countdown(variants.size());
  for (size_t i = 0; i < variants.size(); ++i) {
    batching::InferRequest request = RequestFor(variants[i], inputs, rows, outputs[i]);
    request.cancellation = cancellation;
    request.alone = batching == Batching::kAlone;
    const base::TimePoint begin = clock.Now();
    core.Infer(std::move(request), [&, i, begin](absl::StatusOr<batching::InferResponse> response) {
      answers[i] = {.response = std::move(response), .took = clock.Now() - begin};
      countdown.Arrive();
    });
  }
  countdown.Wait();
  return answers;
}

}  // namespace actium::compare
