#include "server/compare/seeds_report.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "server/compare/headline.h"
#include "server/compare/pairs.h"
#include "server/compare/report_parts.h"
#include "server/stats/friedman.h"
#include "server/stats/multiple_testing.h"
#include "server/stats/paired_t.h"
#include "server/stats/paired_t_power.h"
#include "server/stats/seeds.h"
#include "server/stats/welch.h"

namespace actium::compare {
namespace {

constexpr char kUnit[] =
    "activations, each with its recipe, over training seeds, on these examples: what training "
    "once more would give";

// Of fewer seeds the spread is hardly known, and nothing is judged.
constexpr int64_t kFewSeeds = 3;

// Whether there is enough to judge by. Where accuracies do not even spread by half an example,
// which is as fine as they can be told, the test's certainty is not one.
bool CanJudge(int64_t fewest_seeds, double sd, const v1::SeedsReport& report) {
  return fewest_seeds >= kFewSeeds && sd * static_cast<double>(report.examples()) > 0.5;
}

v1::AccuracyVerdict Judge(bool can_judge, const stats::Interval& simultaneous,
                          const v1::SeedsReport& report) {
  return can_judge ? JudgeAccuracy(simultaneous, report.margin()) : v1::ACCURACY_VERDICT_UNDECIDED;
}

std::vector<double> Accuracies(const SeedRuns& runs) {
  std::vector<double> values;
  for (const auto& [seed, score] : runs.by_seed) values.push_back(score.accuracy);
  return values;
}

bool SameSeeds(const SeedRuns& first, const SeedRuns& second) {
  return std::ranges::equal(
      first.by_seed, second.by_seed, {}, [](const auto& run) { return run.first; },
      [](const auto& run) { return run.first; });
}

void FillVariant(const SeedRuns& runs, double confidence, v1::SeedVariant& out) {
  out.set_variant(runs.variant);
  for (const auto& [seed, score] : runs.by_seed) {
    out.add_seeds(seed);
    out.add_accuracies(score.accuracy);
    out.add_mean_confidences(score.mean_confidence);
  }
  // The mean's interval is that of differences from 0.
  const stats::PairedT mean = stats::PairedTTest(Accuracies(runs), confidence);
  FillEstimate(mean.mean, mean.interval, *out.mutable_mean_accuracy());
  out.set_accuracy_sd(mean.sd);
}

stats::Summary SummaryOf(const SeedRuns& runs, double confidence) {
  const stats::PairedT mean = stats::PairedTTest(Accuracies(runs), confidence);
  return {.mean = mean.mean, .sd = mean.sd, .count = mean.pairs};
}

// together: confidence of one interval of those that hold together.
void FillPaired(const SeedRuns& variant, const SeedRuns& baseline, double together,
                const v1::SeedsReport& report, v1::SeedContrast& out) {
  const std::vector<double> first = Accuracies(variant);
  const std::vector<double> second = Accuracies(baseline);
  const auto alone = stats::CompareBySeed(first, second, report.confidence(), kPower);
  const auto wide = stats::CompareBySeed(first, second, together, kPower);
  out.set_paired(true);
  FillEstimate(alone.difference.mean, alone.difference.interval, *out.mutable_difference());
  FillEstimate(wide.difference.mean, wide.difference.interval,
               *out.mutable_difference_simultaneous());
  out.set_p(alone.difference.p);
  if (alone.hedges_g.has_value()) out.set_hedges_g(*alone.hedges_g);
  out.set_detectable_difference(wide.detectable.value_or(0));
  const bool can_judge = CanJudge(wide.difference.pairs, wide.difference.sd, report);
  out.set_verdict(Judge(can_judge, wide.difference.interval, report));
  if (!can_judge || out.verdict() != v1::ACCURACY_VERDICT_UNDECIDED) return;
  out.set_seeds_needed(stats::PairsForDecision(wide.difference.mean, wide.difference.sd,
                                               report.margin(), 1 - together, kPower)
                           .value_or(0));
}

void FillUnpaired(const SeedRuns& variant, const SeedRuns& baseline, double together,
                  const v1::SeedsReport& report, v1::SeedContrast& out) {
  const stats::Summary first = SummaryOf(variant, report.confidence());
  const stats::Summary second = SummaryOf(baseline, report.confidence());
  const stats::Welch alone = stats::WelchTest(first, second, report.confidence());
  const stats::Welch wide = stats::WelchTest(first, second, together);
  FillEstimate(alone.difference, alone.interval, *out.mutable_difference());
  FillEstimate(wide.difference, wide.interval, *out.mutable_difference_simultaneous());
  out.set_p(alone.p);
  if (alone.hedges_g.has_value()) out.set_hedges_g(*alone.hedges_g);
  const bool can_judge =
      CanJudge(std::min(first.count, second.count), std::max(first.sd, second.sd), report);
  out.set_verdict(Judge(can_judge, wide.interval, report));
}

bool EachHasTwoSeeds(std::span<const SeedRuns> variants) {
  return std::ranges::all_of(variants,
                             [](const SeedRuns& runs) { return runs.by_seed.size() > 1; });
}

void FillContrasts(std::span<const SeedRuns> variants, std::span<const Pair> pairs,
                   v1::SeedsReport& report) {
  const double together =
      stats::SimultaneousConfidence(report.confidence(), static_cast<int>(pairs.size()));
  std::vector<double> p;
  for (const auto& [first, second] : pairs) {
    v1::SeedContrast& out = *report.add_contrasts();
    out.set_variant(variants[first].variant);
    out.set_baseline(variants[second].variant);
    const auto fill = SameSeeds(variants[first], variants[second]) ? FillPaired : FillUnpaired;
    fill(variants[first], variants[second], together, report, out);
    p.push_back(out.p());
  }
  const std::vector<double> adjusted = stats::HolmAdjusted(p);
  for (int i = 0; i < report.contrasts_size(); ++i) {
    report.mutable_contrasts(i)->set_p_adjusted(adjusted[static_cast<size_t>(i)]);
  }
}

// If all variants have the same seeds.
void FillOmnibus(std::span<const SeedRuns> variants, v1::SeedsReport& report) {
  const bool comparable = std::ranges::all_of(
      variants, [&](const SeedRuns& runs) { return SameSeeds(runs, variants.front()); });
  if (!comparable) return;
  std::vector<double> values;  // Seeds x variants.
  for (const auto& [seed, ignored] : variants.front().by_seed) {
    for (const SeedRuns& runs : variants) values.push_back(runs.by_seed.at(seed).accuracy);
  }
  const auto test = stats::FriedmanTest(values, static_cast<int>(variants.size()));
  v1::FriedmanTest& out = *report.mutable_omnibus();
  out.set_chi_squared(test.chi_squared.value_or(0));
  out.set_degrees_of_freedom(test.degrees);
  out.set_p(test.p);
  out.mutable_mean_ranks()->Add(test.mean_ranks.begin(), test.mean_ranks.end());
}

void FillWarnings(std::span<const SeedRuns> variants, v1::SeedsReport& report) {
  for (const SeedRuns& runs : variants) {
    if (runs.by_seed.size() < 2 || std::ssize(runs.by_seed) >= kFewSeeds) continue;
    report.add_warnings(
        fmt::format("{} has {} seeds only: its spread is hardly known, and nothing is judged",
                    runs.variant, runs.by_seed.size()));
  }
  for (const v1::SeedContrast& contrast : report.contrasts()) {
    if (contrast.paired()) continue;
    report.add_warnings(
        fmt::format("{} and {} were not trained with the same seeds, so they are compared as two "
                    "groups",
                    contrast.variant(), contrast.baseline()));
  }
  report.add_warnings(
      "seeds vary the training, not the examples: other examples, or another recipe, may order the "
      "activations otherwise");
}

// As "5 training seeds", or "2 to 5 training seeds".
std::string Basis(std::span<const SeedRuns> variants) {
  const auto seeds = [](const SeedRuns& runs) { return runs.by_seed.size(); };
  const size_t fewest = seeds(std::ranges::min(variants, {}, seeds));
  const size_t most = seeds(std::ranges::max(variants, {}, seeds));
  if (fewest == most) return fmt::format("{} training seeds", most);
  return fmt::format("{} to {} training seeds", fewest, most);
}

}  // namespace

void FillSeedsReport(std::span<const SeedRuns> variants, size_t baseline, bool all_pairs,
                     v1::SeedsReport& report) {
  report.set_inference_unit(kUnit);
  report.set_baseline(variants[baseline].variant);
  for (const SeedRuns& runs : variants) {
    FillVariant(runs, report.confidence(), *report.add_variants());
  }
  if (!EachHasTwoSeeds(variants)) {
    report.set_headline(
        "a variant has one seed only: of one training nothing is known about the activations");
    FillWarnings(variants, report);
    return;
  }
  FillContrasts(variants, PairsOf(variants.size(), baseline, all_pairs), report);
  FillOmnibus(variants, report);
  FillWarnings(variants, report);
  report.set_headline(
      AccuracyHeadline(report.contrasts(), report.baseline(), all_pairs, Basis(variants)));
}

}  // namespace actium::compare
