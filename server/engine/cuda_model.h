#ifndef ACTIUM_SERVER_ENGINE_CUDA_MODEL_H_
#define ACTIUM_SERVER_ENGINE_CUDA_MODEL_H_

// Internal to server/engine: the server's side of cuda_abi.h.

#include <memory>

#include "absl/status/statusor.h"
#include "server/engine/accelerator.h"
#include "server/engine/cuda_abi.h"
#include "server/engine/executor.h"
#include "server/graph/graph.h"

namespace actium::engine {

/// Makes a model that the plug-in runs: engine "cuda". It has plans for 1 to 4 rows, then for two
/// numbers of rows in every doubling below max_batch_size, and for that.
///
/// table: of a plug-in that stays open. Errors: as Accelerator::Load(); INVALID_ARGUMENT if graph
/// and signature differ.
absl::StatusOr<std::shared_ptr<LoadedModel>> NewCudaModel(
    const ActiumCudaTable& table, graph::Graph graph, const Signature& signature,
    const ModelFacts& facts, const Target& target, const TuningOptions& tuning);

/// Returns what a function of the table has filled in.
absl::Status ToStatus(const ActiumCudaError& error);

}  // namespace actium::engine

#endif  // ACTIUM_SERVER_ENGINE_CUDA_MODEL_H_
