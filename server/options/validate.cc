#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/options/options.h"

namespace actium::options {
namespace {

absl::Status ValidateTls(const TlsFiles& tls) {
  if (tls.enabled && (tls.certificate.empty() || tls.key.empty())) {
    return absl::InvalidArgumentError(
        "--grpc-use-ssl needs both --grpc-server-cert and --grpc-server-key");
  }
  const bool any = !tls.certificate.empty() || !tls.key.empty() || !tls.root_certificates.empty();
  if (!tls.enabled && any) {
    return absl::InvalidArgumentError(
        "--grpc-server-cert, --grpc-server-key and --grpc-root-cert need --grpc-use-ssl");
  }
  return absl::OkStatus();
}

absl::Status ValidateProbe(const Probe& probe) {
  if (probe.file.empty() && !probe.inputs.empty()) {
    return absl::InvalidArgumentError("--input is only for --probe");
  }
  if (!probe.file.empty() && probe.inputs.empty()) {
    return absl::InvalidArgumentError("--probe needs at least one --input");
  }
  for (const std::string& input : probe.inputs) {
    ACTIUM_RETURN_IF_ERROR(ParseProbeInput(input).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> ParseDimension(std::string_view text, const std::string& input) {
  int64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error == std::errc() && end == text.data() + text.size() && size >= 1) return size;
  return absl::InvalidArgumentError(
      fmt::format("--input {}: a dimension must be a whole number, at least 1, got {}",
                  base::Quote(input), base::Quote(text)));
}

}  // namespace

absl::Status Validate(const Options& options) {
  ACTIUM_RETURN_IF_ERROR(ValidateTls(options.tls));
  ACTIUM_RETURN_IF_ERROR(ValidateProbe(options.probe));
  if (!options.fuse && options.device.kind == DeviceChoice::Kind::kCuda) {
    return absl::InvalidArgumentError(
        "--engine libtorch runs models on the CPU; --device must be auto or cpu with it");
  }
  if (options.probe.file.empty() && options.model_repositories.empty()) {
    return absl::InvalidArgumentError("--model-repository is required: the folder of the models");
  }
  return absl::OkStatus();
}

absl::StatusOr<DeviceChoice> ParseDeviceChoice(const std::string& text) {
  constexpr std::string_view kCuda = "cuda";
  using Kind = DeviceChoice::Kind;
  if (text == "auto") return DeviceChoice{};
  if (text == "cpu") return DeviceChoice{.kind = Kind::kCpu};
  if (text == kCuda) return DeviceChoice{.kind = Kind::kCuda};
  DeviceChoice choice{.kind = Kind::kCuda};
  if (text.starts_with("cuda:")) {
    const char* const begin = text.data() + kCuda.size() + 1;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(begin, end, choice.index);
    if (error == std::errc() && stop == end && choice.index >= 0) return choice;
  }
  return absl::InvalidArgumentError(fmt::format(
      "--device must be auto, cpu, cuda or cuda:N with N a GPU's number, from 0, got {}",
      base::Quote(text)));
}

absl::StatusOr<tensor::TensorSpec> ParseProbeInput(const std::string& text) {
  // From the right, because a name may hold colons.
  const size_t dims_at = text.rfind(':');
  const size_t dtype_at = dims_at == 0 || dims_at == std::string::npos
                              ? std::string::npos
                              : text.rfind(':', dims_at - 1);
  if (dtype_at == std::string::npos || dtype_at == 0) {
    return absl::InvalidArgumentError(
        fmt::format("--input must be NAME:DTYPE:D0,D1,..., as image:UINT8:1,1,28,28; got {}",
                    base::Quote(text)));
  }
  tensor::TensorSpec spec;
  spec.name = text.substr(0, dtype_at);
  const std::string dtype = text.substr(dtype_at + 1, dims_at - dtype_at - 1);
  const std::optional<tensor::DType> parsed = tensor::ParseDType(dtype);
  if (!parsed.has_value() || *parsed == tensor::DType::kBytes) {
    return absl::InvalidArgumentError(
        fmt::format("--input {}: the type must be one as UINT8 or FP32, got {}", base::Quote(text),
                    base::Quote(dtype)));
  }
  spec.dtype = *parsed;
  std::string_view rest = std::string_view(text).substr(dims_at + 1);
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    ACTIUM_ASSIGN_OR_RETURN(const int64_t size, ParseDimension(rest.substr(0, comma), text));
    spec.shape.push_back(size);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return spec;
}

}  // namespace actium::options
