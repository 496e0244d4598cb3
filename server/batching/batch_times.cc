#include "server/batching/batch_times.h"

#include <algorithm>
#include <limits>

namespace actium::batching {
namespace {

constexpr double kTolerance = 1.1;

double PerRow(int rows, std::chrono::nanoseconds took) {
  return static_cast<double>(took.count()) / rows;
}

}  // namespace

void BatchTimes::Add(int rows, std::chrono::nanoseconds took) {
  if (took <= std::chrono::nanoseconds::zero()) return;
  const auto [size, is_new] = fastest_.try_emplace(rows, took);
  if (!is_new) size->second = std::min(size->second, took);
}

int BatchTimes::EfficientRows() const {
  if (fastest_.empty()) return 0;
  double best = std::numeric_limits<double>::infinity();
  for (const auto& [rows, took] : fastest_) best = std::min(best, PerRow(rows, took));
  const auto efficient = std::find_if(fastest_.begin(), fastest_.end(), [best](const auto& size) {
    const auto& [rows, took] = size;
    return rows >= kLeastEfficientRows && PerRow(rows, took) <= kTolerance * best;
  });
  return efficient == fastest_.end() ? fastest_.rbegin()->first : efficient->first;
}

}  // namespace actium::batching
