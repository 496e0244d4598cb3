#ifndef ACTIUM_TESTS_SERVER_CPU_CPU_MODEL_OF_H_
#define ACTIUM_TESTS_SERVER_CPU_CPU_MODEL_OF_H_

#include "server/cpu/cpu_model.h"
#include "tests/support/model_stream.h"

namespace actium::test {

/// Returns the CPU engine's model of a graph.
inline absl::StatusOr<std::shared_ptr<engine::LoadedModel>> CpuModelOf(const graph::Graph& graph,
                                                                       int max_batch_size) {
  return cpu::NewCpuModel(graph, SignatureOf(graph, max_batch_size), {});
}

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_CPU_CPU_MODEL_OF_H_
