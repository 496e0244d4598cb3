#ifndef ACTIUM_SERVER_LIBTORCH_SCALAR_TYPES_H_
#define ACTIUM_SERVER_LIBTORCH_SCALAR_TYPES_H_

// Internal to server/libtorch.

#include <optional>

#include "c10/core/ScalarType.h"
#include "server/tensor/dtype.h"

namespace actium::libtorch {

/// Returns LibTorch's element type; nothing for kBytes.
std::optional<c10::ScalarType> ToScalarType(tensor::DType dtype);

/// Returns the protocol's element type; nothing for those it lacks (complex, quantised, ...).
std::optional<tensor::DType> FromScalarType(c10::ScalarType type);

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_SCALAR_TYPES_H_
