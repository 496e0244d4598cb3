#include "server/repository/signature_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/status/status.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/repository/config_text.h"
#include "server/repository/labels.h"
#include "server/tensor/dtype.h"

namespace actium::repository {
namespace {

using nlohmann::json;

// Returns `<path> must be <rule>, got <value>`; a missing value is null.
absl::Status Wrong(std::string_view path, std::string_view rule, const json& value) {
  const std::string got =
      value.is_null() ? "nothing"
                      : base::Quote(value.dump(-1, ' ', false, json::error_handler_t::replace));
  return absl::InvalidArgumentError(fmt::format("{} must be {}, got {}", path, rule, got));
}

// Returns the member, or null where there is none.
const json& Member(const json& object, const char* key) {
  static const json kNothing;
  const auto found = object.find(key);
  return found == object.end() ? kNothing : *found;
}

absl::Status CheckKeys(const json& object, std::string_view path,
                       std::initializer_list<std::string_view> known) {
  if (!object.is_object()) return Wrong(path, "an object", object);
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(known, key) == known.end()) {
      return absl::InvalidArgumentError(
          fmt::format("{} has an unknown key {}", path, base::Quote(key)));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Integer(const json& value, std::string_view path, int64_t least,
                                int64_t most) {
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() ||
                     value.get<uint64_t>() <= uint64_t{std::numeric_limits<int64_t>::max()});
  if (!fits || value.get<int64_t>() < least || value.get<int64_t>() > most) {
    return Wrong(path, fmt::format("an integer in [{}, {}]", least, most), value);
  }
  return value.get<int64_t>();
}

absl::StatusOr<::inference::DataType> DataTypeOf(const json& value, std::string_view path) {
  if (value.is_string()) {
    const auto& name = value.get_ref<const std::string&>();
    ::inference::DataType type = ::inference::TYPE_INVALID;
    if (tensor::ParseDType(name) && ::inference::DataType_Parse("TYPE_" + name, &type)) return type;
  }
  return Wrong(path, "a type as \"UINT8\" or \"FP32\"", value);
}

absl::StatusOr<std::vector<std::string>> LabelsOf(const json& value, std::string_view path) {
  std::vector<std::string> labels;
  if (value.is_null()) return labels;
  if (!value.is_array()) return Wrong(path, "an array of strings", value);
  for (const json& label : value) {
    const bool valid = label.is_string() &&
                       label.get_ref<const std::string&>().size() <= kMostLabelBytes &&
                       base::IsPlainText(label.get_ref<const std::string&>());
    if (!valid) {
      return Wrong(
          fmt::format("{}[{}]", path, labels.size()),
          fmt::format("a string without control characters, at most {} bytes", kMostLabelBytes),
          label);
    }
    labels.push_back(label.get<std::string>());
  }
  return labels;
}

// Reads what inputs and outputs have in common.
template <class Tensor>
absl::Status ReadTensor(const json& value, std::string_view path, Tensor& tensor) {
  const json& name = Member(value, "name");
  if (!name.is_string()) return Wrong(fmt::format("{}.name", path), "a string", name);
  tensor.set_name(name.get<std::string>());
  ACTIUM_ASSIGN_OR_RETURN(const auto type,
                          DataTypeOf(Member(value, "dtype"), fmt::format("{}.dtype", path)));
  tensor.set_data_type(type);
  const json& dims = Member(value, "dims");
  if (!dims.is_array()) return Wrong(fmt::format("{}.dims", path), "an array of integers", dims);
  for (size_t i = 0; i < dims.size(); ++i) {
    ACTIUM_ASSIGN_OR_RETURN(const int64_t dim, Integer(dims[i], fmt::format("{}.dims[{}]", path, i),
                                                       -1, std::numeric_limits<int64_t>::max()));
    tensor.add_dims(dim);
  }
  return absl::OkStatus();
}

absl::Status ReadInputs(const json& value, EmbeddedSignature& signature) {
  if (!value.is_array()) return Wrong("input", "an array of objects", value);
  for (size_t i = 0; i < value.size(); ++i) {
    const std::string path = fmt::format("input[{}]", i);
    ACTIUM_RETURN_IF_ERROR(CheckKeys(value[i], path, {"name", "dtype", "dims"}));
    ACTIUM_RETURN_IF_ERROR(ReadTensor(value[i], path, *signature.config.add_input()));
  }
  return absl::OkStatus();
}

absl::Status ReadOutputs(const json& value, EmbeddedSignature& signature) {
  if (!value.is_array()) return Wrong("output", "an array of objects", value);
  for (size_t i = 0; i < value.size(); ++i) {
    const std::string path = fmt::format("output[{}]", i);
    ACTIUM_RETURN_IF_ERROR(CheckKeys(value[i], path, {"name", "dtype", "dims", "labels"}));
    ACTIUM_RETURN_IF_ERROR(ReadTensor(value[i], path, *signature.config.add_output()));
    ACTIUM_ASSIGN_OR_RETURN(auto labels,
                            LabelsOf(Member(value[i], "labels"), fmt::format("{}.labels", path)));
    signature.labels.push_back(std::move(labels));
  }
  return absl::OkStatus();
}

absl::StatusOr<EmbeddedSignature> ReadSignature(const json& root) {
  ACTIUM_RETURN_IF_ERROR(CheckKeys(root, "the text", {"max_batch_size", "input", "output"}));
  EmbeddedSignature signature;
  ACTIUM_ASSIGN_OR_RETURN(const int64_t rows,
                          Integer(Member(root, "max_batch_size"), "max_batch_size", 0,
                                  std::numeric_limits<int32_t>::max()));
  signature.config.set_max_batch_size(static_cast<int32_t>(rows));
  ACTIUM_RETURN_IF_ERROR(ReadInputs(Member(root, "input"), signature));
  ACTIUM_RETURN_IF_ERROR(ReadOutputs(Member(root, "output"), signature));
  return signature;
}

// Reads a text without keeping it, and finds what a parsed document no longer shows: where it stops
// being JSON, keys that are there twice, and nesting that would overflow the stack when printed.
class SyntaxCheck : public json::json_sax_t {
 public:
  bool null() override { return true; }
  bool boolean(bool /*value*/) override { return true; }
  bool number_integer(number_integer_t /*value*/) override { return true; }
  bool number_unsigned(number_unsigned_t /*value*/) override { return true; }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return true; }
  bool string(string_t& /*value*/) override { return true; }
  bool binary(binary_t& /*value*/) override { return true; }
  bool start_object(size_t /*size*/) override { return Open(); }
  bool start_array(size_t /*size*/) override { return Open(); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool key(string_t& key) override {
    if (open_.back().insert(key).second) return true;
    problem_ = fmt::format("has the key {} twice in one object", base::Quote(key));
    return false;
  }

  bool parse_error(size_t position, const std::string& /*token*/,
                   const json::exception& /*error*/) override {
    problem_ = fmt::format("is no JSON from byte {} on", position);
    return false;
  }

  const std::string& problem() const { return problem_; }

 private:
  static constexpr size_t kMostNesting = 16;

  bool Open() {
    open_.emplace_back();
    if (open_.size() <= kMostNesting) return true;
    problem_ = fmt::format("must be nested at most {} deep", kMostNesting);
    return false;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> open_;  // Keys of the open objects; empty for open arrays.
  std::string problem_;
};

absl::StatusOr<EmbeddedSignature> ParseText(std::string_view text) {
  if (text.size() > kMostConfigBytes) {
    return absl::InvalidArgumentError(
        fmt::format("must have at most {} bytes, got {}", kMostConfigBytes, text.size()));
  }
  SyntaxCheck syntax;
  if (!json::sax_parse(text, &syntax)) {
    return absl::InvalidArgumentError(syntax.problem());
  }
  return ReadSignature(json::parse(text, nullptr, /*allow_exceptions=*/false));
}

}  // namespace

absl::StatusOr<EmbeddedSignature> ParseSignatureJson(std::string_view text,
                                                     std::string_view where) {
  absl::StatusOr<EmbeddedSignature> signature = ParseText(text);
  if (signature.ok()) return signature;
  return absl::Status(signature.status().code(),
                      fmt::format("{}: {}", where, std::string(signature.status().message())));
}

bool AdoptSignature(const EmbeddedSignature& embedded, ::inference::ModelConfig& config) {
  if (config.input_size() > 0 || config.output_size() > 0) return false;
  if (config.max_batch_size() == 0) config.set_max_batch_size(embedded.config.max_batch_size());
  *config.mutable_input() = embedded.config.input();
  *config.mutable_output() = embedded.config.output();
  return true;
}

}  // namespace actium::repository
