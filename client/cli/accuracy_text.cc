#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <string>
#include <vector>

#include "client/cli/comparison_report.h"
#include "client/cli/comparison_text.h"
#include "client/cli/table.h"
#include "client/cli/terminal.h"

namespace actium::cli {
namespace {

constexpr auto kRight = Table::Align::kRight;

std::string VariantTable(const v1::AccuracyReport& report) {
  Table table({{"VARIANT"},
               {"ACCURACY", kRight},
               {fmt::format("{:g} % INTERVAL", 100 * report.confidence()), kRight},
               {fmt::format("TOP {}", report.top_k()), kRight},
               {"NLL", kRight},
               {"BRIER", kRight},
               {"ECE", kRight},
               {"CONFIDENCE", kRight}});
  for (const v1::VariantAccuracy& variant : report.variants()) {
    table.AddRow({Printable(variant.variant()), Percent(variant.accuracy().value()),
                  PercentRange(variant.accuracy()), Percent(variant.top_k_accuracy().value()),
                  fmt::format("{:.4f}", variant.negative_log_likelihood()),
                  fmt::format("{:.4f}", variant.brier_score()),
                  fmt::format("{:.4f}", variant.expected_calibration_error()),
                  Percent(variant.mean_confidence())});
  }
  return table.Render();
}

std::string ContrastTable(const v1::AccuracyReport& report) {
  Table table({{"VARIANT"},
               {"AGAINST"},
               {"POINTS", kRight},
               {"ALL TOGETHER", kRight},
               {"P (HOLM)", kRight},
               {"VERDICT"},
               {"EXAMPLES NEEDED", kRight},
               {"AGREE", kRight}});
  for (const v1::AccuracyContrast& contrast : report.contrasts()) {
    const int64_t needed = contrast.examples_needed();
    table.AddRow({Printable(contrast.variant()), Printable(contrast.baseline()),
                  fmt::format("{:+.2f}", 100 * contrast.difference().value()),
                  PointRange(contrast.difference_simultaneous()),
                  report::PValue(contrast.p_adjusted()), TextOf(contrast.verdict()),
                  needed > 0 ? std::to_string(needed) : "", Percent(contrast.agreement().value())});
  }
  return table.Render();
}

// Without labels, by itself.
std::string AnswerTable(const v1::AccuracyReport& report) {
  Table table({{"VARIANT"}, {"CONFIDENCE", kRight}, {"NOT FINITE", kRight}});
  for (const v1::VariantAccuracy& variant : report.variants()) {
    table.AddRow({Printable(variant.variant()), Percent(variant.mean_confidence()),
                  std::to_string(variant.non_finite_examples())});
  }
  return table.Render();
}

std::string AgreementTable(const v1::AccuracyReport& report) {
  Table table({{"VARIANT"},
               {"WITH"},
               {"AGREE", kRight},
               {fmt::format("{:g} % INTERVAL", 100 * report.confidence()), kRight},
               {"KAPPA", kRight}});
  for (const v1::AccuracyContrast& contrast : report.contrasts()) {
    table.AddRow({Printable(contrast.variant()), Printable(contrast.baseline()),
                  Percent(contrast.agreement().value()), PercentRange(contrast.agreement()),
                  contrast.has_kappa() ? fmt::format("{:.4f}", contrast.kappa()) : "?"});
  }
  return table.Render();
}

// "Answered alone instead of in a batch, 256 examples: another class for mish 2, relu 0."
void PrintBatchFlips(const v1::AccuracyReport& report) {
  if (report.batch_checked() == 0) return;
  std::vector<std::string> flips;
  for (const v1::VariantAccuracy& variant : report.variants()) {
    flips.push_back(fmt::format("{} {}", Printable(variant.variant()), variant.batch_flips()));
  }
  fmt::print("Answered alone instead of in a batch, {} examples: another class for {}.\n",
             report.batch_checked(), fmt::join(flips, ", "));
}

}  // namespace

void PrintReport(const v1::AccuracyReport& report) {
  fmt::print("{}\n\n{}\n{}\n", Printable(report.headline()),
             report.labelled() ? VariantTable(report) : AnswerTable(report),
             report.labelled() ? ContrastTable(report) : AgreementTable(report));
  if (report.labelled()) {
    fmt::print("Equivalent: surely within {:g} percentage points. Cochran's Q {:.2f}, p {}.\n",
               100 * report.margin(), report.omnibus().q(), report::PValue(report.omnibus().p()));
  }
  fmt::print("On {} of {} examples variants predict different classes.\n",
             report.disagreement_count(), report.examples());
  PrintBatchFlips(report);
  PrintRemarks(report);
}

}  // namespace actium::cli
