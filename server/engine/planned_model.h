#ifndef ACTIUM_SERVER_ENGINE_PLANNED_MODEL_H_
#define ACTIUM_SERVER_ENGINE_PLANNED_MODEL_H_

#include <vector>

#include "absl/status/status.h"
#include "server/engine/executor.h"
#include "server/graph/graph.h"

/// What engines that run graphs by plans have in common. Their models have a batch dimension and
/// inputs of whole shapes.
namespace actium::engine {

/// Checks that a signature's tensors are the graph's inputs and outputs, in order, type and shape
/// of a row. Errors: INVALID_ARGUMENT names the tensor that differs; UNIMPLEMENTED for a model
/// without batch dimension.
absl::Status CheckSignature(const graph::Graph& graph, const Signature& signature);

/// Returns the numbers of rows to plan for: all up to 2 per_doubling, then so many in every
/// doubling, and `most`. per_doubling: a power of two.
std::vector<int> BatchSizesUpTo(int most, int per_doubling);

/// Returns the shape of so many rows.
tensor::Shape WithRows(int64_t rows, const tensor::Shape& row);

/// Returns so many rows of a tensor that begins at `rows_at`. The rows fit into memory.
tensor::TensorView ViewOf(const tensor::TensorSpec& spec, int64_t rows, const std::byte* rows_at);

/// Begins the description of what runs for `rows` rows: the plan of the `planned` to which they are
/// padded. graph: after all passes.
ModelDescription DescribePadded(const graph::Graph& graph, int rows, int planned);

/// Checks the shapes of a batch's inputs. Errors: INVALID_ARGUMENT names the input.
absl::Status CheckBatchShape(const Signature& signature, const BatchShape& actual);

}  // namespace actium::engine

#endif  // ACTIUM_SERVER_ENGINE_PLANNED_MODEL_H_
