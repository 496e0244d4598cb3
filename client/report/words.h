#ifndef ACTIUM_CLIENT_REPORT_WORDS_H_
#define ACTIUM_CLIENT_REPORT_WORDS_H_

#include <string>
#include <vector>

#include "actium/v1/comparison.pb.h"
#include "client/report/report.h"

/// How the page writes verdicts and numbers.
namespace actium::report {

/// "equivalent", "better", "worse", "undecided"; empty for what is never sent.
std::string WordOf(v1::AccuracyVerdict verdict);
/// "equivalent", "faster", "slower", "undecided"; empty for what is never sent.
std::string WordOf(v1::LatencyVerdict verdict);

/// What is said of A against B, said of B against A.
v1::AccuracyVerdict Mirrored(v1::AccuracyVerdict verdict);
v1::LatencyVerdict Mirrored(v1::LatencyVerdict verdict);

/// Returns a number with so many decimals; "–" for NaN, "∞" for infinity. With `sign`, "+" before
/// what is not negative.
std::string Number(double value, int decimals, bool sign = false);

/// "12.34 to 15.60" of an estimate's interval, times `scale`.
std::string Range(const v1::Estimate& estimate, double scale, int decimals, bool sign = false);

/// "0.0123"; "< 0.0001".
std::string PValue(double p);

/// "batch 16"; "batch 1, 4 at once" if several batches are sent at once.
std::string LoadName(int batch_size, int concurrency);

/// The text as a sentence: with a capital, if it begins with a small ASCII letter, and a full stop.
/// Names at its beginning stay as they are.
std::string Sentence(std::string text, const std::vector<std::string>& names);

/// Names of all variants, each once, in the order of the reports.
std::vector<std::string> VariantNames(const Inputs& inputs);

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_WORDS_H_
