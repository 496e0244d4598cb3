#include "server/libtorch/binding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace actium::libtorch {
namespace {

using tensor::DType;
using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<tensor::TensorSpec> Named(const std::vector<std::string>& names) {
  std::vector<tensor::TensorSpec> specs;
  for (const std::string& name : names) specs.push_back({.name = name, .dtype = {}, .shape = {}});
  return specs;
}

std::vector<int> Inputs(const std::vector<std::string>& names,
                        const std::vector<std::string>& arguments) {
  auto order = BindInputs(Named(names), arguments, static_cast<int>(arguments.size()));
  EXPECT_THAT(order, test::IsOk());
  return order.ok() ? *order : std::vector<int>{};
}

TEST(BindInputsTest, ByNameWhenAllAreArguments) {
  EXPECT_THAT(Inputs({"b", "c", "a"}, {"a", "b", "c"}), ElementsAre(2, 0, 1));
}

TEST(BindInputsTest, ByIndexWhenAllEndInOne) {
  EXPECT_THAT(Inputs({"INPUT__1", "INPUT__0"}, {"a", "b"}), ElementsAre(1, 0));
}

TEST(BindInputsTest, ByOrderOtherwise) {
  EXPECT_THAT(Inputs({"image", "a"}, {"a", "b"}), ElementsAre(0, 1));
  EXPECT_THAT(Inputs({"x__0", "y"}, {"a", "b"}), ElementsAre(0, 1));
  EXPECT_THAT(Inputs({"x__0", "y__0"}, {"a", "b"}), ElementsAre(0, 1)) << "the same index twice";
  EXPECT_THAT(Inputs({"x__7", "y__0"}, {"a", "b"}), ElementsAre(0, 1)) << "no argument 7";
  EXPECT_THAT(Inputs({"x__", "y__1x"}, {"a", "b"}), ElementsAre(0, 1)) << "no numbers";
}

TEST(BindInputsTest, LeavesArgumentsWithDefaultsOut) {
  const std::vector<std::string> arguments = {"a", "b"};
  EXPECT_THAT(*BindInputs(Named({"a"}), arguments, 1), ElementsAre(0));
}

TEST(BindOutputsTest, ByIndexOrOrder) {
  EXPECT_THAT(*BindOutputs(Named({"OUTPUT__1", "OUTPUT__0"}), 2), ElementsAre(1, 0));
  EXPECT_THAT(*BindOutputs(Named({"OUTPUT__2"}), 3), ElementsAre(2)) << "others are not served";
  EXPECT_THAT(*BindOutputs(Named({"logits", "features"}), 3), ElementsAre(0, 1));
}

TEST(BindOutputsTest, NamesAnIndexThatIsTooLarge) {
  EXPECT_THAT(BindOutputs(Named({"OUTPUT__3"}), 3),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("output 'OUTPUT__3'")));
}

TEST(CheckOutputTest, AnySizeFitsAnySizeButNotAnotherRank) {
  const tensor::TensorSpec output = {
      .name = "y", .dtype = DType::kFp32, .shape = {tensor::kAnySize, 3}};
  ACTIUM_EXPECT_OK(CheckOutput(output, 2, DType::kFp32, tensor::Shape{2, 9, 3}));
  ACTIUM_EXPECT_OK(CheckOutput(output, 0, DType::kFp32, tensor::Shape{0, 3}));
  EXPECT_FALSE(CheckOutput(output, 2, DType::kFp32, tensor::Shape{3, 9, 3}).ok());
  EXPECT_FALSE(CheckOutput(output, 2, DType::kFp32, tensor::Shape{2, 9, 4}).ok());
  EXPECT_FALSE(CheckOutput(output, 2, DType::kFp32, tensor::Shape{2, 9}).ok());
}

}  // namespace
}  // namespace actium::libtorch
