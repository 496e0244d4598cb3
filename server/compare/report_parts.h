#ifndef ACTIUM_SERVER_COMPARE_REPORT_PARTS_H_
#define ACTIUM_SERVER_COMPARE_REPORT_PARTS_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <span>
#include <string>

#include "actium/v1/comparison.pb.h"
#include "server/compare/variants.h"
#include "server/observe/outcome.h"
#include "server/stats/interval.h"

/// What the reports have in common.
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

/// Judges a difference of accuracies by the interval that holds together with all others.
v1::AccuracyVerdict JudgeAccuracy(const stats::Interval& simultaneous, double margin);

/// Writes the names of the classes: those of the first variant that has as many.
void FillLabels(std::span<const Variant> variants, int classes,
                google::protobuf::RepeatedPtrField<std::string>& labels);

/// Warns of variants that are not what they seem: the same file, the same weights, another device,
/// or classes of other names under the same numbers.
void WarnOfVariants(std::span<const Variant> variants,
                    google::protobuf::RepeatedPtrField<std::string>& warnings);

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_REPORT_PARTS_H_
