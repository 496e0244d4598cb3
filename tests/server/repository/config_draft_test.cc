#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/repository/config_text.h"
#include "server/repository/model_config.h"
#include "tests/support/status_matchers.h"

namespace actium::repository {
namespace {

using tensor::DType;
using tensor::Shape;
using tensor::TensorSpec;

ModelSettings SettingsOf(const std::string& text) {
  const auto config = ParseModelConfig(text, "draft");
  EXPECT_THAT(config, test::IsOk()) << text;
  if (!config.ok()) return {};
  const auto settings = MakeSettings(*config, "my model", "draft");
  EXPECT_THAT(settings, test::IsOk()) << text;
  return settings.ok() ? *settings : ModelSettings();
}

TEST(DraftConfigTest, LeavesALeadingOneOutAsTheBatch) {
  const TensorSpec inputs[] = {{"INPUT__0", DType::kFp32, Shape{1, 3, 224, 224}}};
  const TensorSpec outputs[] = {{"OUTPUT__0", DType::kFp32, Shape{1, 1000}},
                                {"OUTPUT__1", DType::kBf16, Shape{1}}};
  const ModelSettings settings = SettingsOf(DraftConfig("my model", inputs, outputs));
  EXPECT_GT(settings.signature.max_batch_size, 1);
  EXPECT_EQ(settings.signature.inputs[0].shape, (Shape{3, 224, 224}));
  EXPECT_EQ(settings.signature.outputs[0].shape, Shape{1000});
  EXPECT_EQ(settings.signature.outputs[1].shape, Shape{});
  EXPECT_EQ(settings.signature.outputs[1].dtype, DType::kBf16);
  EXPECT_TRUE(settings.warnings.empty());
}

TEST(DraftConfigTest, KeepsShapesWholeIfATensorHasNoBatch) {
  const TensorSpec inputs[] = {{"a", DType::kInt64, Shape{1, 5}}, {"b", DType::kFp64, Shape{}}};
  const TensorSpec outputs[] = {{"c", DType::kBool, Shape{1, 2}}};
  const ModelSettings settings = SettingsOf(DraftConfig("my model", inputs, outputs));
  EXPECT_EQ(settings.signature.max_batch_size, 0);
  EXPECT_EQ(settings.signature.inputs[0].shape, (Shape{1, 5}));
  EXPECT_EQ(settings.signature.inputs[1].shape, Shape{});
}

TEST(DraftConfigTest, EscapesNames) {
  const TensorSpec tensors[] = {{"a \"quoted\\ name\" é", DType::kFp32, Shape{1, 2}}};
  const ModelSettings settings = SettingsOf(DraftConfig("my model", tensors, tensors));
  EXPECT_EQ(settings.signature.inputs[0].name, tensors[0].name);
}

}  // namespace
}  // namespace actium::repository
