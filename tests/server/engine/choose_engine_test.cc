// Which engine a model gets on the CPU, and what the check before it lets pass.
#include "server/engine/choose_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/server/engine/stub_model.h"
#include "tests/support/status_matchers.h"

namespace actium::engine {
namespace {

using test::Function;
using test::Relu;
using test::ReluGraph;
using test::StatusIs;
using test::StubLoader;
using test::StubModel;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::shared_ptr<LoadedModel> Reference(absl::StatusOr<graph::Graph> graph = ReluGraph()) {
  return std::make_shared<StubModel>("reference", Relu, std::move(graph));
}

absl::StatusOr<std::shared_ptr<LoadedModel>> Choose(std::shared_ptr<LoadedModel> reference,
                                                    const Function& fused) {
  const auto loader = ChooseEngine(
      std::make_unique<StubLoader>(std::move(reference)),
      {.fuse = [&](const graph::Graph& graph, const Signature&, const ModelFacts& facts) {
        EXPECT_EQ(graph.nodes().size(), 1);
        EXPECT_EQ(facts.weights_digest, "d1");
        EXPECT_EQ(facts.imported_graph,
                  "input x: fp32[3]\ny = pointwise(x) { 1 = relu(0) }\noutput y\n");
        return std::make_shared<StubModel>("fused", fused, absl::UnimplementedError("none"));
      }});
  return loader->Load({});
}

TEST(ChooseEngineTest, AModelThatAgreesIsFused) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model, Choose(Reference(), Relu));
  EXPECT_EQ(model->engine(), "fused");
  EXPECT_THAT(model->facts().not_fused, IsEmpty());
}

TEST(ChooseEngineTest, AModelThatIsNoGraphFallsBackByName) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      const auto model,
      Choose(Reference(absl::UnimplementedError("aten::sin at model.py:3: not known")), Relu));
  EXPECT_EQ(model->engine(), "reference");
  EXPECT_EQ(model->facts().not_fused, "aten::sin at model.py:3: not known");
  EXPECT_EQ(model->facts().weights_digest, "d1");
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto description, model->Describe({}));
  EXPECT_THAT(description.notes, ElementsAre("not fused: aten::sin at model.py:3: not known"));
}

TEST(ChooseEngineTest, AModelThatDiffersIsNotFused) {
  const std::vector<std::pair<const char*, Function>> wrong = {
      {"another activation", [](float x, size_t) { return x > 0 ? x : 0.01F * x; }},
      {"the largest batch",
       [](float x, size_t rows) { return Relu(x, rows) + (rows == 4 ? 1 : 0); }},
      {"zeros", [](float x, size_t rows) { return x == 0 ? 1e-3F : Relu(x, rows); }},
      {"extreme values", [](float x, size_t rows) { return std::fmin(Relu(x, rows), 100.0F); }},
      {"not finite", [](float, size_t) { return std::numeric_limits<float>::quiet_NaN(); }}};
  for (const auto& [name, fused] : wrong) {
    SCOPED_TRACE(name);
    ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model, Choose(Reference(), fused));
    EXPECT_EQ(model->engine(), "reference");
    EXPECT_THAT(model->facts().not_fused, HasSubstr("but by the reference"));
  }
}

TEST(ChooseEngineTest, RoundingIsNoDifference) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model, Choose(Reference(), [](float x, size_t rows) {
                                return Relu(x, rows) * (1 + 1e-6F);
                              }));
  EXPECT_EQ(model->engine(), "fused");
}

TEST(ChooseEngineTest, WhatTheReferenceCannotLoadIsNotLoaded) {
  const auto loader =
      ChooseEngine(std::make_unique<StubLoader>(absl::InvalidArgumentError("damaged")),
                   {.fuse = [](const graph::Graph&, const Signature&, const ModelFacts&) {
                     return Reference();
                   }});
  EXPECT_THAT(loader->Load({}), StatusIs(absl::StatusCode::kInvalidArgument, "damaged"));
}

}  // namespace
}  // namespace actium::engine
