#ifndef ACTIUM_MODELS_TRAIN_SCHEDULE_H_
#define ACTIUM_MODELS_TRAIN_SCHEDULE_H_

#include <cstdint>

namespace actium::train {

/// Returns the learning rate of a step: half a cosine from `start` at step 0 down to 0 after the
/// last of `steps` steps.
///
/// step: in [0, steps). Source: I. Loshchilov, F. Hutter, arXiv:1608.03983, equation 5, one cycle.
double CosineRate(double start, int64_t step, int64_t steps);

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_SCHEDULE_H_
