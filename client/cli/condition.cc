#include "client/cli/condition.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "server/base/quote.h"
#include "server/base/status_macros.h"

namespace actium::cli {
namespace {

struct MetricName {
  std::string_view name;
  Metric metric = Metric::kAccuracy;
  double quantile = 0;
};

constexpr MetricName kMetrics[] = {{"accuracy", Metric::kAccuracy, 0},
                                   {"top_k_accuracy", Metric::kTopKAccuracy, 0},
                                   {"agreement", Metric::kAgreement, 0},
                                   {"latency_p50", Metric::kServedLatency, 0.5},
                                   {"latency_p90", Metric::kServedLatency, 0.9},
                                   {"latency_p95", Metric::kServedLatency, 0.95},
                                   {"latency_p99", Metric::kServedLatency, 0.99},
                                   {"latency_p99_9", Metric::kServedLatency, 0.999},
                                   {"engine_p50", Metric::kEngineLatency, 0.5},
                                   {"engine_p90", Metric::kEngineLatency, 0.9},
                                   {"engine_p95", Metric::kEngineLatency, 0.95},
                                   {"engine_p99", Metric::kEngineLatency, 0.99},
                                   {"engine_p99_9", Metric::kEngineLatency, 0.999}};

// What reports have without an interval, so that nothing can be decided by it.
constexpr std::string_view kWithoutInterval[] = {
    "nll", "negative_log_likelihood", "brier", "ece", "confidence", "kappa", "recall"};

std::string AllowedMetrics() {
  std::vector<std::string_view> names;
  for (const MetricName& metric : kMetrics) names.push_back(metric.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

struct Side {
  size_t column = 0;  // Of the variant, from 0.
  std::string variant;
  MetricName metric;
};

struct Number {
  size_t column = 0;
  double value = 0;
  std::string unit;  // Letters behind it; empty: none.
};

/// Takes a condition apart from left to right.
class Parser {
 public:
  Parser(std::string_view text, const ConditionScope& scope) : text_(text), scope_(scope) {}

  absl::StatusOr<Condition> Parse() {
    ACTIUM_ASSIGN_OR_RETURN(const Side left, TakeSide());
    Condition condition{.text = std::string(text_),
                        .variant = left.variant,
                        .metric = left.metric.metric,
                        .quantile = left.metric.quantile,
                        .other = std::nullopt};
    ACTIUM_ASSIGN_OR_RETURN(condition.relation, TakeRelation());
    SkipBlanks();
    if (!AtNumber()) {
      ACTIUM_RETURN_IF_ERROR(FinishRelative(left, std::nullopt, condition));
    } else {
      ACTIUM_ASSIGN_OR_RETURN(const Number number, TakeNumber());
      SkipBlanks();
      const bool factor = Take("*");
      ACTIUM_RETURN_IF_ERROR(factor ? FinishRelative(left, number, condition)
                                    : FinishAbsolute(left, number, condition));
    }
    SkipBlanks();
    if (at_ < text_.size()) return Error(at_, "nothing may follow a whole condition");
    return condition;
  }

 private:
  absl::Status Error(size_t column, const std::string& what) const {
    return absl::InvalidArgumentError(
        fmt::format("--fail-if {}, column {}: {}", base::Quote(text_), column + 1, what));
  }

  std::string_view rest() const { return text_.substr(at_); }

  void SkipBlanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  bool Take(std::string_view token) {
    if (!rest().starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  // What stands here, up to a blank or an operator.
  std::string_view Word() const { return rest().substr(0, rest().find_first_of(" \t<>=*+%")); }

  bool AtNumber() const {
    // A variant may begin with a digit; it wins.
    return !FindVariant() && at_ < text_.size() &&
           (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '.' ||
            text_[at_] == '-');
  }

  // The longest variant that is followed by a dot: a name may have dots itself.
  const std::string* FindVariant() const {
    const std::string* found = nullptr;
    for (const std::string& variant : scope_.variants) {
      if (!rest().starts_with(variant + ".")) continue;
      if (found == nullptr || found->size() < variant.size()) found = &variant;
    }
    return found;
  }

  absl::StatusOr<Side> TakeSide() {
    SkipBlanks();
    Side side{.column = at_, .variant = "", .metric = {}};
    const std::string* const variant = FindVariant();
    if (variant == nullptr) return NoVariant();
    side.variant = *variant;
    at_ += variant->size() + 1;
    // Names have no '-', which may follow without a blank.
    const std::string_view word = Word().substr(0, Word().find('-'));
    const auto known = std::ranges::find(kMetrics, word, &MetricName::name);
    if (known == std::end(kMetrics)) {
      const bool no_interval = std::ranges::count(kWithoutInterval, word) > 0;
      return Error(at_, fmt::format("metric {} {}; allowed: {}", base::Quote(word),
                                    no_interval ? "has no interval to decide by" : "is not known",
                                    AllowedMetrics()));
    }
    side.metric = *known;
    at_ += word.size();
    return side;
  }

  absl::Status NoVariant() const {
    const std::string_view word = Word();
    const size_t dot = word.rfind('.');
    const std::string name(dot == std::string_view::npos ? word : word.substr(0, dot));
    const bool known = std::ranges::count(scope_.variants, name) > 0;
    return Error(at_, fmt::format("{} VARIANT.METRIC; variants: {}; metrics: {}",
                                  word.empty() ? "there must be"
                                  : known      ? fmt::format("{} must be", base::Quote(word))
                                               : fmt::format("{} is no variant, there must be",
                                                             base::Quote(name)),
                                  fmt::join(scope_.variants, ", "), AllowedMetrics()));
  }

  absl::StatusOr<Relation> TakeRelation() {
    SkipBlanks();
    if (Take("<=")) return Relation::kLessOrEqual;
    if (Take(">=")) return Relation::kGreaterOrEqual;
    if (Take("<")) return Relation::kLess;
    if (Take(">")) return Relation::kGreater;
    return Error(at_, "there must be <, <=, > or >=");
  }

  absl::StatusOr<Number> TakeNumber() {
    Number number{.column = at_, .value = 0, .unit = ""};
    const char* const end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(text_.data() + at_, end, number.value);
    if (error != std::errc() || !std::isfinite(number.value) || number.value < 0) {
      return Error(at_,
                   fmt::format("there must be a number, 0 or more, got {}", base::Quote(Word())));
    }
    at_ = static_cast<size_t>(stop - text_.data());
    SkipBlanks();
    if (rest().starts_with('%')) return Error(at_, Percent(number.value));
    while (at_ < text_.size() && std::isalpha(static_cast<unsigned char>(text_[at_])) != 0) {
      number.unit += text_[at_++];
    }
    return number;
  }

  static std::string Percent(double value) {
    return fmt::format(
        "'%' may mean percentage points or a part of the value: write {:g}pp for points of "
        "accuracy, "
        "{:g} for a share, or a factor such as {:g} * VARIANT.latency_p50",
        value, value / 100, 1 + value / 100);
  }

  absl::Status FinishAbsolute(const Side& left, const Number& number, Condition& condition) {
    if (!IsLatency(left.metric.metric)) {
      if (number.unit != "" || number.value > 1) {
        return Error(number.column,
                     fmt::format("{} must be compared with a share in [0, 1], such as "
                                 "0.9, or with that of another variant, got {:g}{}",
                                 left.metric.name, number.value, number.unit));
      }
      condition.bound = number.value;
      return CheckAgreement(left);
    }
    constexpr std::pair<std::string_view, double> kUnits[] = {
        {"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    for (const auto& [unit, nanoseconds] : kUnits) {
      if (number.unit != unit) continue;
      condition.bound = number.value * nanoseconds;
      return absl::OkStatus();
    }
    return Error(number.column,
                 fmt::format("{} must be compared with a time in ns, us, ms or s, got {:g}{}",
                             left.metric.name, number.value, number.unit));
  }

  absl::Status CheckAgreement(const Side& left) const {
    if (left.metric.metric != Metric::kAgreement || left.variant != scope_.baseline) {
      return absl::OkStatus();
    }
    return Error(left.column,
                 fmt::format("agreement is with the baseline, {}: another variant must "
                             "stand here",
                             base::Quote(scope_.baseline)));
  }

  // factor: what stands before "*".
  absl::Status FinishRelative(const Side& left, const std::optional<Number>& factor,
                              Condition& condition) {
    ACTIUM_ASSIGN_OR_RETURN(const Side right, TakeSide());
    if (right.metric.name != left.metric.name) {
      return Error(right.column, fmt::format("both sides must be the same metric, {}, got {}",
                                             left.metric.name, right.metric.name));
    }
    if (right.variant == left.variant) {
      return Error(right.column, "two different variants must be compared");
    }
    condition.other = right.variant;
    return left.metric.metric == Metric::kAccuracy ? FinishDifference(factor, condition)
                                                   : FinishRatio(left, right, factor, condition);
  }

  absl::Status FinishDifference(const std::optional<Number>& factor, Condition& condition) {
    if (factor) {
      return Error(factor->column,
                   "accuracies have intervals of differences, not of ratios: write "
                   "VARIANT.accuracy - 0.5pp");
    }
    SkipBlanks();
    const bool minus = Take("-");
    if (!minus && !Take("+")) return absl::OkStatus();
    SkipBlanks();
    ACTIUM_ASSIGN_OR_RETURN(const Number points, TakeNumber());
    if (points.unit != "pp" || points.value > 100) {
      return Error(points.column,
                   fmt::format("a difference of accuracies must be in percentage points, 0pp to "
                               "100pp, got {:g}{}",
                               points.value, points.unit));
    }
    condition.bound = (minus ? -points.value : points.value) / 100;
    return absl::OkStatus();
  }

  absl::Status FinishRatio(const Side& left, const Side& right, const std::optional<Number>& factor,
                           Condition& condition) {
    if (!IsLatency(left.metric.metric) || left.metric.quantile != 0.5) {
      return Error(right.column,
                   fmt::format("two variants can be compared by accuracy, latency_p50 and "
                               "engine_p50; {} must be compared with a number",
                               left.metric.name));
    }
    if (left.variant != scope_.baseline && right.variant != scope_.baseline) {
      return Error(left.column,
                   fmt::format("latencies are compared with the baseline, which is {}: "
                               "one of both must be it",
                               base::Quote(scope_.baseline)));
    }
    if (factor && (factor->unit != "" || factor->value <= 0)) {
      return Error(factor->column,
                   fmt::format("a factor must be above 0, without a unit, got {:g}{}",
                               factor->value, factor->unit));
    }
    SkipBlanks();
    if (rest().starts_with('+') || rest().starts_with('-')) {
      return Error(at_, fmt::format("latencies have intervals of ratios, not of differences: write "
                                    "1.05 * VARIANT.{}",
                                    left.metric.name));
    }
    condition.bound = factor ? factor->value : 1;
    return absl::OkStatus();
  }

  const std::string_view text_;
  const ConditionScope& scope_;
  size_t at_ = 0;
};

}  // namespace

bool IsLatency(Metric metric) {
  return metric == Metric::kServedLatency || metric == Metric::kEngineLatency;
}

absl::StatusOr<Condition> ParseCondition(std::string_view text, const ConditionScope& scope) {
  constexpr size_t kMostBytes = 4096;
  if (text.size() > kMostBytes) {
    return absl::InvalidArgumentError(
        fmt::format("--fail-if must be at most {} bytes, got {}", kMostBytes, text.size()));
  }
  return Parser(text, scope).Parse();
}

bool NeedsAllPairs(const Condition& condition, const std::string& baseline) {
  return condition.other && condition.variant != baseline && *condition.other != baseline;
}

}  // namespace actium::cli
