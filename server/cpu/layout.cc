#include "server/cpu/layout.h"

#include <algorithm>

#include "server/graph/plan.h"

namespace actium::cpu {
namespace {

using tensor::Elements;

// Squares of this side, so that both sides' lines stay in the cache.
constexpr int64_t kTile = 16;

// to[c][r] = from[r][c].
void Transpose(const float* from, float* to, int64_t rows, int64_t columns) {
  for (int64_t r0 = 0; r0 < rows; r0 += kTile) {
    for (int64_t c0 = 0; c0 < columns; c0 += kTile) {
      for (int64_t r = r0; r < std::min(r0 + kTile, rows); ++r) {
        for (int64_t c = c0; c < std::min(c0 + kTile, columns); ++c) {
          to[c * rows + r] = from[r * columns + c];
        }
      }
    }
  }
}

}  // namespace

void ToStored(const float* from, float* to, int64_t rows, const tensor::Shape& row) {
  const int64_t count = Elements(row);
  if (graph::IsStoredRowMajor(row)) {
    std::copy_n(from, rows * count, to);
    return;
  }
  for (int64_t i = 0; i < rows; ++i) {
    Transpose(from + i * count, to + i * count, row[0], count / row[0]);
  }
}

void FromStored(const float* from, float* to, int64_t rows, const tensor::Shape& row) {
  const int64_t count = Elements(row);
  if (graph::IsStoredRowMajor(row)) {
    std::copy_n(from, rows * count, to);
    return;
  }
  for (int64_t i = 0; i < rows; ++i) {
    Transpose(from + i * count, to + i * count, count / row[0], row[0]);
  }
}

}  // namespace actium::cpu
