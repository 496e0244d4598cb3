#ifndef ACTIUM_SERVER_CPU_CPU_MODEL_H_
#define ACTIUM_SERVER_CPU_CPU_MODEL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/engine/description.h"
#include "server/engine/executor.h"
#include "server/graph/graph.h"

namespace actium::cpu {

/// Makes a model that runs a graph on the CPU in float32: engine "cpu", precision "fp32".
///
/// It has plans for 1 to 8 rows, then for four numbers of rows in every doubling (10, 12, 14, 16,
/// 20,
/// ...) below max_batch_size, and for that. Weights are
/// packed once for all executors and plans. A run allocates nothing but what oneDNN does.
///
/// graph: its inputs and outputs are those of the signature, in order, type and shape of a row.
/// signature: with a batch dimension. facts: returned as they are.
/// Errors: INVALID_ARGUMENT names the tensor that differs; UNIMPLEMENTED for a model without batch
/// dimension.
absl::StatusOr<std::shared_ptr<engine::LoadedModel>> NewCpuModel(graph::Graph graph,
                                                                 engine::Signature signature,
                                                                 engine::ModelFacts facts);

}  // namespace actium::cpu

#endif  // ACTIUM_SERVER_CPU_CPU_MODEL_H_
