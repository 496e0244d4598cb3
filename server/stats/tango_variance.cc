#include "server/stats/tango_variance.h"

#include <algorithm>
#include <cmath>

namespace actium::stats {

double TangoVariance(double first_only, double second_only, double difference) {
  // q, the likeliest share of second_only, is the larger root of 2 q^2 + b q + c = 0.
  const double b = (2.0 - first_only + second_only) * difference - first_only - second_only;
  const double c = -second_only * difference * (1.0 - difference);
  const double q = (std::sqrt(std::max(0.0, b * b - 8.0 * c)) - b) / 4.0;
  return std::max(0.0, 2.0 * q + difference * (1.0 - difference));
}

}  // namespace actium::stats
