#include "server/graph/periodic_constant.h"

#include <algorithm>
#include <span>
#include <utility>

#include "server/graph/plan.h"

namespace actium::graph {
namespace {

using tensor::Shape;

// Where a constant's number for an element of a row lies: strides by the row's dimension, 0 where
// it broadcasts.
Shape BroadcastStrides(const Shape& constant, const Shape& row) {
  Shape strides(row.size(), 0);
  int64_t stride = 1;
  for (size_t i = 0; i < constant.size(); ++i) {
    const int64_t size = constant[constant.size() - 1 - i];
    if (size != 1) strides[row.size() - 1 - i] = stride;
    stride *= size;
  }
  return strides;
}

// One row of a constant as rows are stored. strides: by the row's dimension.
std::vector<float> Expand(const Numbers& numbers, const Shape& strides, const Shape& row) {
  const Shape stored = StoredShape(row);
  Shape stored_strides(row.size(), 0);
  int64_t count = 1;
  for (size_t i = 0; i < row.size(); ++i) {
    const auto to = static_cast<size_t>(StoredAxis(row, static_cast<int>(i)));
    stored_strides[to] = strides[i];
    count *= row[i];
  }
  std::vector<float> expanded;
  expanded.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    int64_t rest = i;
    int64_t from = 0;
    for (size_t d = stored.size(); d-- > 0;) {
      from += rest % stored[d] * stored_strides[d];
      rest /= stored[d];
    }
    expanded.push_back(numbers[static_cast<size_t>(from)]);
  }
  return expanded;
}

// The shortest period of those that occur: one number, one pixel's channels, a whole row.
int64_t Period(const std::vector<float>& numbers, const Shape& strides, const Shape& row) {
  if (std::ranges::all_of(strides, [](int64_t stride) { return stride == 0; })) return 1;
  if (row.size() == 3 && strides[1] == 0 && strides[2] == 0) return row[0];
  const auto outer = std::span(strides).first(strides.size() - 1);
  if (row.size() < 3 && std::ranges::all_of(outer, [](int64_t stride) { return stride == 0; })) {
    return row.back();
  }
  return std::ssize(numbers);
}

}  // namespace

PeriodicConstant MakePeriodic(const Value& value, const Shape& row, bool slopes) {
  // Slopes belong to the first dimension, whatever the rank; everything else broadcasts from the
  // last one on.
  Shape strides = BroadcastStrides(value.shape, row);
  if (slopes) {
    strides.assign(row.size(), 0);
    if (value.constant->size() > 1) strides[0] = 1;
  }
  std::vector<float> numbers = Expand(*value.constant, strides, row);
  const int64_t period = Period(numbers, strides, row);
  numbers.resize(static_cast<size_t>(period));
  return {period, std::move(numbers)};
}

}  // namespace actium::graph
