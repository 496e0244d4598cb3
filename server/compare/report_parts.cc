#include "server/compare/report_parts.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "server/compare/shared_weights.h"
#include "server/stats/verdict.h"

namespace actium::compare {

v1::AccuracyVerdict JudgeAccuracy(const stats::Interval& simultaneous, double margin) {
  switch (stats::JudgeDifference(simultaneous, margin)) {
    case stats::Verdict::kEquivalent:
      return v1::ACCURACY_VERDICT_EQUIVALENT;
    case stats::Verdict::kHigher:
      return v1::ACCURACY_VERDICT_BETTER;
    case stats::Verdict::kLower:
      return v1::ACCURACY_VERDICT_WORSE;
    case stats::Verdict::kUndecided:
      break;
  }
  return v1::ACCURACY_VERDICT_UNDECIDED;
}

void FillLabels(std::span<const Variant> variants, int classes,
                google::protobuf::RepeatedPtrField<std::string>& labels) {
  for (const Variant& variant : variants) {
    for (const auto& own : variant.model->labels) {
      if (own.size() != static_cast<size_t>(classes)) continue;
      labels.Add(own.begin(), own.end());
      return;
    }
  }
}

namespace {

// Names of a variant's classes: of its first output that has any.
std::span<const std::string> LabelsOf(const Variant& variant) {
  for (const auto& labels : variant.model->labels) {
    if (!labels.empty()) return labels;
  }
  return {};
}

std::string DeviceOf(const Variant& variant) { return engine::Name(variant.model->pool->device()); }

bool LabelsDiffer(const Variant& first, const Variant& second) {
  const auto own = LabelsOf(first);
  const auto other = LabelsOf(second);
  return !own.empty() && !other.empty() && !std::ranges::equal(own, other);
}

}  // namespace

void WarnOfVariants(std::span<const Variant> variants,
                    google::protobuf::RepeatedPtrField<std::string>& warnings) {
  for (size_t i = 0; i < variants.size(); ++i) {
    if (LabelsDiffer(variants.front(), variants[i])) {
      *warnings.Add() = fmt::format(
          "{} and {} name their classes otherwise: the same number may be another class",
          variants.front().name, variants[i].name);
    }
    if (variants[i].model->pool != variants.front().model->pool) {
      *warnings.Add() = fmt::format(
          "{} runs on {}, {} on {}: times compare the devices too, and numbers their arithmetic",
          variants.front().name, DeviceOf(variants.front()), variants[i].name,
          DeviceOf(variants[i]));
    }
    for (size_t j = 0; j < i; ++j) {
      if (variants[i].model->ref->sha256 != variants[j].model->ref->sha256) continue;
      *warnings.Add() =
          fmt::format("{} and {} are the same file", variants[j].name, variants[i].name);
    }
  }
  for (std::string& warning : WeightWarnings(variants)) *warnings.Add() = std::move(warning);
}

}  // namespace actium::compare
