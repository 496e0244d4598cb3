// A text as a graph: through the parser, back to text, and, if it is small, evaluated.
#include <cstdlib>
#include <string_view>
#include <vector>

#include "server/graph/evaluate.h"
#include "server/graph/text.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

using actium::graph::Graph;

// Whether no value has so many numbers that evaluating them takes long.
bool IsSmall(const Graph& graph) {
  int64_t elements = 0;
  for (const auto& value : graph.values()) {
    elements += actium::tensor::ElementCount(value.shape).value_or(Graph::kMostElements);
  }
  return elements <= 4096;
}

// Every shape and register that was accepted must be one that can be computed with.
void CheckEvaluate(const Graph& graph) {
  std::vector<std::vector<double>> inputs;
  for (const auto id : graph.inputs()) {
    const auto elements = *actium::tensor::ElementCount(graph.value(id).shape);
    inputs.emplace_back(static_cast<size_t>(elements), 0.5);
  }
  const auto outputs = actium::graph::Evaluate(graph, inputs);
  if (!outputs.ok() || outputs->size() != graph.outputs().size()) std::abort();
  for (size_t i = 0; i < outputs->size(); ++i) {
    const auto& shape = graph.value(graph.outputs()[i]).shape;
    if (std::ssize((*outputs)[i]) != actium::tensor::ElementCount(shape)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto graph = actium::graph::ParseText(text);
  if (!graph.ok()) {
    // Errors are bounded, whatever the text says.
    if (graph.status().message().size() > size_t{4} << 10) std::abort();
    return 0;
  }
  const std::string written = actium::graph::ToText(*graph);
  const auto again = actium::graph::ParseText(written);
  if (!again.ok() || actium::graph::ToText(*again) != written) std::abort();
  if (IsSmall(*graph)) CheckEvaluate(*graph);
  return 0;
}
