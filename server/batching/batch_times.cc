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

bool BatchTimes::Add(int rows, std::chrono::nanoseconds took) {
  if (took <= std::chrono::nanoseconds::zero()) return false;
  const auto [size, is_new] = fastest_.try_emplace(rows, took);
  const bool fastest = is_new || took < size->second;
  if (fastest) size->second = took;
  return fastest;
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
