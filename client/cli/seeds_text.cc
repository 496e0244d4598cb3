#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "client/cli/comparison_report.h"
#include "client/cli/comparison_text.h"
#include "client/cli/table.h"
#include "client/cli/terminal.h"

namespace actium::cli {
namespace {

constexpr auto kRight = Table::Align::kRight;

std::string VariantTable(const v1::SeedsReport& report) {
  Table table({{"VARIANT"},
               {"SEEDS", kRight},
               {"MEAN", kRight},
               {fmt::format("{:g} % INTERVAL", 100 * report.confidence()), kRight},
               {"SD", kRight},
               {"LEAST", kRight},
               {"MOST", kRight},
               {"MEAN RANK", kRight}});
  for (int i = 0; i < report.variants_size(); ++i) {
    const v1::SeedVariant& variant = report.variants(i);
    const bool ranked = i < report.omnibus().mean_ranks_size();
    table.AddRow({Printable(variant.variant()), std::to_string(variant.seeds_size()),
                  Percent(variant.mean_accuracy().value()), PercentRange(variant.mean_accuracy()),
                  fmt::format("{:.2f}", 100 * variant.accuracy_sd()),
                  Percent(*std::ranges::min_element(variant.accuracies())),
                  Percent(*std::ranges::max_element(variant.accuracies())),
                  ranked ? fmt::format("{:.1f}", report.omnibus().mean_ranks(i)) : ""});
  }
  return table.Render();
}

std::string ContrastTable(const v1::SeedsReport& report) {
  Table table({{"VARIANT"},
               {"AGAINST"},
               {"POINTS", kRight},
               {fmt::format("{:g} % INTERVAL", 100 * report.confidence()), kRight},
               {"ALL TOGETHER", kRight},
               {"P", kRight},
               {"P (HOLM)", kRight},
               {"HEDGES G", kRight},
               {"DETECTABLE", kRight},
               {"VERDICT"},
               {"SEEDS NEEDED", kRight}});
  for (const v1::SeedContrast& contrast : report.contrasts()) {
    table.AddRow({Printable(contrast.variant()), Printable(contrast.baseline()),
                  fmt::format("{:+.2f}", 100 * contrast.difference().value()),
                  PointRange(contrast.difference()), PointRange(contrast.difference_simultaneous()),
                  report::PValue(contrast.p()), report::PValue(contrast.p_adjusted()),
                  contrast.has_hedges_g() ? fmt::format("{:+.2f}", contrast.hedges_g()) : "",
                  contrast.detectable_difference() > 0
                      ? fmt::format("{:.2f}", 100 * contrast.detectable_difference())
                      : "",
                  TextOf(contrast.verdict()),
                  contrast.seeds_needed() > 0 ? std::to_string(contrast.seeds_needed()) : ""});
  }
  return table.Render();
}

}  // namespace

void PrintReport(const v1::SeedsReport& report) {
  fmt::print("{}\n\n{}\n", Printable(report.headline()), VariantTable(report));
  if (report.contrasts_size() > 0) {
    fmt::print("{}\nEquivalent: surely within {:g} percentage points.", ContrastTable(report),
               100 * report.margin());
    if (report.has_omnibus()) {
      fmt::print(" Friedman's chi squared {:.2f}, p {}.", report.omnibus().chi_squared(),
                 report::PValue(report.omnibus().p()));
    }
    fmt::print("\n");
  }
  PrintRemarks(report);
}

}  // namespace actium::cli
