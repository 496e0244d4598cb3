#include "models/train/schedule.h"

#include <cmath>
#include <numbers>

namespace actium::train {

double CosineRate(double start, int64_t step, int64_t steps) {
  const double done = static_cast<double>(step) / static_cast<double>(steps);
  return 0.5 * start * (1 + std::cos(std::numbers::pi * done));
}

}  // namespace actium::train
