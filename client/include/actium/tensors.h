#ifndef ACTIUM_CLIENT_TENSORS_H_
#define ACTIUM_CLIENT_TENSORS_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"

/// Tensors in and out of requests and answers. Contents travel as raw little-endian bytes in
/// row-major order; all functions are thread-safe on distinct messages.
namespace actium::client {

static_assert(std::endian::native == std::endian::little, "raw contents are little-endian");

/// The protocol's name of a C++ type, as "FP32" for float. FP16, BF16 and BOOL have no C++ type
/// here: they go through AddRawInput() and RawOutput().
template <class T>
inline constexpr std::string_view kDatatype = "";
template <>
inline constexpr std::string_view kDatatype<uint8_t> = "UINT8";
template <>
inline constexpr std::string_view kDatatype<uint16_t> = "UINT16";
template <>
inline constexpr std::string_view kDatatype<uint32_t> = "UINT32";
template <>
inline constexpr std::string_view kDatatype<uint64_t> = "UINT64";
template <>
inline constexpr std::string_view kDatatype<int8_t> = "INT8";
template <>
inline constexpr std::string_view kDatatype<int16_t> = "INT16";
template <>
inline constexpr std::string_view kDatatype<int32_t> = "INT32";
template <>
inline constexpr std::string_view kDatatype<int64_t> = "INT64";
template <>
inline constexpr std::string_view kDatatype<float> = "FP32";
template <>
inline constexpr std::string_view kDatatype<double> = "FP64";

/// Returns the bytes of one element of a protocol type; 0 for BYTES and unknown names.
size_t ElementBytes(std::string_view datatype);

/// Adds an input from its bytes.
///
/// shape: whole, with the batch dimension where the model has one; dimensions >= 0.
/// Errors: INVALID_ARGUMENT if the bytes do not match type and shape, or if the request has an
/// input of that name; the request is then unchanged.
absl::Status AddRawInput(inference::ModelInferRequest& request, const std::string& name,
                         std::string_view datatype, std::span<const int64_t> shape,
                         std::string bytes);

/// Adds an input from values; see AddRawInput().
template <class T>
absl::Status AddInput(inference::ModelInferRequest& request, const std::string& name,
                      std::span<const int64_t> shape, std::span<const T> values) {
  static_assert(!kDatatype<T>.empty(), "the protocol has no such element type");
  const auto bytes = std::as_bytes(values);
  return AddRawInput(request, name, kDatatype<T>, shape,
                     std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

/// Asks for an output by name. A request that asks for none gets all.
///
/// classification: > 0 asks for the best so many classes of each row instead of the values; see
/// OutputClasses().
void RequestOutput(inference::ModelInferRequest& request, const std::string& name,
                   int classification = 0);

/// Returns an output's description. Errors: NOT_FOUND names the outputs that there are.
absl::StatusOr<const inference::ModelInferResponse::InferOutputTensor*> FindOutput(
    const inference::ModelInferResponse& response, const std::string& name);

/// Returns an output's raw bytes; they live as long as the response.
///
/// Errors: NOT_FOUND; INVALID_ARGUMENT if the answer has other bytes than its type and shape say,
/// or carries typed contents.
absl::StatusOr<std::string_view> RawOutput(const inference::ModelInferResponse& response,
                                           const std::string& name);

/// Returns an output's values in row-major order. Errors: as RawOutput(); INVALID_ARGUMENT if the
/// output has another type.
template <class T>
absl::StatusOr<std::vector<T>> OutputValues(const inference::ModelInferResponse& response,
                                            const std::string& name);

/// One class of a classification.
struct Class {
  double score = 0;   ///< The model's value for the class: a logit or a probability.
  int64_t index = 0;  ///< Position among the output's values.
  std::string label;  ///< Empty if the model has no labels.
};

/// Returns the classes of an output that was asked for with `classification`, one row per image,
/// best first. Errors: as RawOutput(); INVALID_ARGUMENT if the output is no classification.
absl::StatusOr<std::vector<std::vector<Class>>> OutputClasses(
    const inference::ModelInferResponse& response, const std::string& name);

// Implementation of templates.

/// Checks that an output has this type. Errors: NOT_FOUND, INVALID_ARGUMENT.
absl::Status CheckDatatype(const inference::ModelInferResponse& response, const std::string& name,
                           std::string_view datatype);

template <class T>
absl::StatusOr<std::vector<T>> OutputValues(const inference::ModelInferResponse& response,
                                            const std::string& name) {
  static_assert(!kDatatype<T>.empty(), "the protocol has no such element type");
  if (absl::Status status = CheckDatatype(response, name, kDatatype<T>); !status.ok()) {
    return status;
  }
  const auto bytes = RawOutput(response, name);
  if (!bytes.ok()) return bytes.status();
  std::vector<T> values(bytes->size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes->data(), bytes->size());
  return values;
}

}  // namespace actium::client

#endif  // ACTIUM_CLIENT_TENSORS_H_
