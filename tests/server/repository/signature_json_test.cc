#include "server/repository/signature_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "server/repository/model_config.h"
#include "tests/support/status_matchers.h"

namespace actium::repository {
namespace {

using absl::StatusCode;
using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kValid[] =
    R"({"max_batch_size": 64,
        "input": [{"name": "image", "dtype": "UINT8", "dims": [1, -1, 28]}],
        "output": [{"name": "logits", "dtype": "FP32", "dims": [2], "labels": ["shirt", "bag"]},
                   {"name": "features", "dtype": "BF16", "dims": []}]})";

TEST(ParseSignatureJsonTest, ReadsInputsOutputsAndLabels) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto signature, ParseSignatureJson(kValid, "actium.json"));
  EXPECT_EQ(signature.config.max_batch_size(), 64);
  EXPECT_EQ(signature.config.input(0).data_type(), ::inference::TYPE_UINT8);
  EXPECT_THAT(signature.config.input(0).dims(), ElementsAre(1, -1, 28));
  EXPECT_THAT(signature.labels, ElementsAre(ElementsAre("shirt", "bag"), IsEmpty()));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto settings,
                              MakeSettings(signature.config, "mish", "actium.json"));
  EXPECT_EQ(settings.signature.outputs[1].dtype, tensor::DType::kBf16);
}

struct BadJson {
  const char* name;
  std::string text;
  const char* message;
};

class BadJsonTest : public ::testing::TestWithParam<BadJson> {};

TEST_P(BadJsonTest, IsReportedWithItsPlace) {
  const auto result = ParseSignatureJson(GetParam().text, "model.pt: actium.json");
  EXPECT_THAT(result, StatusIs(StatusCode::kInvalidArgument, HasSubstr(GetParam().message)));
  EXPECT_LT(result.status().message().size(), 1500u);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadJsonTest,
    ::testing::Values(
        BadJson{"Empty", "", "model.pt: actium.json: is no JSON from byte 1"},
        BadJson{"CutShort", R"({"max_batch_size": 6)", "is no JSON from byte"},
        BadJson{"TrailingText", R"({} x)", "is no JSON from byte"},
        BadJson{"BrokenUtf8", "{\"max_batch_size\": \"\xff\"}", "is no JSON from byte"},
        BadJson{"NoObject", "[]", "the text must be an object, got '[]'"},
        BadJson{"UnknownKey", R"({"max_batchsize": 1})", "unknown key 'max_batchsize'"},
        BadJson{"KeyTwice", R"({"input": [], "input": []})", "has the key 'input' twice"},
        BadJson{"NoBatchSize", "{}",
                "max_batch_size must be an integer in [0, 2147483647], got nothing"},
        BadJson{"NegativeBatchSize", R"({"max_batch_size": -1})", "got '-1'"},
        BadJson{"FractionalBatchSize", R"({"max_batch_size": 1.5})", "got '1.5'"},
        BadJson{"HugeBatchSize", R"({"max_batch_size": 18446744073709551615})",
                "max_batch_size must"},
        BadJson{"NoInput", R"({"max_batch_size": 1})",
                "input must be an array of objects, got nothing"},
        BadJson{"InputNoObject", R"({"max_batch_size": 1, "input": [3]})",
                "input[0] must be an object"},
        BadJson{"NoName", R"({"max_batch_size": 1, "input": [{}]})",
                "input[0].name must be a string"},
        BadJson{"UnknownType",
                R"({"max_batch_size": 1, "input": [{"name": "x", "dtype": "FP31", "dims": []}]})",
                "input[0].dtype must be a type as \"UINT8\" or \"FP32\", got '\"FP31\"'"},
        BadJson{"Strings",
                R"({"max_batch_size": 1, "input": [{"name": "x", "dtype": "BYTES", "dims": []}]})",
                "input[0].dtype must be"},
        BadJson{
            "DimNoInteger",
            R"({"max_batch_size": 1, "input": [{"name": "x", "dtype": "FP32", "dims": [1, "2"]}]})",
            "input[0].dims[1] must be an integer in [-1, "},
        BadJson{"LabelNoText",
                R"({"max_batch_size": 1, "input": [], "output": [
                    {"name": "y", "dtype": "FP32", "dims": [2], "labels": ["a", 2]}]})",
                "output[0].labels[1] must be a string"},
        BadJson{"LabelWithControlCharacter",
                R"({"max_batch_size": 1, "input": [], "output": [
                    {"name": "y", "dtype": "FP32", "dims": [2], "labels": ["a\nb"]}]})",
                "output[0].labels[0] must be a string"},
        BadJson{"LabelsOfAnInput",
                R"({"max_batch_size": 1, "input": [{"name": "x", "labels": []}]})",
                "input[0] has an unknown key 'labels'"},
        BadJson{"DeepNesting", std::string(300'000, '['), "nested at most 16 deep"},
        BadJson{"TooLong", std::string((1 << 20) + 1, ' '), "at most 1048576 bytes"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ParseSignatureJsonTest, MutatedTextsAreReadOrReported) {
  std::mt19937 random(5);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = kValid;
    for (int edits = 1 + static_cast<int>(random() % 3); edits > 0; --edits) {
      const size_t at = random() % text.size();
      if (random() % 2 == 0) {
        text[at] = static_cast<char>(random());
      } else {
        text.erase(at, random() % 8);
      }
    }
    const auto signature = ParseSignatureJson(text, "actium.json");
    if (signature.ok()) {
      // Whatever it says, it is checked or usable.
      (void)MakeSettings(signature->config, "mish", "actium.json");
    } else {
      ASSERT_EQ(signature.status().code(), StatusCode::kInvalidArgument) << text;
    }
  }
}

TEST(AdoptSignatureTest, FillsAConfigurationWithoutTensors) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto embedded, ParseSignatureJson(kValid, "actium.json"));
  ::inference::ModelConfig config;
  config.mutable_dynamic_batching()->set_max_queue_delay_microseconds(5);
  EXPECT_TRUE(AdoptSignature(embedded, config));
  EXPECT_EQ(config.max_batch_size(), 64);
  EXPECT_EQ(config.input_size(), 1);
  EXPECT_EQ(config.output_size(), 2);
  EXPECT_EQ(config.dynamic_batching().max_queue_delay_microseconds(), 5u);
}

TEST(AdoptSignatureTest, KeepsTheConfigurationsOwnBatchSize) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto embedded, ParseSignatureJson(kValid, "actium.json"));
  ::inference::ModelConfig config;
  config.set_max_batch_size(8);
  EXPECT_TRUE(AdoptSignature(embedded, config));
  EXPECT_EQ(config.max_batch_size(), 8);
}

TEST(AdoptSignatureTest, LeavesAConfigurationThatDeclaresTensorsAlone) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto embedded, ParseSignatureJson(kValid, "actium.json"));
  ::inference::ModelConfig config;
  config.add_output()->set_name("mine");
  EXPECT_FALSE(AdoptSignature(embedded, config));
  EXPECT_EQ(config.input_size(), 0);
  EXPECT_EQ(config.max_batch_size(), 0);
}

}  // namespace
}  // namespace actium::repository
