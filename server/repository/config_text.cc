#include "server/repository/config_text.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "server/base/quote.h"
#include "server/repository/nearest_name.h"

namespace actium::repository {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// ModelConfig nests eight messages at most; the rest is for what a hostile text makes up.
constexpr int kMostNesting = 32;

// Cuts and escapes text from outside, in double quotes as a configuration writes them.
std::string DoubleQuoted(std::string_view text) {
  std::string quoted = base::Quote(text);
  quoted.front() = quoted.back() = '"';
  return quoted;
}

// Returns `; did you mean "x"?` if a field of the message has almost that name, otherwise nothing.
std::string Suggestion(std::string_view type, std::string_view name) {
  const auto* message =
      ::inference::ModelConfig::descriptor()->file()->pool()->FindMessageTypeByName(
          fmt::format("inference.{}", type));
  std::vector<std::string> known;
  for (int i = 0; message != nullptr && i < message->field_count(); ++i) {
    known.push_back(message->field(i)->name());
  }
  const auto nearest = NearestName(name, known);
  return nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "";
}

// Words the parser's message as ours: `unknown field "x" in ModelInput`, without capital and dot.
std::string Reworded(std::string_view message) {
  constexpr std::string_view kType = "Message type \"inference.";
  constexpr std::string_view kNoField = "\" has no field named \"";
  const size_t verb = message.find(kNoField);
  if (message.starts_with(kType) && verb != std::string_view::npos) {
    const std::string_view type = message.substr(kType.size(), verb - kType.size());
    std::string_view name = message.substr(verb + kNoField.size());
    name = name.substr(0, name.find('"'));
    const std::string where = type == "ModelConfig" ? "" : fmt::format(" in {}", type);
    return fmt::format("unknown field {}{}{}", DoubleQuoted(name), where, Suggestion(type, name));
  }
  while (message.ends_with('.')) message.remove_suffix(1);
  std::string text = base::Quote(message);
  text = text.substr(1, text.size() - 2);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

// Keeps the first error, which the parser stops at; its later ones are consequences.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber /*column*/,
                const std::string& message) override {
    if (!text_) text_ = fmt::format("{}: {}", line + 1, Reworded(message));
  }
  void AddWarning(int /*line*/, google::protobuf::io::ColumnNumber /*column*/,
                  const std::string& /*message*/) override {}

  // `LINE: MESSAGE`.
  std::string text() const { return text_.value_or("1: not a model configuration"); }

 private:
  std::optional<std::string> text_;
};

bool IsUtf8(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return base::IsPlainText(text);
}

// Returns the name of a string field that is no UTF-8 (escapes can make any bytes). A message with
// one could not be sent.
std::optional<std::string> FindBadString(const Message& message) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->type() == FieldDescriptor::TYPE_STRING) {
        const bool valid =
            IsUtf8(field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                        : reflection->GetString(message, field));
        if (!valid) return field->full_name();
      } else if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
        const Message& inner = field->is_repeated()
                                   ? reflection->GetRepeatedMessage(message, field, i)
                                   : reflection->GetMessage(message, field);
        if (auto bad = FindBadString(inner)) return bad;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<::inference::ModelConfig> ParseModelConfig(std::string_view text,
                                                          std::string_view where) {
  if (text.size() > kMostConfigBytes) {
    return absl::InvalidArgumentError(fmt::format("{}: must have at most {} bytes, got {}", where,
                                                  kMostConfigBytes, text.size()));
  }
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    const auto line = 1 + std::ranges::count(text.substr(0, nul), '\n');
    return absl::InvalidArgumentError(fmt::format("{}:{}: has a NUL byte", where, line));
  }
  ::inference::ModelConfig config;
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(kMostNesting);
  if (!parser.ParseFromString(std::string(text), &config)) {
    return absl::InvalidArgumentError(fmt::format("{}:{}", where, error.text()));
  }
  if (const auto bad = FindBadString(config)) {
    return absl::InvalidArgumentError(fmt::format("{}: {} must be UTF-8", where, *bad));
  }
  return config;
}

}  // namespace actium::repository
