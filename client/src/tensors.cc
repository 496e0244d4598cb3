#include "actium/tensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <optional>
#include <utility>

namespace actium::client {
namespace {

// Returns the bytes that a dense tensor takes; nothing if they are more than 2^63.
std::optional<int64_t> DenseBytes(size_t element_bytes, std::span<const int64_t> shape) {
  auto bytes = static_cast<int64_t>(element_bytes);
  for (const int64_t dimension : shape) {
    if (dimension < 0 || __builtin_mul_overflow(bytes, dimension, &bytes)) return std::nullopt;
  }
  return bytes;
}

// Splits BYTES contents: each element stands behind its length as 4 little-endian bytes.
absl::StatusOr<std::vector<std::string_view>> SplitBytes(std::string_view contents) {
  std::vector<std::string_view> elements;
  while (!contents.empty()) {
    uint32_t length = 0;
    if (contents.size() < sizeof(length)) {
      return absl::InvalidArgumentError("the last element's length is cut off");
    }
    std::memcpy(&length, contents.data(), sizeof(length));
    contents.remove_prefix(sizeof(length));
    if (contents.size() < length) return absl::InvalidArgumentError("the last element is cut off");
    elements.push_back(contents.substr(0, length));
    contents.remove_prefix(length);
  }
  return elements;
}

// Reads "score:index" or "score:index:label"; a label may hold colons.
std::optional<Class> ParseClass(std::string_view text) {
  Class result;
  const char* const end = text.data() + text.size();
  const auto [score_end, score_error] = std::from_chars(text.data(), end, result.score);
  if (score_error != std::errc() || score_end == end || *score_end != ':') return std::nullopt;
  const auto [index_end, index_error] = std::from_chars(score_end + 1, end, result.index);
  if (index_error != std::errc() || result.index < 0) return std::nullopt;
  if (index_end == end) return result;
  if (*index_end != ':') return std::nullopt;
  result.label.assign(index_end + 1, end);
  return result;
}

}  // namespace

size_t ElementBytes(std::string_view datatype) {
  if (datatype == "BOOL" || datatype == "UINT8" || datatype == "INT8") return 1;
  if (datatype == "UINT16" || datatype == "INT16" || datatype == "FP16" || datatype == "BF16") {
    return 2;
  }
  if (datatype == "UINT32" || datatype == "INT32" || datatype == "FP32") return 4;
  if (datatype == "UINT64" || datatype == "INT64" || datatype == "FP64") return 8;
  return 0;
}

absl::Status AddRawInput(inference::ModelInferRequest& request, const std::string& name,
                         std::string_view datatype, std::span<const int64_t> shape,
                         std::string bytes) {
  for (const auto& input : request.inputs()) {
    if (input.name() == name) {
      return absl::InvalidArgumentError(fmt::format("input '{}' is given twice", name));
    }
  }
  if (const size_t element_bytes = ElementBytes(datatype); element_bytes > 0) {
    const auto expected = DenseBytes(element_bytes, shape);
    if (!expected || *expected != std::ssize(bytes)) {
      return absl::InvalidArgumentError(
          fmt::format("input '{}': {} of shape [{}] must have {} bytes, got {}", name, datatype,
                      fmt::join(shape, ", "),
                      expected ? fmt::to_string(*expected) : "fewer than 2^63", bytes.size()));
    }
  }
  auto* input = request.add_inputs();
  input->set_name(name);
  input->set_datatype(std::string(datatype));
  input->mutable_shape()->Add(shape.begin(), shape.end());
  request.add_raw_input_contents(std::move(bytes));
  return absl::OkStatus();
}

void RequestOutput(inference::ModelInferRequest& request, const std::string& name,
                   int classification) {
  auto* output = request.add_outputs();
  output->set_name(name);
  if (classification > 0) {
    (*output->mutable_parameters())["classification"].set_int64_param(classification);
  }
}

absl::StatusOr<const inference::ModelInferResponse::InferOutputTensor*> FindOutput(
    const inference::ModelInferResponse& response, const std::string& name) {
  std::vector<std::string_view> names;
  for (const auto& output : response.outputs()) {
    if (output.name() == name) return &output;
    names.push_back(output.name());
  }
  return absl::NotFoundError(
      fmt::format("the answer has no output '{}'; outputs: {}", name, fmt::join(names, ", ")));
}

absl::StatusOr<std::string_view> RawOutput(const inference::ModelInferResponse& response,
                                           const std::string& name) {
  const auto output = FindOutput(response, name);
  if (!output.ok()) return output.status();
  int index = 0;
  while (&response.outputs(index) != *output) ++index;
  if (index >= response.raw_output_contents_size()) {
    return absl::InvalidArgumentError(fmt::format("output '{}' has no raw contents", name));
  }
  const std::string& contents = response.raw_output_contents(index);
  const size_t element_bytes = ElementBytes((*output)->datatype());
  if (element_bytes > 0 &&
      DenseBytes(element_bytes, std::span((*output)->shape().data(),
                                          static_cast<size_t>((*output)->shape_size()))) !=
          std::ssize(contents)) {
    return absl::InvalidArgumentError(
        fmt::format("output '{}': {} of shape [{}] does not have {} bytes", name,
                    (*output)->datatype(), fmt::join((*output)->shape(), ", "), contents.size()));
  }
  return contents;
}

absl::Status CheckDatatype(const inference::ModelInferResponse& response, const std::string& name,
                           std::string_view datatype) {
  const auto output = FindOutput(response, name);
  if (!output.ok()) return output.status();
  if ((*output)->datatype() == datatype) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("output '{}' is {}, not {}", name, (*output)->datatype(), datatype));
}

absl::StatusOr<std::vector<std::vector<Class>>> OutputClasses(
    const inference::ModelInferResponse& response, const std::string& name) {
  if (absl::Status status = CheckDatatype(response, name, "BYTES"); !status.ok()) return status;
  const auto contents = RawOutput(response, name);
  if (!contents.ok()) return contents.status();
  const auto elements = SplitBytes(*contents);
  if (!elements.ok()) return elements.status();

  // Classes of a row are the last dimension, whether or not there is a batch dimension.
  const auto& shape = (*FindOutput(response, name))->shape();
  const int64_t per_row = shape.empty() ? 0 : shape[shape.size() - 1];
  if (per_row < 1 || std::ssize(*elements) % per_row != 0) {
    return absl::InvalidArgumentError(fmt::format("output '{}': shape [{}] does not fit {} classes",
                                                  name, fmt::join(shape, ", "), elements->size()));
  }
  std::vector<std::vector<Class>> rows;
  for (size_t i = 0; i < elements->size(); ++i) {
    if (i % static_cast<size_t>(per_row) == 0) rows.emplace_back();
    const auto parsed = ParseClass((*elements)[i]);
    if (!parsed) {
      return absl::InvalidArgumentError(
          fmt::format("output '{}' is no classification: element {}", name, i));
    }
    rows.back().push_back(*parsed);
  }
  return rows;
}

}  // namespace actium::client
