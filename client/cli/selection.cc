#include "client/cli/selection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/terminal.h"

namespace actium::cli {

absl::StatusOr<Choice> Choose(const v1::AccuracyReport& report) {
  if (!report.labelled()) {
    return absl::InvalidArgumentError(
        "--select-on must name data with labels: without them no variant is the most accurate");
  }
  const v1::VariantAccuracy* best = nullptr;
  const v1::VariantAccuracy* baseline = nullptr;
  Choice choice;
  for (const v1::VariantAccuracy& variant : report.variants()) {
    if (variant.variant() == report.baseline()) {
      baseline = &variant;
    } else if (best == nullptr || variant.correct() > best->correct()) {
      best = &variant;
      choice.equals.clear();
    } else if (variant.correct() == best->correct()) {
      choice.equals.push_back(variant.variant());
    }
  }
  if (best == nullptr || baseline == nullptr) {
    return absl::InternalError("the report lacks the baseline, or has nothing else");
  }
  choice.chosen = best->variant();
  choice.baseline_is_best = baseline->correct() >= best->correct();
  return choice;
}

std::string Describe(const Choice& choice, const v1::AccuracyReport& report) {
  std::vector<std::string> parts;
  for (const v1::VariantAccuracy& variant : report.variants()) {
    parts.push_back(
        fmt::format("{} {:.2f} %", Printable(variant.variant()), 100 * variant.accuracy().value()));
  }
  std::string text = fmt::format("Accuracy on {} examples, to choose by: {}.\n", report.examples(),
                                 fmt::join(parts, ", "));
  const std::string chosen = Printable(choice.chosen);
  const std::string baseline = Printable(report.baseline());
  if (choice.baseline_is_best) {
    text += fmt::format(
        "None is more accurate than the baseline, {}; chosen is the best of the "
        "others, {}.\n",
        baseline, chosen);
  } else {
    text += fmt::format("Chosen is the most accurate, {}.\n", chosen);
  }
  if (!choice.equals.empty()) {
    text += fmt::format("As accurate, but later in the list: {}.\n",
                        Printable(fmt::format("{}", fmt::join(choice.equals, ", "))));
  }
  return text + fmt::format(
                    "Below, {} against {} on data that had no part in the choice: one "
                    "contrast, planned before.\n",
                    chosen, baseline);
}

}  // namespace actium::cli
