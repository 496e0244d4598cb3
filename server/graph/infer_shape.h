#ifndef ACTIUM_SERVER_GRAPH_INFER_SHAPE_H_
#define ACTIUM_SERVER_GRAPH_INFER_SHAPE_H_

#include <span>

#include "absl/status/statusor.h"
#include "server/graph/graph.h"
#include "server/graph/ops.h"

namespace actium::graph {

/// Returns the shape of one row of an operation's result.
///
/// Errors: INVALID_ARGUMENT if the inputs do not fit the operation, or its attributes are out of
/// range; says what was expected and what was given.
absl::StatusOr<tensor::Shape> InferShape(const Op& op, std::span<const Value* const> inputs);

/// Returns the outer size of a pooling window's or a kernel's positions along one dimension; less
/// than 1 if it does not fit.
int64_t WindowPositions(int64_t size, int64_t kernel, int64_t stride, int64_t padding,
                        int64_t dilation, bool ceil_mode);

}  // namespace actium::graph

#endif  // ACTIUM_SERVER_GRAPH_INFER_SHAPE_H_
