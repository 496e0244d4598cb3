#include "server/compare/latency_report.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "server/compare/headline.h"
#include "server/compare/report_parts.h"
#include "server/stats/multiple_testing.h"
#include "server/stats/paired_ratio.h"
#include "server/stats/quantile_interval.h"
#include "server/stats/verdict.h"

namespace actium::compare {
namespace {

// Most that the logarithm of the repeated baseline's ratio may vary from round to round, as a
// standard deviation, before the machine counts as too noisy: a quarter up or down.
constexpr double kMostNoise = 0.25;

constexpr double kQuantiles[] = {0.5, 0.9, 0.95, 0.99, 0.999};

constexpr char kUnit[] =
    "these versions on this machine at this time: another machine may order them otherwise";

using Stage = double LatencySample::*;

std::vector<double> AllSamples(const LatencyRounds& rounds, Stage stage) {
  std::vector<double> values;
  for (const auto& round : rounds) {
    for (const LatencySample& sample : round) values.push_back(sample.*stage);
  }
  return values;
}

std::vector<double> RoundMedians(const LatencyRounds& rounds, Stage stage) {
  std::vector<double> medians;
  for (const auto& round : rounds) medians.push_back(Median(AllSamples({round}, stage)));
  return medians;
}

Stage StageOf(v1::LatencyMeasure measure) {
  return measure == v1::LATENCY_MEASURE_ENGINE ? &LatencySample::compute : &LatencySample::served;
}

// Intervals count the batches that were sent at once as one: they shared their wait.
template <class Quantiles>
void FillQuantiles(std::vector<double> values, int concurrency, double confidence, Quantiles& out) {
  std::ranges::sort(values);
  std::vector<double> bursts;
  const auto step = static_cast<size_t>(concurrency);
  for (size_t i = step / 2; i < values.size(); i += step) bursts.push_back(values[i]);
  for (const double quantile : kQuantiles) {
    const auto estimate = stats::EstimateQuantile(bursts, quantile, confidence);
    v1::LatencyQuantile& own = *out.Add();
    own.set_quantile(quantile);
    own.set_value_ns(stats::EstimateQuantile(values, quantile, confidence).value);
    if (estimate.lower.has_value()) own.set_lower_ns(*estimate.lower);
    if (estimate.upper.has_value()) own.set_upper_ns(*estimate.upper);
  }
}

// What is contrasted at a point: when requests share a batch, the engine's run is nobody's own.
std::span<const v1::LatencyMeasure> MeasuresAt(const LatencyPoint& point) {
  static constexpr v1::LatencyMeasure kMeasures[] = {v1::LATENCY_MEASURE_SERVED,
                                                     v1::LATENCY_MEASURE_ENGINE};
  return std::span(kMeasures).first(point.concurrency == 1 ? 2 : 1);
}

v1::LatencyCell MakeCell(const std::string& variant, const LatencyPoint& point,
                         const LatencyRounds& rounds, double confidence) {
  v1::LatencyCell cell;
  cell.set_variant(variant);
  cell.set_batch_size(point.batch_size);
  cell.set_concurrency(point.concurrency);
  const auto median = [&](Stage stage) { return Median(AllSamples(rounds, stage)); };
  cell.set_samples(std::ssize(AllSamples(rounds, &LatencySample::served)));
  FillQuantiles(AllSamples(rounds, &LatencySample::served), point.concurrency, confidence,
                *cell.mutable_served());
  FillQuantiles(AllSamples(rounds, &LatencySample::compute), point.concurrency, confidence,
                *cell.mutable_engine_run());
  cell.set_queue_ns(median(&LatencySample::queue));
  cell.set_gather_ns(median(&LatencySample::gather));
  cell.set_compute_ns(median(&LatencySample::compute));
  cell.set_scatter_ns(median(&LatencySample::scatter));
  const double time =
      point.concurrency == 1 ? cell.compute_ns() : median(&LatencySample::all_answered);
  cell.set_rows_per_second(1e9 * point.batch_size * point.concurrency / time);
  const auto served = RoundMedians(rounds, &LatencySample::served);
  const auto engine = RoundMedians(rounds, &LatencySample::compute);
  cell.mutable_served_round_medians_ns()->Add(served.begin(), served.end());
  cell.mutable_engine_round_medians_ns()->Add(engine.begin(), engine.end());
  return cell;
}

v1::LatencyVerdict VerdictOf(const stats::Interval& simultaneous, double margin) {
  switch (stats::JudgeRatio(simultaneous, margin)) {
    case stats::Verdict::kEquivalent:
      return v1::LATENCY_VERDICT_EQUIVALENT;
    case stats::Verdict::kLower:
      return v1::LATENCY_VERDICT_FASTER;
    case stats::Verdict::kHigher:
      return v1::LATENCY_VERDICT_SLOWER;
    case stats::Verdict::kUndecided:
      break;
  }
  return v1::LATENCY_VERDICT_UNDECIDED;
}

// Two tracks of equally many rounds. together: confidence of one interval of those that hold
// together.
v1::LatencyContrast MakeContrast(const LatencyRounds& variant, const LatencyRounds& baseline,
                                 v1::LatencyMeasure measure, const LatencySettings& settings,
                                 double together) {
  const std::vector<double> numerator = RoundMedians(variant, StageOf(measure));
  const std::vector<double> denominator = RoundMedians(baseline, StageOf(measure));
  const auto alone = stats::EstimatePairedRatio(denominator, numerator, settings.confidence);
  const auto wide = stats::EstimatePairedRatio(denominator, numerator, together);
  v1::LatencyContrast contrast;
  contrast.set_measure(measure);
  FillEstimate(alone.ratio, alone.interval, *contrast.mutable_ratio());
  FillEstimate(wide.ratio, wide.interval, *contrast.mutable_ratio_simultaneous());
  FillEstimate(alone.hodges_lehmann_ratio, alone.hodges_lehmann_interval,
               *contrast.mutable_hodges_lehmann());
  contrast.set_p(alone.ln_ratio.p);
  contrast.set_ln_ratio_sd(alone.ln_ratio.sd);
  contrast.set_verdict(VerdictOf(wide.interval, settings.margin));
  if (contrast.verdict() == v1::LATENCY_VERDICT_UNDECIDED) {
    contrast.set_rounds_needed(
        stats::RoundsForDecision(wide, settings.margin, together, kPower).value_or(0));
  }
  return contrast;
}

void SetPoint(const LatencyPoint& point, v1::LatencyContrast& contrast) {
  contrast.set_batch_size(point.batch_size);
  contrast.set_concurrency(point.concurrency);
}

size_t CountMeasures(const LatencyData& data) {
  size_t count = 0;
  for (const LatencyPoint& point : data.points) count += MeasuresAt(point).size();
  return count;
}

// The rule that judges the variants must not find the baseline different from itself, nor may the
// two of its measurements wander too far apart.
void FillRepeatedBaseline(const LatencyData& data, const LatencySettings& settings,
                          v1::LatencyReport& report) {
  const auto baseline = static_cast<size_t>(data.baseline);
  const double together =
      stats::SimultaneousConfidence(settings.confidence, static_cast<int>(CountMeasures(data)));
  for (size_t point = 0; point < data.points.size(); ++point) {
    for (const v1::LatencyMeasure measure : MeasuresAt(data.points[point])) {
      v1::LatencyContrast contrast = MakeContrast(
          data.repeated_baseline[point], data.rounds[point][baseline], measure, settings, together);
      contrast.set_variant(data.variants[baseline]);
      contrast.set_baseline(data.variants[baseline]);
      SetPoint(data.points[point], contrast);
      contrast.set_p_adjusted(contrast.p());
      const bool differs = contrast.verdict() == v1::LATENCY_VERDICT_FASTER ||
                           contrast.verdict() == v1::LATENCY_VERDICT_SLOWER;
      if (differs || contrast.ln_ratio_sd() > kMostNoise) report.set_too_noisy(true);
      *report.add_repeated_baseline() = std::move(contrast);
    }
  }
}

// Variants against the baseline at one point.
void FillContrastsAt(size_t point, const LatencyData& data, const LatencySettings& settings,
                     double together, v1::LatencyReport& report) {
  const auto baseline = static_cast<size_t>(data.baseline);
  for (const v1::LatencyMeasure measure : MeasuresAt(data.points[point])) {
    for (size_t variant = 0; variant < data.variants.size(); ++variant) {
      if (variant == baseline) continue;
      v1::LatencyContrast& contrast = *report.add_contrasts();
      contrast = MakeContrast(data.rounds[point][variant], data.rounds[point][baseline], measure,
                              settings, together);
      contrast.set_variant(data.variants[variant]);
      contrast.set_baseline(data.variants[baseline]);
      SetPoint(data.points[point], contrast);
    }
  }
}

void FillContrasts(const LatencyData& data, const LatencySettings& settings,
                   v1::LatencyReport& report) {
  const size_t count = CountMeasures(data) * (data.variants.size() - 1);
  const double together =
      stats::SimultaneousConfidence(settings.confidence, static_cast<int>(count));
  for (size_t point = 0; point < data.points.size(); ++point) {
    FillContrastsAt(point, data, settings, together, report);
  }
  std::vector<double> p;
  for (const v1::LatencyContrast& contrast : report.contrasts()) p.push_back(contrast.p());
  const std::vector<double> adjusted = stats::HolmAdjusted(p);
  for (int i = 0; i < report.contrasts_size(); ++i) {
    report.mutable_contrasts(i)->set_p_adjusted(adjusted[static_cast<size_t>(i)]);
  }
}

// Names no winner on a machine that cannot tell the baseline from itself.
void Withhold(v1::LatencyReport& report) {
  for (v1::LatencyContrast& contrast : *report.mutable_contrasts()) {
    if (contrast.verdict() == v1::LATENCY_VERDICT_EQUIVALENT) continue;
    contrast.set_verdict(v1::LATENCY_VERDICT_UNDECIDED);
  }
  report.add_warnings(
      "the machine was too noisy to name a winner: the baseline, measured twice in each round, "
      "differs from itself as variants do, or from round to round by more than a quarter");
}

std::string Headline(const v1::LatencyReport& report) {
  static constexpr std::pair<v1::LatencyVerdict, std::string_view> kWords[] = {
      {v1::LATENCY_VERDICT_FASTER, "faster"},
      {v1::LATENCY_VERDICT_SLOWER, "slower"},
      {v1::LATENCY_VERDICT_EQUIVALENT, "equivalent"},
      {v1::LATENCY_VERDICT_UNDECIDED, "undecided"}};
  const auto tell = [](const v1::LatencyContrast& contrast) -> std::string {
    if (contrast.measure() != v1::LATENCY_MEASURE_SERVED) return "";
    const v1::Estimate& ratio = contrast.ratio_simultaneous();
    const std::string concurrency =
        contrast.concurrency() == 1 ? "" : fmt::format(" x {}", contrast.concurrency());
    return fmt::format("{} at batch {}{} ({:.2f}, {:.2f} to {:.2f})", contrast.variant(),
                       contrast.batch_size(), concurrency, ratio.value(), ratio.lower(),
                       ratio.upper());
  };
  return fmt::format("served latency against {} in {} rounds: {}", report.baseline(),
                     report.rounds(), ListByVerdict(report.contrasts(), kWords, tell));
}

}  // namespace

double Median(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

void FillLatencyReport(const LatencyData& data, const LatencySettings& settings,
                       v1::LatencyReport& report) {
  report.set_inference_unit(kUnit);
  report.set_baseline(data.variants[static_cast<size_t>(data.baseline)]);
  report.set_confidence(settings.confidence);
  report.set_margin(settings.margin);
  report.set_rounds(static_cast<int>(data.repeated_baseline.front().size()));
  report.set_warm_up_rounds(data.warm_up_rounds);
  for (size_t point = 0; point < data.points.size(); ++point) {
    for (size_t variant = 0; variant < data.variants.size(); ++variant) {
      *report.add_cells() = MakeCell(data.variants[variant], data.points[point],
                                     data.rounds[point][variant], settings.confidence);
    }
  }
  FillRepeatedBaseline(data, settings, report);
  FillContrasts(data, settings, report);
  if (report.too_noisy()) Withhold(report);
  report.set_headline(Headline(report));
}

}  // namespace actium::compare
