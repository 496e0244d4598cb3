#include "server/repository/config_fields.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "server/repository/config_docs.h"
#include "server/repository/config_text.h"
#include "tests/support/status_matchers.h"

namespace actium::repository {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Of tests' own texts; those of users go through ParseModelConfig().
::inference::ModelConfig Config(const std::string& text) {
  ::inference::ModelConfig config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  return config;
}

bool IsHonoured(std::string_view path) {
  return FindConfigField(path)->rule == FieldRule::kHonoured;
}

TEST(ConfigFieldsTest, EveryFieldOfTheMessageHasARuleOfItsOwnOrIsInsideOfOneThatDoesNotCount) {
  for (const std::string& path : AllConfigPaths()) {
    const ConfigField* row = FindConfigField(path);
    ASSERT_NE(row, nullptr) << path;
    if (row->rule == FieldRule::kHonoured) {
      EXPECT_EQ(row->path, path) << "inside of an honoured field and without a row";
    }
  }
}

TEST(ConfigFieldsTest, EveryRowIsForAFieldThatExistsOnceAndCanBeReached) {
  const auto paths = AllConfigPaths();
  std::set<std::string_view> seen;
  for (const ConfigField& row : ConfigFields()) {
    EXPECT_TRUE(std::ranges::count(paths, row.path) == 1) << row.path;
    EXPECT_TRUE(seen.insert(row.path).second) << row.path << " has two rows";
    EXPECT_FALSE(row.note.empty()) << row.path;
    const size_t dot = row.path.rfind('.');
    if (dot != std::string_view::npos) {
      EXPECT_TRUE(IsHonoured(row.path.substr(0, dot))) << row.path << " has no effect";
    }
  }
}

TEST(ConfigFieldsTest, KnowsNoPathOutsideOfTheMessage) {
  EXPECT_EQ(FindConfigField("no_such_field"), nullptr);
  EXPECT_EQ(FindConfigField(""), nullptr);
  EXPECT_EQ(FindConfigField("response_cache.enable")->path, "response_cache");
}

// Sets one scalar, or makes one message, at the end of a path; fills what leads there.
void Set(google::protobuf::Message& message, std::string_view path) {
  using google::protobuf::FieldDescriptor;
  const auto* reflection = message.GetReflection();
  const bool entry = message.GetDescriptor()->options().map_entry();
  const size_t dot = entry ? std::string_view::npos : path.find('.');
  const FieldDescriptor& field =
      entry ? *message.GetDescriptor()->field(1)
            : *message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  const std::string_view rest = entry                           ? path
                                : dot == std::string_view::npos ? std::string_view()
                                                                : path.substr(dot + 1);
  if (field.message_type() != nullptr) {
    auto& inner = field.is_repeated() ? *reflection->AddMessage(&message, &field)
                                      : *reflection->MutableMessage(&message, &field);
    if (!rest.empty()) Set(inner, rest);
    return;
  }
  // Text gives the value a type; the name of an enum's last value stands for others than the first.
  const auto* type = field.enum_type();
  const std::string value = type != nullptr ? type->value(type->value_count() - 1)->name()
                            : field.type() == FieldDescriptor::TYPE_STRING ? "'x'"
                            : field.type() == FieldDescriptor::TYPE_BOOL   ? "true"
                                                                           : "1";
  ::google::protobuf::TextFormat::MergeFromString(field.name() + ": " + value, &message);
}

TEST(CheckFieldsTest, TreatsEachFieldThatIsSetAloneByItsRule) {
  for (const std::string& path : AllConfigPaths()) {
    ::inference::ModelConfig config;
    Set(config, path);
    const FieldRule rule = FindConfigField(path)->rule;
    const auto findings = CheckFields(config);
    EXPECT_EQ(findings.refused.size(), rule == FieldRule::kRefused ? 1u : 0u) << path;
    EXPECT_EQ(findings.ignored.size(), rule == FieldRule::kIgnored ? 1u : 0u) << path;
  }
}

TEST(CheckFieldsTest, EachFieldThatIsSetAloneIsReadFromItsText) {
  for (const std::string& path : AllConfigPaths()) {
    ::inference::ModelConfig config;
    Set(config, path);
    EXPECT_GT(config.ByteSizeLong(), 0u) << path;
    std::string text;
    google::protobuf::TextFormat::PrintToString(config, &text);
    ACTIUM_ASSERT_OK_AND_ASSIGN(const auto read, ParseModelConfig(text, path));
    EXPECT_EQ(read.SerializeAsString(), config.SerializeAsString()) << text;
  }
}

TEST(CheckFieldsTest, SaysNothingOfHonouredFields) {
  const auto findings = CheckFields(Config(R"(
      name: "m" max_batch_size: 4 input { name: "x" data_type: TYPE_FP32 dims: 3 }
      output { name: "y" data_type: TYPE_FP32 dims: 3 } dynamic_batching { }
      instance_group { count: 2 kind: KIND_CPU } version_policy { all { } }
      model_transaction_policy { decoupled: false } optimization { })"));
  EXPECT_THAT(findings.refused, IsEmpty());
  EXPECT_THAT(findings.ignored, IsEmpty());
}

TEST(CheckFieldsTest, NamesIgnoredFieldsOnceEach) {
  const auto findings = CheckFields(Config(R"(
      instance_group { rate_limiter { priority: 2 } } instance_group { rate_limiter { } }
      metric_tags { key: "a" value: "b" } metric_tags { key: "c" value: "d" }
      optimization { graph { level: 1 } })"));
  EXPECT_THAT(findings.refused, IsEmpty());
  EXPECT_THAT(findings.ignored,
              ElementsAre("instance_group.rate_limiter", "metric_tags", "optimization.graph"));
}

TEST(CheckFieldsTest, SaysWhyFieldsAreRefused) {
  const auto findings = CheckFields(Config(R"(
      sequence_batching { } input { name: "a" optional: true } input { name: "b" optional: true })"));
  EXPECT_THAT(findings.refused,
              ElementsAre("input.optional is refused: every request gives every input",
                          HasSubstr("sequence_batching is refused: no state")));
}

}  // namespace
}  // namespace actium::repository
