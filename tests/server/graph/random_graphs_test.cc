#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "fmt/format.h"
#include "server/graph/evaluate.h"
#include "server/graph/text.h"
#include "tests/support/random_graph.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

constexpr uint64_t kSeeds = 500;

// Bits, not values: of NaN and -0, too.
bool SameNumbers(const graph::Value& a, const graph::Value& b) {
  if ((a.constant == nullptr) != (b.constant == nullptr)) return false;
  return a.constant == nullptr ||
         std::ranges::equal(
             *a.constant, *b.constant, {}, [](float x) { return std::bit_cast<uint32_t>(x); },
             [](float x) { return std::bit_cast<uint32_t>(x); });
}

void ExpectSameGraph(const graph::Graph& a, const graph::Graph& b) {
  ASSERT_EQ(a.values().size(), b.values().size());
  for (size_t i = 0; i < a.values().size(); ++i) {
    EXPECT_EQ(a.values()[i].name, b.values()[i].name);
    EXPECT_EQ(a.values()[i].dtype, b.values()[i].dtype);
    EXPECT_EQ(a.values()[i].shape, b.values()[i].shape);
    EXPECT_TRUE(SameNumbers(a.values()[i], b.values()[i])) << a.values()[i].name;
  }
  ASSERT_EQ(a.nodes().size(), b.nodes().size());
  for (size_t i = 0; i < a.nodes().size(); ++i) {
    EXPECT_EQ(a.nodes()[i].op, b.nodes()[i].op);
    EXPECT_EQ(a.nodes()[i].inputs, b.nodes()[i].inputs);
    EXPECT_EQ(a.nodes()[i].output, b.nodes()[i].output);
    EXPECT_EQ(a.nodes()[i].source, b.nodes()[i].source);
  }
  EXPECT_TRUE(std::ranges::equal(a.inputs(), b.inputs()));
  EXPECT_TRUE(std::ranges::equal(a.outputs(), b.outputs()));
}

TEST(RandomGraphsTest, TextGivesTheSameGraphBack) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const graph::Graph original = RandomGraph(seed);
    const std::string text = graph::ToText(original);
    ACTIUM_ASSERT_OK_AND_ASSIGN(const graph::Graph parsed, graph::ParseText(text));
    ExpectSameGraph(original, parsed);
    EXPECT_EQ(graph::ToText(parsed), text);
    const auto inputs = RandomInputs(original, seed);
    ACTIUM_ASSERT_OK_AND_ASSIGN(const auto expected, graph::Evaluate(original, inputs));
    ACTIUM_ASSERT_OK_AND_ASSIGN(const auto actual, graph::Evaluate(parsed, inputs));
    EXPECT_EQ(actual, expected);
  }
}

TEST(RandomGraphsTest, TheSameSeedGivesTheSameGraph) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(graph::ToText(RandomGraph(seed)), graph::ToText(RandomGraph(seed)));
    EXPECT_EQ(RandomInputs(RandomGraph(seed), 1), RandomInputs(RandomGraph(seed), 1));
    EXPECT_NE(graph::ToText(RandomGraph(seed)), graph::ToText(RandomGraph(seed + 1)));
  }
}

// What an engine in float32 can be compared with.
TEST(RandomGraphsTest, NumbersAreOfModerateSize) {
  double largest = 0;
  int above_a_hundred = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const graph::Graph graph = RandomGraph(seed);
    ACTIUM_ASSERT_OK_AND_ASSIGN(const auto outputs,
                                graph::Evaluate(graph, RandomInputs(graph, seed)));
    double most = 0;
    for (const auto& output : outputs) {
      for (const double number : output) {
        ASSERT_TRUE(std::isfinite(number)) << "seed " << seed;
        most = std::max(most, std::abs(number));
      }
    }
    above_a_hundred += most > 100 ? 1 : 0;
    largest = std::max(largest, most);
  }
  EXPECT_LT(largest, 1e4);
  EXPECT_LT(above_a_hundred, static_cast<int>(kSeeds) / 20);
}

std::string Trait(bool has, const std::string& name) { return has ? name : "none"; }

// What of the operations' attributes the graphs must have somewhere.
void Collect(const graph::Graph& graph, const graph::Node& node, std::set<std::string>& seen) {
  seen.emplace(graph::Name(node.op));
  seen.insert(Trait(node.inputs.size() > 3 && node.op.index() == 1, "epilogue with inputs"));
  if (const auto* op = std::get_if<graph::Convolution>(&node.op)) {
    const int64_t channels = graph.value(node.inputs[0]).shape[0];
    seen.insert(Trait(op->groups > 1 && op->groups < channels, "groups"));
    seen.insert(Trait(op->groups > 1 && op->groups == channels, "depthwise"));
    seen.insert(Trait(op->dilation[0] != op->dilation[1], "dilation"));
    seen.insert(Trait(op->stride[0] != op->stride[1], "stride"));
    seen.insert(Trait(op->padding[0] != op->padding[1], "padding"));
  }
  if (const auto* op = std::get_if<graph::Pool>(&node.op)) {
    seen.insert(Trait(op->kind == graph::Pool::Kind::kMax && op->ceil_mode, "max ceil"));
    seen.insert(Trait(op->count_padding && op->ceil_mode, "average ceil counted"));
    seen.insert(Trait(op->count_padding && op->padding[0] > 0, "padding counted"));
  }
  if (const auto* op = std::get_if<graph::Pad>(&node.op)) {
    seen.insert(Trait(op->before != op->after && op->value != 0, "uneven padding"));
  }
  const graph::Program* program = graph::ProgramOf(node.op);
  if (program == nullptr) return;
  for (const graph::Instruction& instruction : *program) {
    if (const auto* activate = std::get_if<graph::Activate>(&instruction.step)) {
      seen.emplace(activation::Get(activate->id).name);
    } else {
      seen.insert(fmt::format("arithmetic {}", instruction.step.index() == 1));
    }
  }
}

TEST(RandomGraphsTest, CoverEveryOperationAndActivation) {
  std::set<std::string> seen;
  bool several_inputs = false;
  bool several_outputs = false;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    const graph::Graph graph = RandomGraph(seed);
    several_inputs |= graph.inputs().size() > 1;
    several_outputs |= graph.outputs().size() > 1;
    for (const graph::Node& node : graph.nodes()) Collect(graph, node, seen);
  }
  EXPECT_TRUE(several_inputs);
  EXPECT_TRUE(several_outputs);
  for (const char* trait : {"cast",
                            "convolution",
                            "linear",
                            "batch_norm",
                            "pointwise",
                            "pool",
                            "pad",
                            "global_average",
                            "reshape",
                            "concat",
                            "softmax",
                            "epilogue with inputs",
                            "groups",
                            "depthwise",
                            "dilation",
                            "stride",
                            "padding",
                            "max ceil",
                            "average ceil counted",
                            "padding counted",
                            "uneven padding"}) {
    EXPECT_TRUE(seen.contains(trait)) << trait;
  }
  for (const activation::Row& row : activation::Table()) {
    EXPECT_TRUE(seen.contains(std::string(row.name))) << row.name;
  }
}

TEST(RandomGraphsTest, LimitsAreKept) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const graph::Graph graph = RandomGraph(seed, {.nodes = 1, .channels = 40, .pixels = 20});
    EXPECT_LE(graph.inputs().size() * 2 + 1, graph.nodes().size() + 6);
    for (const graph::ValueId id : graph.inputs()) {
      EXPECT_LE(graph.value(id).shape[0], 40);
    }
  }
}

}  // namespace
}  // namespace actium::test
