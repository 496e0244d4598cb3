#ifndef ACTIUM_TESTS_SERVER_BATCHING_TEST_REQUESTS_H_
#define ACTIUM_TESTS_SERVER_BATCHING_TEST_REQUESTS_H_

#include <future>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/mutex.h"
#include "server/batching/pending_request.h"
#include "server/engine/executor.h"
#include "server/observe/outcome.h"
#include "tests/support/fake_model.h"

namespace actium::test {

/// One input "image", UINT8 [6]; two outputs: "logits", FP32 [3], and "extra", FP16 [2].
inline engine::Signature SmallSignature(int max_batch_size) {
  using tensor::DType;
  return {.max_batch_size = max_batch_size,
          .inputs = {{.name = "image", .dtype = DType::kUint8, .shape = {6}}},
          .outputs = {{.name = "logits", .dtype = DType::kFp32, .shape = {3}},
                      {.name = "extra", .dtype = DType::kFp16, .shape = {2}}}};
}

/// A request for a model like SmallSignature(), and where its answer arrives.
struct TestRequest {
  std::unique_ptr<batching::PendingRequest> pending;
  std::shared_ptr<const std::vector<std::byte>> input;
  std::shared_ptr<batching::Cancellation> cancellation;
  std::future<batching::Completion> answer;
};

/// Makes a request of `rows` rows whose bytes follow from `seed`, cut into several pieces.
///
/// row_shape: of the input behind the batch dimension. batched: whether there is one.
inline TestRequest MakeRequest(int rows, uint32_t seed, tensor::Shape row_shape = {6},
                               bool batched = true) {
  TestRequest made;
  tensor::Shape shape = std::move(row_shape);
  if (batched) shape.insert(shape.begin(), rows);
  const auto bytes = static_cast<size_t>(*tensor::ElementCount(shape));
  auto input = std::make_shared<std::vector<std::byte>>(bytes);
  for (size_t i = 0; i < bytes; ++i) {
    // The factor of Knuth's multiplicative hash: neighbouring seeds give unlike bytes.
    (*input)[i] = static_cast<std::byte>(((seed + i) * 2654435761u) >> 24);
  }
  made.input = input;
  made.cancellation = std::make_shared<batching::Cancellation>();

  made.pending = std::make_unique<batching::PendingRequest>();
  batching::PendingRequest& pending = *made.pending;
  batching::InputView view{
      .name = "image", .dtype = tensor::DType::kUint8, .shape = std::move(shape), .pieces = {}};
  const std::span<const std::byte> all(*input);
  const size_t cut = bytes / 3;
  view.pieces.push_back({.bytes = all.first(cut)});
  view.pieces.push_back({.bytes = {}});
  view.pieces.push_back({.bytes = all.subspan(cut)});
  pending.request.inputs.push_back(std::move(view));
  pending.request.cancellation = made.cancellation;
  pending.request.keepalive = std::move(input);
  pending.rows = rows;
  pending.inputs = {0};
  pending.outputs = {0, 1};
  auto promise = std::make_shared<std::promise<batching::Completion>>();
  made.answer = promise->get_future();
  // set_value() throws if called twice: an answer that comes twice ends the test.
  pending.done = [promise](batching::Completion completion) {
    promise->set_value(std::move(completion));
  };
  return made;
}

/// Returns what a FakeModel answers to `input` of so many rows, as the bytes of one output.
inline std::string ExpectedOutput(std::span<const std::byte> input, int rows, size_t output,
                                  const engine::Signature& signature) {
  const tensor::TensorSpec& spec = signature.outputs[output];
  const auto row_bytes = static_cast<size_t>(*tensor::ByteCount(spec.dtype, spec.shape));
  const size_t input_bytes = input.size() / static_cast<size_t>(rows);
  std::string expected(row_bytes * static_cast<size_t>(rows), '\0');
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row) {
    const std::span<const std::byte> input_row = input.subspan(row * input_bytes, input_bytes);
    FakeRow(std::span(&input_row, 1), output, spec.dtype,
            std::as_writable_bytes(std::span(expected)).subspan(row * row_bytes, row_bytes));
  }
  return expected;
}

/// Keeps every batch's outcome. Thread-safe.
class BatchLog final : public observe::Recorder {
 public:
  void OnRequest(const observe::RequestOutcome&) override {}
  void OnBatch(const observe::BatchOutcome& outcome) override {
    base::MutexLock lock(mutex_);
    batches_.push_back(outcome);
  }
  std::vector<observe::BatchOutcome> batches() const {
    base::MutexLock lock(mutex_);
    return batches_;
  }

 private:
  mutable base::Mutex mutex_;
  std::vector<observe::BatchOutcome> batches_ ABSL_GUARDED_BY(mutex_);
};

/// Lets threads pass only while it is open, and tells how many came. Thread-safe.
class Gate {
 public:
  /// Waits until the gate is open.
  void Pass() {
    base::MutexLock lock(mutex_);
    ++came_;
    changed_.NotifyAll();
    while (!open_) changed_.Wait(mutex_);
  }
  void Open() {
    base::MutexLock lock(mutex_);
    open_ = true;
    changed_.NotifyAll();
  }
  void Close() {
    base::MutexLock lock(mutex_);
    open_ = false;
  }
  /// Waits until Pass() has been called `count` times in all.
  void AwaitArrivals(int count) {
    base::MutexLock lock(mutex_);
    while (came_ < count) changed_.Wait(mutex_);
  }

 private:
  base::Mutex mutex_;
  base::CondVar changed_;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
  int came_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_BATCHING_TEST_REQUESTS_H_
