#include "server/graph/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "server/graph/ops.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using graph::Graph;
using graph::ValueId;
using tensor::DType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::shared_ptr<const graph::Numbers> Ones(size_t count) {
  return std::make_shared<graph::Numbers>(count, 1.0f);
}

TEST(GraphTest, GrowsInOrder) {
  Graph graph;
  ACTIUM_ASSERT_OK_AND_ASSIGN(const ValueId x, graph.AddInput("x", DType::kUint8, {2, 3}));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const ValueId c, graph.AddConstant("c", {3}, Ones(3)));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const ValueId y, graph.AddNode("y", graph::Cast{}, {x}, "m.py:1"));
  const graph::Program add = {{.step = graph::ArithmeticKind::kAdd, .left = 0, .right = 1}};
  ACTIUM_ASSERT_OK_AND_ASSIGN(const ValueId z, graph.AddNode("z", graph::Pointwise{add}, {y, c}));
  ACTIUM_ASSERT_OK(graph.SetOutputs({z, y}));

  EXPECT_THAT(graph.inputs(), ElementsAre(x));
  EXPECT_THAT(graph.outputs(), ElementsAre(z, y));
  EXPECT_THAT(graph.UseCounts(), ElementsAre(1, 1, 2, 1));
  EXPECT_EQ(graph.value(x).dtype, DType::kUint8);
  EXPECT_EQ(graph.value(z).dtype, DType::kFp32);
  EXPECT_EQ(graph.value(z).shape, (tensor::Shape{2, 3}));
  ASSERT_THAT(graph.nodes(), SizeIs(2));
  EXPECT_EQ(graph.nodes()[0].source, "m.py:1");
  EXPECT_EQ(graph.nodes()[1].output, z);
}

TEST(GraphTest, CopiesShareTheirConstants) {
  Graph graph;
  ACTIUM_ASSERT_OK_AND_ASSIGN(const ValueId c, graph.AddConstant("c", {3}, Ones(3)));
  const Graph copy = graph;
  EXPECT_EQ(copy.value(c).constant, graph.value(c).constant);
}

TEST(GraphTest, RefusesNamesAndIsUnchanged) {
  Graph graph;
  ACTIUM_ASSERT_OK(graph.AddInput("layer1.0_x", DType::kFp32, {1}));
  for (const std::string& name : {std::string(), std::string("a b"), std::string("ä"),
                                  std::string("a\nb"), std::string(257, 'x')}) {
    const auto refused = StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("a name must be"));
    EXPECT_THAT(graph.AddInput(name, DType::kFp32, {1}), refused);
    EXPECT_THAT(graph.AddConstant(name, {}, Ones(1)), refused);
    EXPECT_THAT(graph.AddNode(name, graph::Cast{}, {0}), refused);
  }
  EXPECT_THAT(graph.AddNode("layer1.0_x", graph::Cast{}, {0}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the name is taken")));
  EXPECT_THAT(graph.values(), SizeIs(1));
  EXPECT_THAT(graph.inputs(), SizeIs(1));
  EXPECT_THAT(graph.nodes(), IsEmpty());
}

// The name comes first: a message stays short whatever a caller passes as a name.
TEST(GraphTest, ErrorsAreBounded) {
  Graph graph;
  const std::string name(100'000, '\xff');
  EXPECT_LT(graph.AddInput(name, DType::kBytes, {1}).status().message().size(), 2000u);
  EXPECT_LT(graph.AddConstant(name, {1}, nullptr).status().message().size(), 2000u);
  EXPECT_LT(graph.AddNode(name, graph::Cast{}, {7}).status().message().size(), 2000u);
}

TEST(GraphTest, RefusesShapes) {
  Graph graph;
  for (const tensor::Shape& shape :
       {tensor::Shape{0}, tensor::Shape{-1}, tensor::Shape{2, 0},
        tensor::Shape{(int64_t{1} << 31) + 1}, tensor::Shape{int64_t{1} << 40, int64_t{1} << 40}}) {
    EXPECT_THAT(graph.AddInput("x", DType::kFp32, shape),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("x: dimensions must be")));
  }
  ACTIUM_EXPECT_OK(graph.AddInput("x", DType::kFp32, {int64_t{1} << 31}));
  ACTIUM_EXPECT_OK(graph.AddInput("scalar", DType::kFp32, {}));
}

TEST(GraphTest, RefusesInputsWithoutNumbers) {
  Graph graph;
  EXPECT_THAT(graph.AddInput("x", DType::kBytes, {1}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("x: ")));
}

TEST(GraphTest, RefusesConstantsThatDoNotFillTheirShape) {
  Graph graph;
  const auto refused =
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("do not fill the shape [2, 2]"));
  EXPECT_THAT(graph.AddConstant("c", {2, 2}, Ones(3)), refused);
  EXPECT_THAT(graph.AddConstant("c", {2, 2}, nullptr), refused);
  EXPECT_THAT(graph.values(), IsEmpty());
}

TEST(GraphTest, RefusesValuesThatDoNotExist) {
  Graph graph;
  ACTIUM_ASSERT_OK(graph.AddInput("x", DType::kFp32, {1}));
  for (const ValueId id : {-1, 1}) {
    const auto refused = StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is no value"));
    EXPECT_THAT(graph.AddNode("y", graph::Cast{}, {id}), refused);
    EXPECT_THAT(graph.SetOutputs({id}), refused);
  }
}

TEST(GraphTest, RefusesOutputs) {
  Graph graph;
  ACTIUM_ASSERT_OK_AND_ASSIGN(const ValueId c, graph.AddConstant("c", {1}, Ones(1)));
  EXPECT_THAT(graph.SetOutputs({}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("there are none")));
  EXPECT_THAT(graph.SetOutputs({c}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("c is a constant")));
  EXPECT_THAT(graph.outputs(), IsEmpty());
}

TEST(GraphTest, HasABoundOnItsValues) {
  Graph graph;
  for (size_t i = 0; i < Graph::kMostValues; ++i) {
    ACTIUM_ASSERT_OK(graph.AddInput("x" + std::to_string(i), DType::kFp32, {1}));
  }
  EXPECT_THAT(graph.AddInput("x", DType::kFp32, {1}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("at most 100000 values")));
}

TEST(GraphTest, FreeNamesAreFree) {
  Graph graph;
  EXPECT_EQ(graph.FreeName("x"), "x");
  ACTIUM_ASSERT_OK(graph.AddInput("x", DType::kFp32, {1}));
  ACTIUM_ASSERT_OK(graph.AddInput("x.1", DType::kFp32, {1}));
  EXPECT_EQ(graph.FreeName("x"), "x.2");
}

TEST(OpsTest, InputRegistersFollowTheOperandsOfAnOperation) {
  EXPECT_EQ(graph::InputRegisters(graph::Convolution{}, 3), 1);
  EXPECT_EQ(graph::InputRegisters(graph::Linear{}, 5), 3);
  EXPECT_EQ(graph::InputRegisters(graph::Linear{}, 0), 1);
  EXPECT_EQ(graph::InputRegisters(graph::Pointwise{}, 2), 2);
  EXPECT_EQ(graph::InputRegisters(graph::Softmax{}, 1), 0);
}

}  // namespace
}  // namespace actium::test
