#include "server/libtorch/scalar_types.h"

#include <array>
#include <utility>

namespace actium::libtorch {
namespace {

using tensor::DType;

constexpr std::array<std::pair<DType, c10::ScalarType>, 13> kTypes = {{
    {DType::kBool, c10::ScalarType::Bool},
    {DType::kUint8, c10::ScalarType::Byte},
    {DType::kUint16, c10::ScalarType::UInt16},
    {DType::kUint32, c10::ScalarType::UInt32},
    {DType::kUint64, c10::ScalarType::UInt64},
    {DType::kInt8, c10::ScalarType::Char},
    {DType::kInt16, c10::ScalarType::Short},
    {DType::kInt32, c10::ScalarType::Int},
    {DType::kInt64, c10::ScalarType::Long},
    {DType::kFp16, c10::ScalarType::Half},
    {DType::kBf16, c10::ScalarType::BFloat16},
    {DType::kFp32, c10::ScalarType::Float},
    {DType::kFp64, c10::ScalarType::Double},
}};

}  // namespace

std::optional<c10::ScalarType> ToScalarType(DType dtype) {
  for (const auto& [ours, theirs] : kTypes) {
    if (ours == dtype) return theirs;
  }
  return std::nullopt;
}

std::optional<DType> FromScalarType(c10::ScalarType type) {
  for (const auto& [ours, theirs] : kTypes) {
    if (theirs == type) return ours;
  }
  return std::nullopt;
}

}  // namespace actium::libtorch
