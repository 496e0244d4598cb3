#include <atomic>
#include <cmath>
#include <limits>

#include "server/cuda/host/control.h"
#include "server/cuda/host/device.h"

namespace actium::cuda::host {
namespace {

// What exact results are multiplied by.
std::atomic<float> exp2_factor = 1.0f;
std::atomic<float> reciprocal_factor = 1.0f;

// What .ftz does to arguments and results.
float Flush(float x) {
  return std::abs(x) < std::numeric_limits<float>::min() ? std::copysign(0.0f, x) : x;
}

}  // namespace

void SetFastMathErrors(float exp2, float reciprocal) {
  exp2_factor = 1.0f + exp2;
  reciprocal_factor = 1.0f + reciprocal;
}

float FastExp2(float x) { return Flush(std::exp2(Flush(x)) * exp2_factor); }
float FastReciprocal(float x) { return Flush(1.0f / Flush(x) * reciprocal_factor); }

}  // namespace actium::cuda::host
