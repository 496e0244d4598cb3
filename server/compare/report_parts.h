#ifndef ACTIUM_SERVER_COMPARE_REPORT_PARTS_H_
#define ACTIUM_SERVER_COMPARE_REPORT_PARTS_H_

#include "actium/v1/comparison.pb.h"
#include "server/observe/outcome.h"
#include "server/stats/interval.h"

/// What the reports on accuracy and on latency have in common.
namespace actium::compare {

/// A planned number of examples or rounds decides this often (Cohen's convention).
inline constexpr double kPower = 0.8;

/// Writes an estimate with its interval.
inline void FillEstimate(double value, const stats::Interval& interval, v1::Estimate& out) {
  out.set_value(value);
  out.set_lower(interval.lower);
  out.set_upper(interval.upper);
}

/// Writes which version it is about. Message: VariantAccuracy or LatencyCell.
template <class Message>
void FillModelRef(const observe::ModelRef& ref, Message& out) {
  out.set_model(ref.model);
  out.set_version(ref.version);
  out.set_sha256(ref.sha256);
  out.set_engine(ref.engine);
  out.set_precision(ref.precision);
}

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_REPORT_PARTS_H_
