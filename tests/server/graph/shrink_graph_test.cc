// The tool that makes random graphs' failures readable.
#include "tests/support/shrink_graph.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/random_graph.h"

namespace actium::test {
namespace {

using graph::Graph;
using graph::Node;

template <class Op>
bool Has(const Graph& graph) {
  return std::ranges::any_of(graph.nodes(),
                             [](const Node& node) { return std::holds_alternative<Op>(node.op); });
}

bool HasMish(const Graph& graph) {
  return std::ranges::any_of(graph.nodes(), [](const Node& node) {
    const graph::Program* const program = graph::ProgramOf(node.op);
    return program != nullptr && std::ranges::any_of(*program, [](const auto& instruction) {
             const auto* const activate = std::get_if<graph::Activate>(&instruction.step);
             return activate != nullptr && activate->id == activation::Activation::kMish;
           });
  });
}

// Returns the shrunk graph of the first seed that fails so.
template <class Fails>
Graph ShrinkFirst(Fails fails) {
  for (uint64_t seed = 0;; ++seed) {
    const Graph graph = RandomGraph(seed, {.nodes = 20});
    if (fails(graph)) return ShrinkGraph(graph, fails);
  }
}

TEST(ShrinkGraphTest, LeavesWhatFails) {
  const Graph graph = ShrinkFirst(Has<graph::Concat>);
  EXPECT_TRUE(Has<graph::Concat>(graph));
  EXPECT_EQ(graph.outputs().size(), 1);
  EXPECT_TRUE(std::holds_alternative<graph::Concat>(graph.nodes().back().op));
}

TEST(ShrinkGraphTest, ShortensPrograms) {
  const Graph graph = ShrinkFirst(HasMish);
  EXPECT_TRUE(HasMish(graph));
  const graph::Program& program = *graph::ProgramOf(graph.nodes().back().op);
  const auto* const last = std::get_if<graph::Activate>(&program.back().step);
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->id, activation::Activation::kMish);
}

TEST(ShrinkGraphTest, KeepsAGraphOfWhichEverythingIsNeeded) {
  const Graph graph = RandomGraph(3);
  const size_t nodes = graph.nodes().size();
  const auto whole = [&](const Graph& part) {
    return part.nodes().size() == nodes && part.outputs().size() == graph.outputs().size();
  };
  EXPECT_EQ(ShrinkGraph(graph, whole).nodes().size(), nodes);
}

}  // namespace
}  // namespace actium::test
