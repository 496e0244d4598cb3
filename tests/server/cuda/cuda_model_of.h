#ifndef ACTIUM_TESTS_SERVER_CUDA_CUDA_MODEL_OF_H_
#define ACTIUM_TESTS_SERVER_CUDA_CUDA_MODEL_OF_H_

#include "server/engine/cuda_model.h"
#include "tests/support/model_stream.h"

extern "C" const ActiumCudaTable* ActiumCudaPluginTable();

namespace actium::test {

/// Returns the CUDA engine's model of a graph, on the stand-in.
inline absl::StatusOr<std::shared_ptr<engine::LoadedModel>> CudaModelOf(
    const graph::Graph& graph, int max_batch_size,
    engine::Precision precision = engine::Precision::kFp32,
    const engine::TuningOptions& tuning = {.measure = false}) {
  return engine::NewCudaModel(
      *ActiumCudaPluginTable(), graph, SignatureOf(graph, max_batch_size), {},
      {.device = {.kind = engine::Device::Kind::kCuda}, .precision = precision}, tuning);
}

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_CUDA_CUDA_MODEL_OF_H_
