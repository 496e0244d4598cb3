#include "server/base/clock.h"

namespace actium::base {
namespace {

class Steady final : public Clock {
 public:
  TimePoint Now() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace

const Clock& SteadyClock() {
  static const Steady kClock;
  return kClock;
}

}  // namespace actium::base
