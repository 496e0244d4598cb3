#include "server/repository/config_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "server/repository/model_config.h"
#include "tests/support/status_matchers.h"

namespace actium::repository {
namespace {

using absl::StatusCode;
using test::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kValid[] = R"(# A comment.
name: "mish"
backend: "pytorch"
max_batch_size: 64
input [ { name: "image" data_type: TYPE_UINT8 dims: [ 1, 28, 28 ] } ]
output { name: "logits" data_type: TYPE_FP32 dims: 10 label_filename: "labels.txt" }
instance_group { count: 2 kind: KIND_CPU }
dynamic_batching { preferred_batch_size: [ 4, 8 ] max_queue_delay_microseconds: 100 }
version_policy { specific { versions: [ 1, 3 ] } }
parameters { key: "INFERENCE_MODE" value { string_value: "true" } }
)";

TEST(ParseModelConfigTest, ReadsTextFormat) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto config, ParseModelConfig(kValid, "config.pbtxt"));
  EXPECT_EQ(config.name(), "mish");
  EXPECT_EQ(config.input(0).dims_size(), 3);
  EXPECT_EQ(config.dynamic_batching().preferred_batch_size(1), 8);
  EXPECT_EQ(config.parameters().at("INFERENCE_MODE").string_value(), "true");
}

TEST(ParseModelConfigTest, TakesAnEmptyTextForAnEmptyConfiguration) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto config, ParseModelConfig("", "config.pbtxt"));
  EXPECT_EQ(config.ByteSizeLong(), 0u);
}

struct BadText {
  const char* name;
  std::string text;
  const char* message;
};

class BadTextTest : public ::testing::TestWithParam<BadText> {};

TEST_P(BadTextTest, IsReportedWithItsLine) {
  const auto result = ParseModelConfig(GetParam().text, "config.pbtxt");
  EXPECT_THAT(result, StatusIs(StatusCode::kInvalidArgument, HasSubstr(GetParam().message)));
  EXPECT_EQ(std::string(result.status().message()).find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadTextTest,
    ::testing::Values(
        BadText{
            "UnknownField", "name: 'a'\n\n\nmax_batchsize: 8",
            "config.pbtxt:4: unknown field \"max_batchsize\"; did you mean \"max_batch_size\"?"},
        BadText{"UnknownFieldInside", "input {\n nmae: 'x' }",
                "config.pbtxt:2: unknown field \"nmae\" in ModelInput"},
        BadText{"UnknownEnumValue", "input { data_type: TYPE_FP31 }", "config.pbtxt:1: "},
        BadText{"NumberTooLarge", "max_batch_size: 99999999999", "config.pbtxt:1: integer out of"},
        BadText{"NumberForText", "name: 7", "config.pbtxt:1: expected string"},
        BadText{"NotClosed", "input { name: 'x'\n", "config.pbtxt:2: expected identifier"},
        BadText{"TwiceTheSameField", "name: 'a'\nname: 'b'", "config.pbtxt:2: non-repeated field"},
        BadText{"TwoSchedulers", "dynamic_batching { }\nsequence_batching { }", "config.pbtxt:2: "},
        BadText{"NulByte", std::string("name: 'a'\n\0", 11), "config.pbtxt:2: has a NUL byte"},
        BadText{"BrokenUtf8", R"(name: "\377")",
                "config.pbtxt: inference.ModelConfig.name must be"},
        BadText{"BrokenUtf8InAMap", R"(parameters { key: "\377" })", "must be UTF-8"},
        BadText{"NotText", "\x89PNG\r\n\x1a\n", "config.pbtxt:1: "},
        BadText{"DeepNesting", std::string(200000, '{'), "config.pbtxt:1: "}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(ParseModelConfigTest, BoundsTheErrorOfALongName) {
  const auto result = ParseModelConfig(std::string(500'000, 'x') + ": 1", "config.pbtxt");
  ASSERT_FALSE(result.ok());
  EXPECT_LT(result.status().message().size(), 400u);
  EXPECT_THAT(result, StatusIs(StatusCode::kInvalidArgument,
                               StartsWith("config.pbtxt:1: unknown field \"xxx")));
}

TEST(ParseModelConfigTest, RefusesTextOverTheLimit) {
  EXPECT_THAT(ParseModelConfig(std::string(kMostConfigBytes, ' '), "c"), test::IsOk());
  EXPECT_THAT(ParseModelConfig(std::string(kMostConfigBytes + 1, ' '), "c"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("at most 1048576 bytes")));
}

// Replaces, removes, doubles or inserts a few bytes or whole fields.
std::string Mutated(std::string text, std::mt19937& random) {
  static const std::string kBits[] = {"{",
                                      "}",
                                      "[",
                                      "]",
                                      ":",
                                      "-",
                                      "\"",
                                      "\\377",
                                      "\n",
                                      "input {",
                                      "99999999999999999999",
                                      "-1",
                                      "TYPE_STRING",
                                      "dims: -9",
                                      "ensemble_scheduling {",
                                      "kind: 77",
                                      "0x7fffffff",
                                      "1e400"};
  for (int edits = 1 + static_cast<int>(random() % 4); edits > 0 && !text.empty(); --edits) {
    const size_t at = random() % text.size();
    const size_t length = random() % 12;
    switch (random() % 4) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(random() % text.size(), length));
        break;
      default:
        text.insert(at, kBits[random() % std::size(kBits)]);
    }
  }
  return text;
}

TEST(ParseModelConfigTest, MutatedTextsAreReadOrReportedInBoundedText) {
  std::mt19937 random(4);
  int settings = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = Mutated(kValid, random);
    const auto config = ParseModelConfig(text, "config.pbtxt");
    absl::Status status = config.status();
    if (config.ok()) {
      const auto made = MakeSettings(*config, "mish", "config.pbtxt");
      settings += made.ok();
      status = made.status();
    }
    if (status.ok()) continue;
    ASSERT_EQ(status.code(), StatusCode::kInvalidArgument) << text;
    ASSERT_LT(status.message().size(), 8000u) << text;
    ASSERT_THAT(std::string(status.message()), StartsWith("config.pbtxt")) << text;
  }
  EXPECT_GT(settings, 100) << "too wild to test anything";
}

}  // namespace
}  // namespace actium::repository
