#ifndef ACTIUM_TESTS_SUPPORT_MODEL_STREAM_H_
#define ACTIUM_TESTS_SUPPORT_MODEL_STREAM_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/engine/agreement.h"
#include "server/engine/executor.h"
#include "server/graph/graph.h"

namespace actium::test {

/// The numbers of one row of each input or output.
using Row = std::vector<std::vector<double>>;

/// Returns a graph's signature, tensors named "in0", "out0" and so on.
engine::Signature SignatureOf(const graph::Graph& graph, int max_batch_size);

/// One stream of work of a model, on its device, with its slot.
class ModelStream {
 public:
  /// Ends the test program if the model gives none.
  explicit ModelStream(engine::LoadedModel& model, int threads = 1);

  /// Runs rows as one batch, padded to the next batch size by rows of zeros, or where the type has
  /// it of NaN; returns the outputs of those that were given.
  absl::StatusOr<std::vector<Row>> Run(const std::vector<Row>& rows);

  /// The same on a stream and a slot that the caller has.
  static absl::StatusOr<std::vector<Row>> RunOn(engine::LoadedModel& model,
                                                engine::Executor& executor, engine::BatchSlot& slot,
                                                const std::vector<Row>& rows);

  engine::Executor& executor() { return *executor_; }
  engine::BatchSlot& slot() { return *slot_; }

 private:
  engine::LoadedModel& model_;
  std::unique_ptr<engine::Executor> executor_;
  std::unique_ptr<engine::BatchSlot> slot_;
};

/// Writes a number as an element of the type, which must have it exactly.
void PutNumber(tensor::DType dtype, double number, std::byte* to);

/// Returns the first difference between what an engine gave for a row and what is right that is
/// larger than the tolerance; empty: there is none.
std::string Difference(const Row& got, const Row& right, const engine::Tolerance& tolerance = {});

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_MODEL_STREAM_H_
