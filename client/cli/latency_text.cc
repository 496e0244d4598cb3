#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "client/cli/comparison_report.h"
#include "client/cli/comparison_text.h"
#include "client/cli/table.h"
#include "client/cli/terminal.h"

namespace actium::cli {
namespace {

constexpr auto kRight = Table::Align::kRight;

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

// Batches that were sent at once; a server that knows only one says nothing.
std::string AtOnce(int32_t concurrency) { return std::to_string(std::max(1, concurrency)); }

std::string CellTable(const v1::LatencyReport& report) {
  Table table({{"VARIANT"},
               {"BATCH", kRight},
               {"AT ONCE", kRight},
               {"P50 MS", kRight},
               {"P99 MS", kRight},
               {"ENGINE MS", kRight},
               {"ROWS/S", kRight},
               {"SAMPLES", kRight}});
  for (const v1::LatencyCell& cell : report.cells()) {
    table.AddRow({Printable(cell.variant()), std::to_string(cell.batch_size()),
                  AtOnce(cell.concurrency()), QuantileText(Find(cell, 0.5)),
                  QuantileText(Find(cell, 0.99)), Milliseconds(cell.compute_ns()),
                  fmt::format("{:.0f}", cell.rows_per_second()), std::to_string(cell.samples())});
  }
  return table.Render();
}

std::string NameOf(v1::LatencyMeasure measure) {
  return measure == v1::LATENCY_MEASURE_ENGINE ? "engine" : "served";
}

std::string RatioRange(const v1::Estimate& estimate) {
  return fmt::format("{:.3f} to {:.3f}", estimate.lower(), estimate.upper());
}

std::string ContrastTable(const v1::LatencyReport& report) {
  Table table({{"VARIANT"},
               {"AGAINST"},
               {"BATCH", kRight},
               {"AT ONCE", kRight},
               {"MEASURED"},
               {"RATIO", kRight},
               {"ALL TOGETHER", kRight},
               {"P (HOLM)", kRight},
               {"VERDICT"},
               {"ROUNDS NEEDED", kRight}});
  for (const v1::LatencyContrast& contrast : report.contrasts()) {
    const int64_t needed = contrast.rounds_needed();
    table.AddRow({Printable(contrast.variant()), Printable(contrast.baseline()),
                  std::to_string(contrast.batch_size()), AtOnce(contrast.concurrency()),
                  NameOf(contrast.measure()), fmt::format("{:.3f}", contrast.ratio().value()),
                  RatioRange(contrast.ratio_simultaneous()), report::PValue(contrast.p_adjusted()),
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
    fmt::print("{} against itself at batch {}, {} at once, {}: {:.3f}, {}.\n",
               Printable(repeat.baseline()), repeat.batch_size(), AtOnce(repeat.concurrency()),
               NameOf(repeat.measure()), repeat.ratio().value(), RatioRange(repeat.ratio()));
  }
  PrintRemarks(report);
}

}  // namespace actium::cli
