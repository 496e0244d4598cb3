#ifndef ACTIUM_TESTS_SERVER_CUDA_CUDA_MODEL_OF_H_
#define ACTIUM_TESTS_SERVER_CUDA_CUDA_MODEL_OF_H_

#include <cstdlib>

#include "server/base/status_macros.h"
#include "server/engine/cuda_model.h"
#include "server/engine/cuda_plugin.h"
#include "tests/support/model_stream.h"

extern "C" const ActiumCudaTable* ActiumCudaPluginTable();

namespace actium::test {

/// Returns the plug-in that $ACTIUM_CUDA_PLUGIN names; null: the stand-in that is linked in.
inline const char* NamedCudaPlugin() { return std::getenv("ACTIUM_CUDA_PLUGIN"); }

/// Skips a test, or in SetUp() each of a fixture's: what it does to the stand-in, no GPU allows.
#define ACTIUM_SKIP_WITHOUT_STAND_IN()                                             \
  if (::actium::test::NamedCudaPlugin() != nullptr)                                \
  GTEST_SKIP() << "it controls the stand-in, and ACTIUM_CUDA_PLUGIN names another" \
                  " plug-in"

/// Returns the CUDA engine's model of a graph, on NamedCudaPlugin()'s first device or the stand-in.
inline absl::StatusOr<std::shared_ptr<engine::LoadedModel>> CudaModelOf(
    const graph::Graph& graph, int max_batch_size,
    engine::Precision precision = engine::Precision::kFp32,
    const engine::TuningOptions& tuning = {.measure = false}) {
  const engine::Signature signature = SignatureOf(graph, max_batch_size);
  const engine::Target target = {.device = {.kind = engine::Device::Kind::kCuda},
                                 .precision = precision};
  if (NamedCudaPlugin() == nullptr) {
    return engine::NewCudaModel(*ActiumCudaPluginTable(), graph, signature, {}, target, tuning);
  }
  static const auto plugin = engine::OpenCudaPlugin(NamedCudaPlugin(), tuning);
  ACTIUM_RETURN_IF_ERROR(plugin.status());
  return (*plugin)->Load(graph, signature, {}, target);
}

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_CUDA_CUDA_MODEL_OF_H_
