#include "server/rpc/decode_request.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <limits>

#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/rpc/decode_contents.h"

namespace actium::rpc {
namespace {

using base::Quote;
using batching::InferRequest;
using ::inference::InferParameter;
using ::inference::ModelInferRequest;
using InputMessage = ModelInferRequest::InferInputTensor;
using OutputMessage = ModelInferRequest::InferRequestedOutputTensor;
using ParameterMap = google::protobuf::Map<std::string, InferParameter>;

absl::Status InvalidInput(const InputMessage& input, std::string_view rule) {
  return absl::InvalidArgumentError(fmt::format("input {}: {}", Quote(input.name()), rule));
}

absl::Status CheckCount(std::string_view what, int given, int most) {
  if (given <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{} must be at most {}, got {}", what, most, given));
}

absl::StatusOr<batching::Parameter> DecodeParameter(const std::string& name,
                                                    const InferParameter& parameter) {
  switch (parameter.parameter_choice_case()) {
    case InferParameter::kBoolParam:
      return parameter.bool_param();
    case InferParameter::kInt64Param:
      return int64_t{parameter.int64_param()};
    case InferParameter::kUint64Param:
      return uint64_t{parameter.uint64_param()};
    case InferParameter::kDoubleParam:
      return parameter.double_param();
    case InferParameter::kStringParam:
      if (parameter.string_param().size() <= kMostParameterBytes) return parameter.string_param();
      return absl::InvalidArgumentError(
          fmt::format("parameter {}: text must be at most {} bytes, got {}", Quote(name),
                      kMostParameterBytes, parameter.string_param().size()));
    case InferParameter::PARAMETER_CHOICE_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError(fmt::format("parameter {} has no value", Quote(name)));
}

absl::StatusOr<batching::Parameters> DecodeParameters(const ParameterMap& map) {
  ACTIUM_RETURN_IF_ERROR(CheckCount("parameters", static_cast<int>(map.size()), kMostParameters));
  batching::Parameters parameters;
  for (const auto& [name, message] : map) {
    ACTIUM_RETURN_IF_ERROR(CheckName("a parameter", name));
    ACTIUM_ASSIGN_OR_RETURN(batching::Parameter value, DecodeParameter(name, message));
    parameters.emplace(name, std::move(value));
  }
  return parameters;
}

// Reads the protocol's parameter "timeout", microseconds; 0 and years are no timeout.
absl::StatusOr<std::chrono::nanoseconds> Timeout(const batching::Parameters& parameters) {
  constexpr uint64_t kYear = uint64_t{366} * 24 * 3600 * 1'000'000;
  const auto found = parameters.find("timeout");
  if (found == parameters.end()) return std::chrono::nanoseconds(0);
  uint64_t microseconds = 0;
  if (const auto* number = std::get_if<uint64_t>(&found->second)) {
    microseconds = *number;
  } else if (const auto* signed_number = std::get_if<int64_t>(&found->second);
             signed_number != nullptr && *signed_number >= 0) {
    microseconds = static_cast<uint64_t>(*signed_number);
  } else {
    return absl::InvalidArgumentError(
        "parameter 'timeout' must be a whole number of microseconds, at least 0");
  }
  return std::chrono::microseconds(microseconds > kYear ? 0 : microseconds);
}

// Data that the client says lies elsewhere must not be taken for missing.
absl::Status CheckTensorParameters(std::string_view kind, const std::string& name,
                                   const ParameterMap& parameters) {
  if (parameters.size() > kMostParameters) {
    return absl::InvalidArgumentError(fmt::format("{} {}: parameters must be at most {}, got {}",
                                                  kind, Quote(name), kMostParameters,
                                                  parameters.size()));
  }
  if (!parameters.contains("shared_memory_region")) return absl::OkStatus();
  return absl::UnimplementedError(
      fmt::format("{} {}: this server takes no tensors in shared memory", kind, Quote(name)));
}

absl::StatusOr<std::span<const std::byte>> InputBytes(const InputMessage& input,
                                                      const std::string* raw, tensor::DType dtype,
                                                      std::vector<std::string>& converted) {
  if (raw != nullptr) {
    if (!input.has_contents()) return std::as_bytes(std::span(*raw));
    return InvalidInput(input, "contents and raw_input_contents must not be given together");
  }
  auto bytes = TypedContents(input.contents(), dtype, converted);
  if (!bytes.ok()) return InvalidInput(input, std::string(bytes.status().message()));
  return bytes;
}

// raw: the input's raw contents; null if the request has typed ones.
absl::StatusOr<batching::InputView> DecodeInput(const InputMessage& input, const std::string* raw,
                                                std::vector<std::string>& converted) {
  ACTIUM_RETURN_IF_ERROR(CheckName("an input", input.name()));
  ACTIUM_RETURN_IF_ERROR(CheckTensorParameters("input", input.name(), input.parameters()));
  const std::optional<tensor::DType> dtype = tensor::ParseDType(input.datatype());
  if (!dtype.has_value()) {
    return InvalidInput(input, fmt::format("datatype must be one of the protocol's, got {}",
                                           Quote(input.datatype())));
  }
  if (input.shape_size() > kMostDimensions) {
    return InvalidInput(input, fmt::format("shape must have at most {} dimensions, got {}",
                                           kMostDimensions, input.shape_size()));
  }
  ACTIUM_ASSIGN_OR_RETURN(const auto bytes, InputBytes(input, raw, *dtype, converted));
  batching::InputView view;
  view.name = input.name();
  view.dtype = *dtype;
  view.shape.assign(input.shape().begin(), input.shape().end());
  view.pieces.push_back({.bytes = bytes});
  return view;
}

absl::Status DecodeInputs(ReceivedRequest& received, InferRequest& request) {
  const ModelInferRequest& message = received.message;
  ACTIUM_RETURN_IF_ERROR(CheckCount("inputs", message.inputs_size(), kMostTensors));
  const bool raw = message.raw_input_contents_size() > 0;
  if (raw && message.raw_input_contents_size() != message.inputs_size()) {
    return absl::InvalidArgumentError(
        fmt::format("raw_input_contents must have one entry for each of the {} inputs, got {}",
                    message.inputs_size(), message.raw_input_contents_size()));
  }
  // Views point into the elements, so they must never move.
  received.converted.clear();
  if (!raw) received.converted.reserve(static_cast<size_t>(message.inputs_size()));
  request.inputs.reserve(static_cast<size_t>(message.inputs_size()));
  for (int i = 0; i < message.inputs_size(); ++i) {
    const std::string* contents = raw ? &message.raw_input_contents(i) : nullptr;
    ACTIUM_ASSIGN_OR_RETURN(auto view,
                            DecodeInput(message.inputs(i), contents, received.converted));
    request.inputs.push_back(std::move(view));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> Classification(const OutputMessage& output) {
  const auto parameter = output.parameters().find("classification");
  if (parameter == output.parameters().end()) return 0;
  const InferParameter& given = parameter->second;
  if (given.parameter_choice_case() == InferParameter::kInt64Param && given.int64_param() >= 1 &&
      given.int64_param() <= std::numeric_limits<int>::max()) {
    return static_cast<int>(given.int64_param());
  }
  return absl::InvalidArgumentError(fmt::format(
      "output {}: classification must be a whole number, at least 1", Quote(output.name())));
}

absl::Status DecodeOutputs(const ModelInferRequest& message, InferRequest& request) {
  ACTIUM_RETURN_IF_ERROR(CheckCount("outputs", message.outputs_size(), kMostTensors));
  request.outputs.reserve(static_cast<size_t>(message.outputs_size()));
  for (const OutputMessage& output : message.outputs()) {
    ACTIUM_RETURN_IF_ERROR(CheckName("an output", output.name()));
    ACTIUM_RETURN_IF_ERROR(CheckTensorParameters("output", output.name(), output.parameters()));
    ACTIUM_ASSIGN_OR_RETURN(const int classes, Classification(output));
    request.outputs.push_back(
        {.name = output.name(), .destination = std::nullopt, .classification = classes});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckName(std::string_view field, std::string_view name) {
  if (name.empty()) {
    return absl::InvalidArgumentError(fmt::format("the name of {} must not be empty", field));
  }
  if (name.size() <= kMostNameBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("the name of {} must be at most {} bytes, got {}: {}", field, kMostNameBytes,
                  name.size(), Quote(name)));
}

absl::StatusOr<std::optional<int64_t>> ParseVersion(std::string_view text) {
  if (text.empty()) return std::nullopt;
  int64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error == std::errc() && end == text.data() + text.size() && version >= 1) return version;
  return absl::InvalidArgumentError(
      fmt::format("the model version must be a whole number, at least 1, got {}", Quote(text)));
}

absl::StatusOr<InferRequest> DecodeRequest(ReceivedRequest& received) {
  const ModelInferRequest& message = received.message;
  InferRequest request;
  ACTIUM_RETURN_IF_ERROR(CheckName("the model", message.model_name()));
  if (message.id().size() > kMostNameBytes) {
    return absl::InvalidArgumentError(
        fmt::format("id must be at most {} bytes, got {}", kMostNameBytes, message.id().size()));
  }
  request.model = message.model_name();
  request.id = message.id();
  ACTIUM_ASSIGN_OR_RETURN(request.version, ParseVersion(message.model_version()));
  ACTIUM_ASSIGN_OR_RETURN(request.parameters, DecodeParameters(message.parameters()));
  ACTIUM_ASSIGN_OR_RETURN(request.timeout, Timeout(request.parameters));
  ACTIUM_RETURN_IF_ERROR(DecodeInputs(received, request));
  ACTIUM_RETURN_IF_ERROR(DecodeOutputs(message, request));
  return request;
}

}  // namespace actium::rpc
