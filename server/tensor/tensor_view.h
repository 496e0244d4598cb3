#ifndef ACTIUM_SERVER_TENSOR_TENSOR_VIEW_H_
#define ACTIUM_SERVER_TENSOR_TENSOR_VIEW_H_

#include <cstddef>
#include <span>
#include <string>

#include "server/tensor/dtype.h"
#include "server/tensor/shape.h"

namespace actium::tensor {

/// Where bytes lie. Only kHost may be read by the CPU.
enum class MemoryKind { kHost, kPinned, kDevice };

/// Borrowed dense tensor in row-major order, little-endian elements. Whoever hands it out says how
/// long it lives.
struct TensorView {
  DType dtype = DType::kFp32;
  Shape shape;
  std::span<const std::byte> bytes;  ///< ByteCount(dtype, shape) of them.
  MemoryKind kind = MemoryKind::kHost;
};

/// As TensorView, to be written.
struct MutableTensorView {
  DType dtype = DType::kFp32;
  Shape shape;
  std::span<std::byte> bytes;
  MemoryKind kind = MemoryKind::kHost;
};

/// A model's input or output as its configuration declares it.
struct TensorSpec {
  std::string name;
  DType dtype = DType::kFp32;
  /// Without the batch dimension of models that have one; kAnySize where any size fits.
  Shape shape;
};

}  // namespace actium::tensor

#endif  // ACTIUM_SERVER_TENSOR_TENSOR_VIEW_H_
