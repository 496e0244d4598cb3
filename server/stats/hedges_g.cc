#include "server/stats/hedges_g.h"

#include "server/base/status_macros.h"

namespace actium::stats {

double HedgesG(double difference, double sd, double degrees) {
  ACTIUM_CHECK(sd > 0.0 && degrees >= 1.0);
  return difference / sd * (1.0 - 3.0 / (4.0 * degrees - 1.0));
}

}  // namespace actium::stats
