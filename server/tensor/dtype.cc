#include "server/tensor/dtype.h"

#include <array>

namespace actium::tensor {
namespace {

struct Row {
  DType dtype;
  std::string_view name;
  size_t bytes;
};

// In the order of the enumeration.
constexpr std::array<Row, 14> kTypes = {{
    {DType::kBool, "BOOL", 1},
    {DType::kUint8, "UINT8", 1},
    {DType::kUint16, "UINT16", 2},
    {DType::kUint32, "UINT32", 4},
    {DType::kUint64, "UINT64", 8},
    {DType::kInt8, "INT8", 1},
    {DType::kInt16, "INT16", 2},
    {DType::kInt32, "INT32", 4},
    {DType::kInt64, "INT64", 8},
    {DType::kFp16, "FP16", 2},
    {DType::kBf16, "BF16", 2},
    {DType::kFp32, "FP32", 4},
    {DType::kFp64, "FP64", 8},
    {DType::kBytes, "BYTES", 0},
}};

const Row& RowOf(DType dtype) { return kTypes[static_cast<size_t>(dtype)]; }

}  // namespace

size_t ElementBytes(DType dtype) { return RowOf(dtype).bytes; }

std::string_view Name(DType dtype) { return RowOf(dtype).name; }

std::optional<DType> ParseDType(std::string_view name) {
  for (const Row& row : kTypes) {
    if (row.name == name) return row.dtype;
  }
  return std::nullopt;
}

bool IsFloatingPoint(DType dtype) {
  return dtype == DType::kFp16 || dtype == DType::kBf16 || dtype == DType::kFp32 ||
         dtype == DType::kFp64;
}

}  // namespace actium::tensor
