// Our .proto files are written by us; this keeps them compatible with every other client and
// server.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "actium/v1/introspection.pb.h"
#include "inference/grpc_service.pb.h"
#include "inference/model_config.pb.h"

namespace actium {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

std::string ShortName(const std::string& full_name) {
  return full_name.substr(std::string("inference.").size());
}

std::string TypeName(const FieldDescriptor& field) {
  if (field.message_type() != nullptr) return ShortName(field.message_type()->full_name());
  if (field.enum_type() != nullptr) return ShortName(field.enum_type()->full_name());
  return field.type_name();
}

std::string Fact(const FieldDescriptor& field) {
  const auto* oneof = field.containing_oneof();
  return fmt::format("{} {}{} {}{}", field.number(), field.is_repeated() ? "repeated " : "",
                     TypeName(field), field.name(),
                     oneof == nullptr ? "" : fmt::format(" in {}", oneof->name()));
}

std::string Fact(const EnumDescriptor& type) {
  std::vector<std::string> values;
  for (int i = 0; i < type.value_count(); ++i) {
    values.push_back(fmt::format("{} {}", type.value(i)->number(), type.value(i)->name()));
  }
  return fmt::format("enum {} {{ {} }}", ShortName(type.full_name()), fmt::join(values, ", "));
}

std::string Fact(const MethodDescriptor& method) {
  return fmt::format(
      "rpc {} {}{} -> {}{}", ShortName(method.full_name()),
      method.client_streaming() ? "stream " : "", ShortName(method.input_type()->full_name()),
      method.server_streaming() ? "stream " : "", ShortName(method.output_type()->full_name()));
}

std::vector<const FieldDescriptor*> FieldsByNumber(const Descriptor& message) {
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < message.field_count(); ++i) fields.push_back(message.field(i));
  std::ranges::sort(fields, {}, &FieldDescriptor::number);
  return fields;
}

void AddFacts(const Descriptor& message, std::vector<std::string>& facts) {
  std::vector<std::string> fields;
  for (const FieldDescriptor* field : FieldsByNumber(message)) fields.push_back(Fact(*field));
  facts.push_back(fmt::format("{} {} {{ {} }}", message.options().map_entry() ? "map" : "message",
                              ShortName(message.full_name()), fmt::join(fields, ", ")));
  for (int i = 0; i < message.enum_type_count(); ++i) facts.push_back(Fact(*message.enum_type(i)));
  for (int i = 0; i < message.nested_type_count(); ++i) AddFacts(*message.nested_type(i), facts);
}

std::vector<std::string> FactsOf(std::initializer_list<const FileDescriptor*> files) {
  std::vector<std::string> facts;
  for (const FileDescriptor* file : files) {
    for (int i = 0; i < file->enum_type_count(); ++i) facts.push_back(Fact(*file->enum_type(i)));
    for (int i = 0; i < file->message_type_count(); ++i) AddFacts(*file->message_type(i), facts);
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        facts.push_back(Fact(*file->service(i)->method(j)));
      }
    }
  }
  std::ranges::sort(facts);
  return facts;
}

std::vector<std::string> ReadFacts() {
  std::ifstream file(ACTIUM_SOURCE_DIR "/tests/proto/wire_facts.txt");
  std::vector<std::string> facts;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with('#')) facts.push_back(line);
  }
  return facts;
}

std::vector<const FileDescriptor*> InferenceFiles() {
  return {::inference::ModelConfig::descriptor()->file(),
          ::inference::ModelInferRequest::descriptor()->file()};
}

std::vector<std::string> Missing(const std::vector<std::string>& from,
                                 const std::vector<std::string>& in) {
  std::vector<std::string> missing;
  std::ranges::set_difference(from, in, std::back_inserter(missing));
  return missing;
}

TEST(WireTest, EveryMessageFieldEnumAndMethodIsThatOfTheProtocol) {
  const std::vector<std::string> expected = ReadFacts();
  ASSERT_GT(expected.size(), 100u);
  const std::vector<std::string> actual = FactsOf({InferenceFiles()[0], InferenceFiles()[1]});
  EXPECT_THAT(Missing(expected, actual), ::testing::IsEmpty()) << "the protocol has, we have not";
  EXPECT_THAT(Missing(actual, expected), ::testing::IsEmpty()) << "we have, the protocol has not";
}

// Options could change the encoding (packed) or JSON's names; "optional" adds presence.
void ExpectPlain(const Descriptor& message) {
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    EXPECT_EQ(field.options().ByteSizeLong(), 0u) << field.full_name();
    EXPECT_FALSE(field.has_json_name()) << field.full_name();
    EXPECT_FALSE(field.has_optional_keyword()) << field.full_name();
  }
  for (int i = 0; i < message.nested_type_count(); ++i) ExpectPlain(*message.nested_type(i));
}

TEST(WireTest, FieldsHaveTheDefaultEncodingAndJsonNames) {
  for (const FileDescriptor* file : InferenceFiles()) {
    EXPECT_EQ(file->syntax(), FileDescriptor::SYNTAX_PROTO3) << file->name();
    for (int i = 0; i < file->message_type_count(); ++i) ExpectPlain(*file->message_type(i));
  }
}

TEST(WireTest, OurOwnEnumsStartAtUnspecified) {
  const FileDescriptor& file = *v1::GetServerInfoRequest::descriptor()->file();
  ASSERT_GT(file.enum_type_count(), 0);
  for (int i = 0; i < file.enum_type_count(); ++i) {
    EXPECT_THAT(file.enum_type(i)->FindValueByNumber(0)->name(),
                ::testing::EndsWith("_UNSPECIFIED"));
  }
}

}  // namespace
}  // namespace actium
