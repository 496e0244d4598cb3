#include "server/compare/shared_weights.h"

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "server/engine/description.h"

namespace actium::compare {
namespace {

const engine::ModelFacts& FactsOf(const Variant& variant) {
  return variant.model->queue->model().facts();
}

bool ShareWeights(const Variant& a, const Variant& b) {
  const std::string& digest = FactsOf(a).weights_digest;
  return !digest.empty() && digest == FactsOf(b).weights_digest &&
         a.model->ref->sha256 != b.model->ref->sha256;
}

// "relu", "mish and sigmoid", or "an unknown activation".
std::string ActivationsOf(const Variant& variant) {
  const auto& names = FactsOf(variant).activations;
  return names.empty() ? "an unknown activation" : fmt::format("{}", fmt::join(names, " and "));
}

std::string Warning(const Variant& first, const Variant& second) {
  const std::string common =
      fmt::format("{} and {} have the same weights in different files", first.name, second.name);
  const std::string activations = ActivationsOf(first);
  if (activations == ActivationsOf(second)) {
    return fmt::format("{} ({} in both): what differs is not what training has found", common,
                       activations);
  }
  return fmt::format(
      "{}: one runs them with {}, the other with {}. Somebody seems to have swapped the activation "
      "without training the network with it, so that this says nothing about the activations",
      common, activations, ActivationsOf(second));
}

}  // namespace

std::vector<std::string> WeightWarnings(std::span<const Variant> variants) {
  std::vector<std::string> warnings;
  for (size_t i = 0; i < variants.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (ShareWeights(variants[j], variants[i])) {
        warnings.push_back(Warning(variants[j], variants[i]));
      }
    }
  }
  return warnings;
}

}  // namespace actium::compare
