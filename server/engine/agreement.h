#ifndef ACTIUM_SERVER_ENGINE_AGREEMENT_H_
#define ACTIUM_SERVER_ENGINE_AGREEMENT_H_

#include "absl/status/status.h"
#include "server/engine/executor.h"

namespace actium::engine {

/// How far the numbers of two engines may lie apart: an output's difference is at most `absolute`,
/// or `relative` times the largest magnitude of that output's row. Engines add in another order.
struct Tolerance {
  double absolute = 1e-5;
  double relative = 1e-4;
  /// The candidate keeps its numbers in half: what is large overflows there, and not in float.
  bool half_range = false;
};

/// Returns the tolerance of a candidate that computes so.
///
/// A product of tf32 or fp16 is off by 2^-11 at most, one of bf16 by 2^-8; some tens of layers add
/// up to a few per cent at worst, against the largest number of a row. What an engine does wrong by
/// less than that shows only in fp32.
Tolerance ToleranceOf(Precision precision);

/// Runs two engines' models of the same signature on the same inputs and compares what they give:
/// on random inputs of usual size at every planned batch size of the candidate (without plans: one
/// row, several, the largest batch), on zeros and on extreme inputs at the smallest and the
/// largest. Where the reference is not finite the candidate must not be either.
///
/// With half_range extreme floats are a hundred times the usual ones, not ten thousand times, and
/// of the outputs from extreme inputs a row is passed over if the reference exceeds half of half's
/// range (32752), or if the candidate is not finite in it.
///
/// Both have a batch dimension, inputs without dimensions of any size, and FP32 outputs. Each runs
/// on its LoadedModel::device(); this waits for the runs. Errors: FAILED_PRECONDITION if they
/// differ: names the inputs' kind, the batch size, the output and both numbers; INTERNAL,
/// RESOURCE_EXHAUSTED as a run gives them; UNIMPLEMENTED for other signatures.
absl::Status CheckAgreement(LoadedModel& reference, LoadedModel& candidate,
                            const Tolerance& tolerance = {});

}  // namespace actium::engine

#endif  // ACTIUM_SERVER_ENGINE_AGREEMENT_H_
