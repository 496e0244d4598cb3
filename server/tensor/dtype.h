#ifndef ACTIUM_SERVER_TENSOR_DTYPE_H_
#define ACTIUM_SERVER_TENSOR_DTYPE_H_

#include <cstddef>
#include <optional>
#include <string_view>

namespace actium::tensor {

/// Element types of the Open Inference Protocol.
enum class DType {
  kBool,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFp16,
  kBf16,
  kFp32,
  kFp64,
  kBytes,  ///< Strings of any length: only in outputs made by `classification`.
};

/// Returns the bytes of one element; 0 for kBytes.
size_t ElementBytes(DType dtype);

/// Returns the protocol's name, as "UINT8" or "FP32".
std::string_view Name(DType dtype);

/// Returns the type with that protocol name, if there is one.
std::optional<DType> ParseDType(std::string_view name);

/// True for the four floating-point types.
bool IsFloatingPoint(DType dtype);

}  // namespace actium::tensor

#endif  // ACTIUM_SERVER_TENSOR_DTYPE_H_
