#include "client/cli/condition_decision.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "client/cli/exit_status.h"
#include "client/cli/terminal.h"

namespace actium::cli {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Interval Of(const v1::Estimate& estimate) { return {estimate.lower(), estimate.upper()}; }

// Of the difference or ratio the other way round.
Interval Negated(Interval interval) { return {-interval.upper, -interval.lower}; }
Interval Inverted(Interval interval) {
  return {1 / interval.upper, interval.lower > 0 ? 1 / interval.lower : kInfinity};
}

bool IsBetween(const auto& contrast, const std::string& variant, const std::string& baseline) {
  return contrast.variant() == variant && contrast.baseline() == baseline;
}

std::optional<Interval> FindDifference(const v1::AccuracyReport& report,
                                       const Condition& condition) {
  for (const v1::AccuracyContrast& contrast : report.contrasts()) {
    const Interval found = Of(contrast.difference_simultaneous());
    if (IsBetween(contrast, condition.variant, *condition.other)) return found;
    if (IsBetween(contrast, *condition.other, condition.variant)) return Negated(found);
  }
  return std::nullopt;
}

std::optional<Interval> FindAgreement(const v1::AccuracyReport& report,
                                      const std::string& variant) {
  for (const v1::AccuracyContrast& contrast : report.contrasts()) {
    if (IsBetween(contrast, variant, report.baseline()) ||
        IsBetween(contrast, report.baseline(), variant)) {
      return Of(contrast.agreement());
    }
  }
  return std::nullopt;
}

std::optional<Interval> FindInterval(const v1::AccuracyReport& report, const Condition& condition) {
  if (condition.metric == Metric::kAgreement) return FindAgreement(report, condition.variant);
  if (!report.labelled()) return std::nullopt;
  if (condition.other) return FindDifference(report, condition);
  for (const v1::VariantAccuracy& variant : report.variants()) {
    if (variant.variant() != condition.variant) continue;
    return Of(condition.metric == Metric::kAccuracy ? variant.accuracy()
                                                    : variant.top_k_accuracy());
  }
  return std::nullopt;
}

Finding MakeFinding(const Condition& condition, Interval interval, int batch, int concurrency) {
  return {.batch_size = batch,
          .concurrency = concurrency,
          .interval = interval,
          .decision = Decide(interval, condition.relation, condition.bound)};
}

void AddRatios(const v1::LatencyReport& report, const Condition& condition, Verdict& verdict) {
  const auto measure = condition.metric == Metric::kServedLatency ? v1::LATENCY_MEASURE_SERVED
                                                                  : v1::LATENCY_MEASURE_ENGINE;
  for (const v1::LatencyContrast& contrast : report.contrasts()) {
    if (contrast.measure() != measure) continue;
    Interval ratio = Of(contrast.ratio_simultaneous());
    if (IsBetween(contrast, *condition.other, condition.variant)) {
      ratio = Inverted(ratio);
    } else if (!IsBetween(contrast, condition.variant, *condition.other)) {
      continue;
    }
    verdict.findings.push_back(
        MakeFinding(condition, ratio, contrast.batch_size(), contrast.concurrency()));
  }
}

void AddQuantiles(const v1::LatencyReport& report, const Condition& condition, Verdict& verdict) {
  for (const v1::LatencyCell& cell : report.cells()) {
    if (cell.variant() != condition.variant) continue;
    const auto& quantiles =
        condition.metric == Metric::kServedLatency ? cell.served() : cell.engine_run();
    for (const v1::LatencyQuantile& own : quantiles) {
      if (std::abs(own.quantile() - condition.quantile) > 1e-9) continue;
      const Interval interval{own.has_lower_ns() ? own.lower_ns() : 0,
                              own.has_upper_ns() ? own.upper_ns() : kInfinity};
      verdict.findings.push_back(
          MakeFinding(condition, interval, cell.batch_size(), cell.concurrency()));
    }
  }
}

void Conclude(Verdict& verdict) {
  const auto has = [&](Decision decision) {
    return std::ranges::count(verdict.findings, decision, &Finding::decision) > 0;
  };
  if (has(Decision::kFails)) {
    verdict.decision = Decision::kFails;
  } else if (!verdict.findings.empty() && !has(Decision::kUndecided)) {
    verdict.decision = Decision::kPasses;
  }
}

std::string_view NameOf(Decision decision) {
  switch (decision) {
    case Decision::kPasses:
      return "passes";
    case Decision::kFails:
      return "fails";
    case Decision::kUndecided:
      break;
  }
  return "undecided";
}

// The interval in the unit that the condition is written in.
std::string IntervalText(const Condition& condition, const Interval& interval) {
  const auto text = [](double lower, double upper, std::string_view unit) {
    return std::isinf(upper) ? fmt::format("{:.4g}{} and more", lower, unit)
                             : fmt::format("{:.4g} to {:.4g}{}", lower, upper, unit);
  };
  if (!IsLatency(condition.metric)) {
    return condition.other ? fmt::format("difference {:+.2f} to {:+.2f} pp", 100 * interval.lower,
                                         100 * interval.upper)
                           : text(interval.lower, interval.upper, "");
  }
  return condition.other ? "ratio " + text(interval.lower, interval.upper, "")
                         : text(interval.lower / 1e6, interval.upper / 1e6, " ms");
}

Json Finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace

Decision Decide(Interval interval, Relation relation, double bound) {
  const auto [lower, upper] = interval;
  bool surely = false;
  bool surely_not = false;
  switch (relation) {
    case Relation::kLess:
      surely = upper < bound;
      surely_not = lower >= bound;
      break;
    case Relation::kLessOrEqual:
      surely = upper <= bound;
      surely_not = lower > bound;
      break;
    case Relation::kGreater:
      surely = lower > bound;
      surely_not = upper <= bound;
      break;
    case Relation::kGreaterOrEqual:
      surely = lower >= bound;
      surely_not = upper < bound;
      break;
  }
  if (std::isnan(lower) || std::isnan(upper)) return Decision::kUndecided;
  return surely ? Decision::kFails : surely_not ? Decision::kPasses : Decision::kUndecided;
}

Verdict Decide(const Condition& condition, const v1::AccuracyReport* accuracy,
               const v1::LatencyReport* latency) {
  Verdict verdict{.condition = condition, .findings = {}, .reason = ""};
  if (!IsLatency(condition.metric)) {
    const auto found =
        accuracy != nullptr ? FindInterval(*accuracy, condition) : std::optional<Interval>();
    if (found) verdict.findings.push_back(MakeFinding(condition, *found, 0, 0));
  } else if (latency != nullptr) {
    if (condition.other) {
      AddRatios(*latency, condition, verdict);
    } else {
      AddQuantiles(*latency, condition, verdict);
    }
    if (latency->too_noisy()) verdict.reason = "the machine was too noisy";
  }
  if (verdict.findings.empty()) verdict.reason = "not measured";
  if (!verdict.reason.empty()) return verdict;
  Conclude(verdict);
  return verdict;
}

std::string Describe(const Verdict& verdict) {
  std::vector<std::string> parts;
  const bool several = verdict.findings.size() > 1;
  for (const Finding& finding : verdict.findings) {
    std::string part = IntervalText(verdict.condition, finding.interval);
    if (several && finding.concurrency > 1) {
      part += fmt::format(" at batch {}, {} at once", finding.batch_size, finding.concurrency);
    } else if (several) {
      part += fmt::format(" at batch {}", finding.batch_size);
    }
    parts.push_back(std::move(part));
  }
  if (!verdict.reason.empty()) parts.push_back(verdict.reason);
  return fmt::format("{}: {} ({})", NameOf(verdict.decision), Printable(verdict.condition.text),
                     fmt::join(parts, "; "));
}

Json ToJson(const Verdict& verdict) {
  Json findings = Json::array();
  for (const Finding& finding : verdict.findings) {
    Json json = {{"lower", Finite(finding.interval.lower)},
                 {"upper", Finite(finding.interval.upper)},
                 {"result", NameOf(finding.decision)}};
    if (finding.batch_size > 0) {
      json["batch_size"] = finding.batch_size;
      json["concurrency"] = std::max(1, finding.concurrency);
    }
    findings.push_back(std::move(json));
  }
  return {{"condition", verdict.condition.text},
          {"result", NameOf(verdict.decision)},
          {"bound", verdict.condition.bound},
          {"reason", verdict.reason},
          {"findings", std::move(findings)}};
}

absl::Status StatusOf(const std::vector<Verdict>& verdicts) {
  for (const Decision decision : {Decision::kFails, Decision::kUndecided}) {
    std::vector<std::string> texts;
    for (const Verdict& verdict : verdicts) {
      if (verdict.decision == decision) texts.push_back(Printable(verdict.condition.text));
    }
    if (texts.empty()) continue;
    const bool fails = decision == Decision::kFails;
    return AfterResults(
        With(fails ? ExitStatus::kCheckFailed : ExitStatus::kUndecided,
             absl::FailedPreconditionError(fmt::format(
                 "--fail-if {}: {}", fails ? "holds" : "is undecided", fmt::join(texts, "; ")))));
  }
  return absl::OkStatus();
}

}  // namespace actium::cli
