#include "client/cli/comparison_report.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <string>

#include "client/cli/table.h"
#include "client/cli/terminal.h"

namespace actium::cli {
namespace {

constexpr auto kRight = Table::Align::kRight;

std::string Percent(double share) { return fmt::format("{:.2f} %", 100 * share); }

std::string PercentRange(const v1::Estimate& estimate) {
  return fmt::format("{:.2f} to {:.2f}", 100 * estimate.lower(), 100 * estimate.upper());
}

std::string PointRange(const v1::Estimate& estimate) {
  return fmt::format("{:+.2f} to {:+.2f}", 100 * estimate.lower(), 100 * estimate.upper());
}

// What a reader must know. Report: either of the two.
template <class Report>
void PrintRemarks(const Report& report) {
  fmt::print("About {}.\n", report.inference_unit());
  for (const std::string& warning : report.warnings()) {
    fmt::print("Note: {}.\n", Printable(warning));
  }
}

std::string PValue(double p) { return p < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", p); }

std::string TextOf(v1::AccuracyVerdict verdict) {
  switch (verdict) {
    case v1::ACCURACY_VERDICT_EQUIVALENT:
      return "equivalent";
    case v1::ACCURACY_VERDICT_BETTER:
      return "better";
    case v1::ACCURACY_VERDICT_WORSE:
      return "worse";
    case v1::ACCURACY_VERDICT_UNDECIDED:
      return "undecided";
    default:
      return "unknown";
  }
}

std::string VariantTable(const v1::AccuracyReport& report) {
  Table table({{"VARIANT"},
               {"ACCURACY", kRight},
               {fmt::format("{:g} % INTERVAL", 100 * report.confidence()), kRight},
               {fmt::format("TOP {}", report.top_k()), kRight},
               {"NLL", kRight},
               {"BRIER", kRight},
               {"ECE", kRight}});
  for (const v1::VariantAccuracy& variant : report.variants()) {
    table.AddRow({Printable(variant.variant()), Percent(variant.accuracy().value()),
                  PercentRange(variant.accuracy()), Percent(variant.top_k_accuracy().value()),
                  fmt::format("{:.4f}", variant.negative_log_likelihood()),
                  fmt::format("{:.4f}", variant.brier_score()),
                  fmt::format("{:.4f}", variant.expected_calibration_error())});
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
               {"EXAMPLES NEEDED", kRight}});
  for (const v1::AccuracyContrast& contrast : report.contrasts()) {
    const int64_t needed = contrast.examples_needed();
    table.AddRow({Printable(contrast.variant()), Printable(contrast.baseline()),
                  fmt::format("{:+.2f}", 100 * contrast.difference().value()),
                  PointRange(contrast.difference_simultaneous()), PValue(contrast.p_adjusted()),
                  TextOf(contrast.verdict()), needed > 0 ? std::to_string(needed) : ""});
  }
  return table.Render();
}

}  // namespace

void PrintReport(const v1::AccuracyReport& report) {
  fmt::print("{}\n\n{}\n{}\n", Printable(report.headline()), VariantTable(report),
             ContrastTable(report));
  fmt::print("Equivalent: surely within {:g} percentage points. Cochran's Q {:.2f}, p {}.\n",
             100 * report.margin(), report.omnibus().q(), PValue(report.omnibus().p()));
  fmt::print("On {} of {} examples variants predict different classes.\n",
             report.disagreement_count(), report.examples());
  PrintRemarks(report);
}

namespace {

std::string TextOf(v1::LatencyVerdict verdict) {
  switch (verdict) {
    case v1::LATENCY_VERDICT_EQUIVALENT:
      return "equivalent";
    case v1::LATENCY_VERDICT_FASTER:
      return "faster";
    case v1::LATENCY_VERDICT_SLOWER:
      return "slower";
    case v1::LATENCY_VERDICT_UNDECIDED:
      return "undecided";
    default:
      return "unknown";
  }
}

std::string Milliseconds(double nanoseconds) { return fmt::format("{:.3f}", nanoseconds / 1e6); }

const v1::LatencyQuantile* Find(const v1::LatencyCell& cell, double quantile) {
  const auto found = std::find_if(
      cell.served().begin(), cell.served().end(),
      [&](const v1::LatencyQuantile& own) { return std::abs(own.quantile() - quantile) < 1e-9; });
  return found == cell.served().end() ? nullptr : &*found;
}

// "0.412 (0.409 to 0.420)"; an end that the sample is too small for is left open.
std::string QuantileText(const v1::LatencyQuantile* quantile) {
  if (quantile == nullptr) return "";
  return fmt::format("{} ({} to {})", Milliseconds(quantile->value_ns()),
                     quantile->has_lower_ns() ? Milliseconds(quantile->lower_ns()) : "?",
                     quantile->has_upper_ns() ? Milliseconds(quantile->upper_ns()) : "?");
}

std::string CellTable(const v1::LatencyReport& report) {
  Table table({{"VARIANT"},
               {"BATCH", kRight},
               {"P50 MS", kRight},
               {"P99 MS", kRight},
               {"ENGINE MS", kRight},
               {"ROWS/S", kRight},
               {"SAMPLES", kRight}});
  for (const v1::LatencyCell& cell : report.cells()) {
    table.AddRow({Printable(cell.variant()), std::to_string(cell.batch_size()),
                  QuantileText(Find(cell, 0.5)), QuantileText(Find(cell, 0.99)),
                  Milliseconds(cell.compute_ns()), fmt::format("{:.0f}", cell.rows_per_second()),
                  std::to_string(cell.samples())});
  }
  return table.Render();
}

std::string RatioRange(const v1::Estimate& estimate) {
  return fmt::format("{:.3f} to {:.3f}", estimate.lower(), estimate.upper());
}

std::string ContrastTable(const v1::LatencyReport& report) {
  Table table({{"VARIANT"},
               {"AGAINST"},
               {"BATCH", kRight},
               {"MEASURED"},
               {"RATIO", kRight},
               {"ALL TOGETHER", kRight},
               {"P (HOLM)", kRight},
               {"VERDICT"},
               {"ROUNDS NEEDED", kRight}});
  for (const v1::LatencyContrast& contrast : report.contrasts()) {
    const int64_t needed = contrast.rounds_needed();
    table.AddRow({Printable(contrast.variant()), Printable(contrast.baseline()),
                  std::to_string(contrast.batch_size()),
                  contrast.measure() == v1::LATENCY_MEASURE_ENGINE ? "engine" : "served",
                  fmt::format("{:.3f}", contrast.ratio().value()),
                  RatioRange(contrast.ratio_simultaneous()), PValue(contrast.p_adjusted()),
                  TextOf(contrast.verdict()), needed > 0 ? std::to_string(needed) : ""});
  }
  return table.Render();
}

}  // namespace

void PrintReport(const v1::LatencyReport& report) {
  fmt::print("{}\n\n{}\n{}\n", Printable(report.headline()), CellTable(report),
             ContrastTable(report));
  fmt::print("Equivalent: surely within {:g} %. {} rounds, after {} to warm up.\n",
             100 * report.margin(), report.rounds(), report.warm_up_rounds());
  for (const v1::LatencyContrast& repeat : report.repeated_baseline()) {
    fmt::print("{} against itself at batch {}: {:.3f}, {}.\n", Printable(repeat.baseline()),
               repeat.batch_size(), repeat.ratio().value(), RatioRange(repeat.ratio()));
  }
  PrintRemarks(report);
}

absl::StatusOr<Json> ReportAsJson(const google::protobuf::Message& report) {
  google::protobuf::util::JsonPrintOptions print;
  print.preserve_proto_field_names = true;
  print.always_print_primitive_fields = true;
  std::string text;
  if (const auto status = google::protobuf::util::MessageToJsonString(report, &text, print);
      !status.ok()) {
    return absl::InternalError(status.ToString());
  }
  return Json::parse(text);
}

}  // namespace actium::cli
