#include "server/graph/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <vector>

#include "server/tensor/aligned_memory.h"
#include "tests/support/random_graph.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using graph::Graph;
using graph::Node;
using graph::Place;
using graph::Plan;
using graph::PlanStep;
using graph::ValueId;
using tensor::DType;

size_t At(ValueId id) { return static_cast<size_t>(id); }

// Runs a plan on memory that holds, for each line of kAlignment bytes, who wrote it.
class Simulation {
 public:
  Simulation(const Graph& graph, const Plan& plan, std::span<const size_t> scratch_bytes)
      : graph_(graph),
        plan_(plan),
        scratch_bytes_(scratch_bytes),
        lines_(plan.arena_bytes / tensor::kAlignment, kNobody),
        content_(graph.values().size()) {
    for (size_t id = 0; id < content_.size(); ++id) content_[id] = static_cast<int>(id);
  }

  void Run() {
    for (const PlanStep& step : plan_.steps) {
      const auto index = static_cast<size_t>(step.index);
      switch (step.kind) {
        case PlanStep::Kind::kLoad:
          Write(graph_.inputs()[index]);
          break;
        case PlanStep::Kind::kStore:
          Check(graph_.outputs()[index]);
          break;
        case PlanStep::Kind::kRun:
          RunNode(graph_.nodes()[index], step);
          break;
      }
    }
  }

 private:
  static constexpr int kNobody = -1;
  static constexpr int kScratch = -2;

  void RunNode(const Node& node, const PlanStep& step) {
    for (const ValueId input : node.inputs) Check(input);
    const auto index = static_cast<size_t>(step.index);
    if (!scratch_bytes_.empty()) Fill(step.scratch, scratch_bytes_[index], kScratch);
    // Neither scratch memory nor the result may lie over what is read, but where that is allowed.
    for (const ValueId input : node.inputs) Check(input);
    const Place& to = plan_.places[At(node.output)];
    bool in_place = false;
    for (const ValueId input : node.inputs) {
      const Place& from = plan_.places[At(input)];
      if (from.kind != Place::Kind::kArena || from.offset >= to.offset + to.bytes ||
          to.offset >= from.offset + from.bytes) {
        continue;
      }
      in_place = true;
      EXPECT_EQ(from.offset, to.offset) << graph_.value(node.output).name;
      EXPECT_EQ(from.bytes, to.bytes) << graph_.value(node.output).name;
    }
    const bool reshape = std::holds_alternative<graph::Reshape>(node.op);
    EXPECT_TRUE(!in_place || reshape || std::holds_alternative<graph::Pointwise>(node.op));
    // A reshape in place writes nothing: both names read the same.
    if (reshape && in_place) content_[At(node.output)] = content_[At(node.inputs[0])];
    Write(node.output);
    if (scratch_bytes_.empty() || scratch_bytes_[index] == 0) return;
    EXPECT_TRUE(step.scratch >= to.offset + to.bytes ||
                to.offset >= step.scratch + scratch_bytes_[index])
        << "scratch memory under the result " << graph_.value(node.output).name;
  }

  void Fill(size_t offset, size_t bytes, int content) {
    EXPECT_EQ(offset % tensor::kAlignment, 0u);
    ASSERT_LE(offset + bytes, plan_.arena_bytes);
    for (size_t i = offset; i < offset + bytes; i += tensor::kAlignment) {
      lines_[i / tensor::kAlignment] = content;
    }
  }

  void Write(ValueId id) {
    const Place& place = plan_.places[At(id)];
    ASSERT_EQ(place.kind, Place::Kind::kArena) << graph_.value(id).name;
    EXPECT_EQ(place.bytes, At(plan_.rows) * At(static_cast<ValueId>(*tensor::ByteCount(
                                                graph_.value(id).dtype, graph_.value(id).shape))));
    Fill(place.offset, place.bytes, content_[At(id)]);
  }

  void Check(ValueId id) {
    const Place& place = plan_.places[At(id)];
    if (graph_.value(id).constant != nullptr) {
      EXPECT_EQ(place.kind, Place::Kind::kNone);
      return;
    }
    EXPECT_NE(place.kind, Place::Kind::kNone);
    if (place.kind != Place::Kind::kArena) return;
    for (size_t i = place.offset; i < place.offset + place.bytes; i += tensor::kAlignment) {
      ASSERT_EQ(lines_[i / tensor::kAlignment], content_[At(id)])
          << graph_.value(id).name << " was overwritten";
    }
  }

  const Graph& graph_;
  const Plan& plan_;
  const std::span<const size_t> scratch_bytes_;
  std::vector<int> lines_;
  std::vector<int> content_;  // By value: what its memory holds.
};

TEST(PlanTest, NothingIsOverwrittenThatIsReadLater) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const Graph graph = RandomGraph(seed, {.nodes = 30});
    std::vector<size_t> scratch_bytes;
    for (size_t i = 0; i < graph.nodes().size(); ++i) {
      scratch_bytes.push_back((seed + i) % 3 * 100);
    }
    for (const int rows : {1, 7}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", rows " << rows);
      ACTIUM_ASSERT_OK_AND_ASSIGN(const Plan plan,
                                  MakePlan(graph, {.rows = rows, .scratch_bytes = scratch_bytes}));
      Simulation(graph, plan, scratch_bytes).Run();
      ACTIUM_ASSERT_OK_AND_ASSIGN(const Plan without, MakePlan(graph, {.rows = rows}));
      Simulation(graph, without, {}).Run();
      if (HasFailure()) return;
    }
  }
}

ValueId Relu(Graph& graph, ValueId x) {
  graph::Instruction relu;
  relu.step = graph::Activate{.id = activation::Activation::kRelu, .parameters = {}};
  return graph.AddNode(graph.FreeName("relu"), graph::Pointwise{{relu}}, {x}).value();
}

Plan PlanOf(Graph& graph, std::vector<ValueId> outputs, int rows = 1) {
  ACTIUM_EXPECT_OK(graph.SetOutputs(std::move(outputs)));
  return MakePlan(graph, {.rows = rows}).value();
}

TEST(PlanTest, AChainOfPointwiseStepsHasOnePlace) {
  Graph graph;
  ValueId x = graph.AddInput("x", DType::kFp32, {100}).value();
  for (int i = 0; i < 10; ++i) x = Relu(graph, x);
  const Plan plan = PlanOf(graph, {x}, 3);
  EXPECT_EQ(plan.arena_bytes, 1216u);  // 3 x 100 floats, rounded up to lines.
}

TEST(PlanTest, AValueThatIsReadLaterIsNotOverwritten) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kFp32, {16}).value();
  const ValueId a = Relu(graph, x);
  const ValueId b = Relu(graph, a);
  const Plan plan = PlanOf(graph, {a, b});
  EXPECT_NE(plan.places[At(a)].offset, plan.places[At(b)].offset);
}

TEST(PlanTest, TheSlotsInputsAreReadInPlaceAndNeverWritten) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kFp32, {1, 4, 4}).value();
  const ValueId y = Relu(graph, x);
  const Plan plan = PlanOf(graph, {y});
  EXPECT_EQ(plan.places[At(x)].kind, Place::Kind::kInput);
  EXPECT_EQ(plan.places[At(y)].kind, Place::Kind::kArena);
}

TEST(PlanTest, AnImageOfSeveralChannelsIsLoaded) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kFp32, {3, 4, 4}).value();
  const ValueId y = Relu(graph, x);
  const Plan plan = PlanOf(graph, {y});
  ASSERT_EQ(plan.steps.size(), 3u);
  EXPECT_EQ(plan.steps[0].kind, PlanStep::Kind::kLoad);
  EXPECT_EQ(plan.places[At(x)].kind, Place::Kind::kArena);
}

TEST(PlanTest, AReshapeSharesItsPlaceOnlyIfNoNumberMoves) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kFp32, {3, 4, 4}).value();
  const ValueId moved = graph.AddNode("moved", graph::Reshape{{48}}, {x}).value();
  const ValueId shared = graph.AddNode("shared", graph::Reshape{{1, 6, 8}}, {moved}).value();
  const Plan plan = PlanOf(graph, {x, moved, shared});
  EXPECT_NE(plan.places[At(x)].offset, plan.places[At(moved)].offset);
  EXPECT_EQ(plan.places[At(moved)].offset, plan.places[At(shared)].offset);
}

TEST(PlanTest, WhatNoOutputNeedsIsLeftOut) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kFp32, {4}).value();
  const ValueId unused = graph.AddInput("unused", DType::kFp32, {3, 2, 2}).value();
  const ValueId y = Relu(graph, x);
  const ValueId dead = Relu(graph, unused);
  const Plan plan = PlanOf(graph, {y});
  EXPECT_EQ(plan.steps.size(), 2u);
  EXPECT_EQ(plan.places[At(dead)].kind, Place::Kind::kNone);
}

TEST(PlanTest, RefusesWhatIsTooLarge) {
  Graph graph;
  const ValueId x = graph.AddInput("x", DType::kFp32, {int64_t{1} << 30}).value();
  ACTIUM_ASSERT_OK(graph.SetOutputs({Relu(graph, x)}));
  EXPECT_THAT(MakePlan(graph, {.rows = 1000}),
              StatusIs(absl::StatusCode::kResourceExhausted, testing::HasSubstr("1000 rows")));
}

TEST(PlanTest, StoredShapesHaveChannelsLast) {
  EXPECT_EQ(graph::StoredShape({3, 4, 5}), (tensor::Shape{4, 5, 3}));
  EXPECT_EQ(graph::StoredShape({3, 4}), (tensor::Shape{3, 4}));
  EXPECT_EQ(graph::StoredAxis({3, 4, 5}, 0), 2);
  EXPECT_EQ(graph::StoredAxis({3, 4, 5}, 1), 0);
  EXPECT_EQ(graph::StoredAxis({3, 4, 5}, 2), 1);
  EXPECT_TRUE(graph::IsStoredRowMajor({1, 4, 5}));
  EXPECT_TRUE(graph::IsStoredRowMajor({7, 1, 1}));
  EXPECT_FALSE(graph::IsStoredRowMajor({2, 2, 1}));
}

}  // namespace
}  // namespace actium::test
