#include "server/compare/accuracy_report.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "server/compare/headline.h"
#include "server/compare/pairs.h"
#include "server/compare/report_parts.h"
#include "server/stats/agreement.h"
#include "server/stats/cochran_q.h"
#include "server/stats/mcnemar.h"
#include "server/stats/multiple_testing.h"
#include "server/stats/paired_difference.h"
#include "server/stats/paired_sample_size.h"
#include "server/stats/proportion.h"

namespace actium::compare {
namespace {

// Fewer discordant examples than this leave nearly everything possible.
constexpr int64_t kFewDiscordant = 10;

constexpr char kUnit[] =
    "these checkpoints, over examples like these; one checkpoint of each variant says nothing "
    "about "
    "its activation as such, because training it again would give another accuracy";

void FillShare(int64_t successes, int64_t trials, double confidence, v1::Estimate& estimate) {
  const double share = trials == 0 ? std::numeric_limits<double>::quiet_NaN()
                                   : static_cast<double>(successes) / static_cast<double>(trials);
  FillEstimate(share, stats::WilsonInterval(successes, trials, confidence), estimate);
}

void FillCalibration(const stats::CalibrationReport& calibration, v1::VariantAccuracy& out) {
  out.set_negative_log_likelihood(calibration.negative_log_likelihood);
  out.set_brier_score(calibration.brier_score);
  out.set_expected_calibration_error(calibration.expected_calibration_error);
  out.set_maximum_calibration_error(calibration.maximum_calibration_error);
  for (const stats::ReliabilityBin& bin : calibration.bins) {
    v1::ReliabilityBin& own = *out.add_reliability();
    own.set_examples(bin.examples);
    own.set_mean_confidence(bin.mean_confidence);
    own.set_accuracy(bin.accuracy);
  }
}

// How right a variant is.
void FillQuality(const Tally& tally, double confidence, v1::VariantAccuracy& out) {
  FillShare(tally.correct(), tally.examples(), confidence, *out.mutable_accuracy());
  FillShare(tally.correct_in_top_k(), tally.examples(), confidence, *out.mutable_top_k_accuracy());
  out.set_correct(tally.correct());
  FillCalibration(tally.calibration(), out);
  out.mutable_confusion()->Add(tally.confusion().begin(), tally.confusion().end());
  for (size_t label = 0; label < tally.of_class().size(); ++label) {
    FillShare(tally.correct_of_class()[label], tally.of_class()[label], confidence,
              *out.add_recall());
  }
}

void FillVariants(const AccuracyComparison& comparison, v1::AccuracyReport& report) {
  for (size_t i = 0; i < comparison.variants().size(); ++i) {
    const Variant& variant = comparison.variants()[i];
    const Tally& tally = comparison.tallies()[i];
    v1::VariantAccuracy& out = *report.add_variants();
    out.set_variant(variant.name);
    FillModelRef(*variant.model->ref, out);
    out.set_mean_confidence(tally.mean_confidence());
    out.set_non_finite_examples(tally.non_finite());
    out.set_batch_flips(comparison.batch_flips()[i]);
    if (comparison.labelled()) FillQuality(tally, comparison.settings().confidence, out);
  }
}

stats::PairedCounts Count(const Tally& first, const Tally& second,
                          const std::vector<int32_t>& labels) {
  stats::PairedCounts counts;
  for (size_t i = 0; i < labels.size(); ++i) {
    const bool first_right = first.predicted()[i] == labels[i];
    const bool second_right = second.predicted()[i] == labels[i];
    ++(first_right ? (second_right ? counts.both_right : counts.first_only)
                   : (second_right ? counts.second_only : counts.both_wrong));
  }
  return counts;
}

// What the numbers of examples can and could show. alpha: of one contrast.
void FillPlan(const stats::PairedCounts& counts, double margin, double alpha,
              v1::AccuracyContrast& out) {
  const double discordance =
      static_cast<double>(counts.discordant()) / static_cast<double>(counts.total());
  out.set_detectable_difference(
      stats::DetectableAccuracyDifference(counts.total(), discordance, alpha, kPower).value_or(0));
  if (out.verdict() == v1::ACCURACY_VERDICT_UNDECIDED) {
    out.set_examples_needed(
        stats::ExamplesForDecision(counts.difference(), discordance, margin, alpha, kPower));
  }
}

// How often two variants predict the same class. Two that predict nothing agree on that.
void FillAgreement(const Tally& first, const Tally& second, int classes, double confidence,
                   v1::AccuracyContrast& out) {
  const bool counts_pairs = classes <= kMostConfusionClasses;
  const auto side = static_cast<size_t>(classes);
  std::vector<int64_t> table(counts_pairs ? side * side : 0);
  int64_t same = 0;
  for (size_t i = 0; i < first.predicted().size(); ++i) {
    const int32_t row = first.predicted()[i];
    const int32_t column = second.predicted()[i];
    same += row == column ? 1 : 0;
    if (!counts_pairs || row == kNoClass || column == kNoClass) continue;
    ++table[static_cast<size_t>(row) * side + static_cast<size_t>(column)];
  }
  FillShare(same, first.examples(), confidence, *out.mutable_agreement());
  if (!counts_pairs) return;
  const auto kappa = stats::MeasureAgreement(table, classes).kappa;
  if (kappa.has_value()) out.set_kappa(*kappa);
}

// Which of two variants is right more often.
void FillDifference(const AccuracyComparison& comparison, const Pair& pair, int contrasts,
                    v1::AccuracyContrast& out) {
  const AccuracySettings& settings = comparison.settings();
  const stats::PairedCounts counts = Count(comparison.tallies()[pair.first],
                                           comparison.tallies()[pair.second], comparison.labels());
  out.set_both_right(counts.both_right);
  out.set_only_variant(counts.first_only);
  out.set_only_baseline(counts.second_only);
  out.set_both_wrong(counts.both_wrong);

  const double simultaneous = stats::SimultaneousConfidence(settings.confidence, contrasts);
  const stats::Interval all_together = stats::TangoInterval(counts, simultaneous);
  const double difference = counts.difference();
  FillEstimate(difference, stats::TangoInterval(counts, settings.confidence),
               *out.mutable_difference());
  FillEstimate(difference, stats::NewcombeInterval(counts, settings.confidence),
               *out.mutable_difference_newcombe());
  FillEstimate(difference, all_together, *out.mutable_difference_simultaneous());
  const stats::Mcnemar test = stats::McnemarTest(counts);
  out.set_p_mid(test.mid_p);
  out.set_p_exact(test.exact_p);
  out.set_verdict(JudgeAccuracy(all_together, settings.margin));
  FillPlan(counts, settings.margin, 1 - simultaneous, out);
}

void FillContrasts(const AccuracyComparison& comparison, v1::AccuracyReport& report) {
  const AccuracySettings& settings = comparison.settings();
  const std::vector<Pair> pairs = PairsOf(
      comparison.variants().size(), static_cast<size_t>(settings.baseline), settings.all_pairs);
  std::vector<double> p;
  for (const Pair& pair : pairs) {
    v1::AccuracyContrast& out = *report.add_contrasts();
    out.set_variant(comparison.variants()[pair.first].name);
    out.set_baseline(comparison.variants()[pair.second].name);
    FillAgreement(comparison.tallies()[pair.first], comparison.tallies()[pair.second],
                  comparison.classes(), settings.confidence, out);
    if (!comparison.labelled()) continue;
    FillDifference(comparison, pair, static_cast<int>(pairs.size()), out);
    p.push_back(out.p_mid());
  }
  if (!comparison.labelled()) return;
  const std::vector<double> adjusted = stats::HolmAdjusted(p);
  for (int i = 0; i < report.contrasts_size(); ++i) {
    report.mutable_contrasts(i)->set_p_adjusted(adjusted[static_cast<size_t>(i)]);
  }
}

void FillOmnibus(const AccuracyComparison& comparison, v1::CochranQ& out) {
  const auto& tallies = comparison.tallies();
  std::vector<int64_t> right_by_variant;
  for (const Tally& tally : tallies) right_by_variant.push_back(tally.correct());
  std::vector<int64_t> examples_by_right(tallies.size() + 1);
  for (size_t i = 0; i < comparison.labels().size(); ++i) {
    const auto right = std::ranges::count_if(tallies, [&](const Tally& tally) {
      return tally.predicted()[i] == comparison.labels()[i];
    });
    ++examples_by_right[static_cast<size_t>(right)];
  }
  const stats::CochranQ test = stats::CochranQTest(right_by_variant, examples_by_right);
  out.set_q(test.q.value_or(0));
  out.set_degrees_of_freedom(test.degrees);
  out.set_p(test.p);
}

void FillDisagreements(const AccuracyComparison& comparison, v1::AccuracyReport& report) {
  const auto& tallies = comparison.tallies();
  int64_t found = 0;
  for (size_t i = 0; i < tallies.front().predicted().size(); ++i) {
    const bool all_alike = std::ranges::all_of(tallies, [&](const Tally& tally) {
      return tally.predicted()[i] == tallies.front().predicted()[i];
    });
    if (all_alike || ++found > comparison.settings().most_disagreements) continue;
    v1::Disagreement& out = *report.add_disagreements();
    out.set_number(static_cast<int64_t>(i));
    if (!comparison.ids().empty()) out.set_id(comparison.ids()[i]);
    out.set_label(comparison.labelled() ? comparison.labels()[i] : kNoClass);
    for (const Tally& tally : tallies) {
      out.add_predicted(tally.predicted()[i]);
      out.add_probability(static_cast<double>(tally.confidence()[i]));
    }
  }
  report.set_disagreement_count(found);
}

// Who agrees least with whom: all that can be known without labels.
std::string UnlabelledHeadline(const v1::AccuracyReport& report) {
  const auto least = std::ranges::min_element(
      report.contrasts(), {},
      [](const v1::AccuracyContrast& contrast) { return contrast.agreement().value(); });
  return fmt::format(
      "without labels nobody knows who is right; on {} examples {} and {} agree least, on {:.2f} %",
      report.examples(), least->variant(), least->baseline(), 100 * least->agreement().value());
}

void FillVariantWarnings(const AccuracyComparison& comparison, v1::AccuracyReport& report) {
  const auto& variants = comparison.variants();
  for (size_t i = 0; i < variants.size(); ++i) {
    if (const int64_t rows = comparison.tallies()[i].non_finite(); rows > 0) {
      report.add_warnings(
          fmt::format("{}: {} examples have scores that are NaN or infinite; they count as wrong",
                      variants[i].name, rows));
    }
    if (const int64_t flips = comparison.batch_flips()[i]; flips > 0) {
      report.add_warnings(
          fmt::format("{}: {} of {} examples have another predicted class alone than in a batch",
                      variants[i].name, flips, comparison.batch_checked()));
    }
  }
  WarnOfVariants(variants, *report.mutable_warnings());
}

// What makes the differences of accuracy less than they seem.
void FillContrastWarnings(v1::AccuracyReport& report) {
  for (const v1::AccuracyContrast& contrast : report.contrasts()) {
    const int64_t discordant = contrast.only_variant() + contrast.only_baseline();
    if (discordant >= kFewDiscordant) continue;
    report.add_warnings(
        fmt::format("{} and {} differ in being right on {} examples only: that is next to nothing "
                    "to tell them apart by",
                    contrast.variant(), contrast.baseline(), discordant));
  }
  if (report.variants_size() == 2) return;
  report.add_warnings(
      "the most accurate of several variants looks better on the examples that chose it than it "
      "is: "
      "choose on validation examples, and report on others");
}

}  // namespace

void FillReport(const AccuracyComparison& comparison, v1::AccuracyReport& report) {
  const AccuracySettings& settings = comparison.settings();
  report.set_inference_unit(kUnit);
  report.set_examples(comparison.examples());
  report.set_classes(comparison.classes());
  report.set_baseline(comparison.variants()[static_cast<size_t>(settings.baseline)].name);
  report.set_confidence(settings.confidence);
  report.set_top_k(settings.top_k);
  report.set_margin(settings.margin);
  report.set_labelled(comparison.labelled());
  report.set_batch_checked(comparison.batch_checked());
  FillVariants(comparison, report);
  FillLabels(comparison.variants(), comparison.classes(), *report.mutable_labels());
  FillContrasts(comparison, report);
  if (comparison.labelled()) FillOmnibus(comparison, *report.mutable_omnibus());
  FillDisagreements(comparison, report);
  FillVariantWarnings(comparison, report);
  if (comparison.labelled()) FillContrastWarnings(report);
  report.set_headline(comparison.labelled()
                          ? AccuracyHeadline(report.contrasts(), report.baseline(),
                                             settings.all_pairs,
                                             fmt::format("{} examples", report.examples()))
                          : UnlabelledHeadline(report));
}

}  // namespace actium::compare
