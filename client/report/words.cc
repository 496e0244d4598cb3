#include "client/report/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace actium::report {
namespace {

void AddOnce(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

}  // namespace

std::string WordOf(v1::AccuracyVerdict verdict) {
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
      return "";
  }
}

std::string WordOf(v1::LatencyVerdict verdict) {
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
      return "";
  }
}

v1::AccuracyVerdict Mirrored(v1::AccuracyVerdict verdict) {
  if (verdict == v1::ACCURACY_VERDICT_BETTER) return v1::ACCURACY_VERDICT_WORSE;
  if (verdict == v1::ACCURACY_VERDICT_WORSE) return v1::ACCURACY_VERDICT_BETTER;
  return verdict;
}

v1::LatencyVerdict Mirrored(v1::LatencyVerdict verdict) {
  if (verdict == v1::LATENCY_VERDICT_FASTER) return v1::LATENCY_VERDICT_SLOWER;
  if (verdict == v1::LATENCY_VERDICT_SLOWER) return v1::LATENCY_VERDICT_FASTER;
  return verdict;
}

std::string Number(double value, int decimals, bool sign) {
  if (std::isnan(value)) return "–";
  if (std::isinf(value)) return value > 0 ? (sign ? "+∞" : "∞") : "−∞";
  std::string text =
      sign ? fmt::format("{:+.{}f}", value, decimals) : fmt::format("{:.{}f}", value, decimals);
  if (text.front() == '-') text.replace(0, 1, "−");
  return text;
}

std::string Range(const v1::Estimate& estimate, double scale, int decimals, bool sign) {
  return fmt::format("{} to {}", Number(scale * estimate.lower(), decimals, sign),
                     Number(scale * estimate.upper(), decimals, sign));
}

std::string PValue(double p) { return p < 0.0001 ? "< 0.0001" : Number(p, 4); }

std::string LoadName(int batch_size, int concurrency) {
  // Reports of servers that know no concurrency leave it at 0.
  if (concurrency <= 1) return fmt::format("batch {}", batch_size);
  return fmt::format("batch {}, {} at once", batch_size, concurrency);
}

std::string Sentence(std::string text, const std::vector<std::string>& names) {
  if (text.empty()) return text;
  const bool begins_with_name = std::any_of(
      names.begin(), names.end(), [&](const std::string& name) { return text.starts_with(name); });
  if (!begins_with_name && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  if (text.back() != '.') text += '.';
  return text;
}

std::vector<std::string> VariantNames(const Inputs& inputs) {
  std::vector<std::string> names;
  if (inputs.accuracy != nullptr) {
    for (const auto& variant : inputs.accuracy->variants()) AddOnce(names, variant.variant());
  }
  if (inputs.latency != nullptr) {
    for (const auto& cell : inputs.latency->cells()) AddOnce(names, cell.variant());
  }
  if (inputs.seeds != nullptr) {
    for (const auto& variant : inputs.seeds->variants()) AddOnce(names, variant.variant());
  }
  return names;
}

}  // namespace actium::report
