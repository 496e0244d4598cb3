#include "models/zoo/activation_layer.h"

#include <gmock/gmock.h>
#include <torch/script.h>

#include <cmath>

#include "tests/support/status_matchers.h"

namespace actium::zoo {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// [1, 1, 1, n]: as the layers see it, channels in dimension 1.
torch::Tensor Points() { return torch::linspace(-12, 12, 4801).reshape({1, 1, 1, -1}); }

void ExpectTheFormula(const activation::Row& row, const torch::Tensor& y) {
  const torch::Tensor x = Points().flatten();
  const torch::Tensor values = y.detach().flatten();
  for (int64_t i = 0; i < x.numel(); ++i) {
    const double expected = activation::Evaluate(row.id, {}, x[i].item<double>());
    ASSERT_NEAR(values[i].item<double>(), expected, 2e-6 * std::max(1.0, std::abs(expected)))
        << row.name << " at " << x[i].item<double>();
  }
}

TEST(ActivationLayerTest, ComputesTheTablesFormulaWithItsDefaults) {
  for (const activation::Row& row : activation::Table()) {
    ActivationLayer layer({.id = row.id}, 1);
    ExpectTheFormula(row, layer.forward(Points()));
  }
}

TEST(ActivationLayerTest, ItsScriptComputesTheSame) {
  for (const activation::Row& row : activation::Table()) {
    const ActivationLayer layer({.id = row.id}, 1);
    torch::jit::Module module("layer");
    for (const auto& parameter : layer.named_parameters()) {
      module.register_parameter(parameter.key(), parameter.value().detach(), false);
    }
    module.define("def forward(self, x):\n  return " + layer.ScriptOf("x", "self") + "\n");
    ExpectTheFormula(row, module.forward({Points()}).toTensor());
  }
}

TEST(ActivationLayerTest, PreluLearnsASlopeAChannelOrASharedOne) {
  ActivationLayer per_channel({.id = activation::Activation::kPrelu}, 5);
  ActivationLayer shared({.id = activation::Activation::kPrelu, .shared_slope = true}, 5);
  ASSERT_THAT(per_channel.parameters(), SizeIs(1));
  ASSERT_THAT(shared.parameters(), SizeIs(1));
  EXPECT_EQ(per_channel.parameters()[0].numel(), 5);
  EXPECT_EQ(shared.parameters()[0].numel(), 1);
  EXPECT_EQ(shared.parameters()[0].item<float>(), 0.25f);

  shared.forward(torch::full({2, 5, 3, 3}, -1.0)).sum().backward();
  EXPECT_FLOAT_EQ(shared.parameters()[0].grad().item<float>(), -2 * 5 * 3 * 3);
}

TEST(ParseActivationTest, TakesEveryNameItLists) {
  for (const std::string& name : ActivationNames()) ACTIUM_EXPECT_OK(ParseActivation(name));
}

TEST(ParseActivationTest, TellsSharedPreluFromPrelu) {
  EXPECT_TRUE(ParseActivation("prelu_shared")->shared_slope);
  EXPECT_FALSE(ParseActivation("prelu")->shared_slope);
  EXPECT_EQ(ParseActivation("SiLU")->id, activation::Activation::kSwish);
}

TEST(ParseActivationTest, ListsTheNamesWhenItKnowsNone) {
  EXPECT_THAT(ParseActivation("swash"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       ::testing::AllOf(HasSubstr("leaky_relu"), HasSubstr("got 'swash'"))));
}

}  // namespace
}  // namespace actium::zoo
