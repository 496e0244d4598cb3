#include "server/compare/variants.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "fmt/format.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"

namespace actium::compare {
namespace {

using base::Quote;

absl::StatusOr<Variant> Pin(const repository::ModelRepository& repository,
                            const std::string& name) {
  std::string model = name;
  std::optional<int64_t> version;
  if (const size_t colon = name.rfind(':'); colon != std::string::npos) {
    model = name.substr(0, colon);
    int64_t number = 0;
    if (!absl::SimpleAtoi(name.substr(colon + 1), &number) || number < 1) {
      return absl::InvalidArgumentError(fmt::format(
          "variants: a version must be a whole number of at least 1, got {}", Quote(name)));
    }
    version = number;
  }
  ACTIUM_ASSIGN_OR_RETURN(auto handle, repository.Find(model, version));
  return Variant{.name = name, .model = std::move(handle)};
}

bool SameInputs(const engine::Signature& a, const engine::Signature& b) {
  if ((a.max_batch_size > 0) != (b.max_batch_size > 0)) return false;
  return std::ranges::is_permutation(a.inputs, b.inputs, [](const auto& x, const auto& y) {
    return x.name == y.name && x.dtype == y.dtype && x.shape == y.shape;
  });
}

}  // namespace

absl::StatusOr<std::vector<Variant>> PinVariants(const repository::ModelRepository& repository,
                                                 std::span<const std::string> names) {
  if (names.size() < 2 || names.size() > static_cast<size_t>(kMostVariants)) {
    return absl::InvalidArgumentError(
        fmt::format("variants must be 2 to {} models, got {}", kMostVariants, names.size()));
  }
  std::vector<Variant> variants;
  for (const std::string& name : names) {
    ACTIUM_ASSIGN_OR_RETURN(Variant variant, Pin(repository, name));
    for (const Variant& other : variants) {
      if (other.model == variant.model) {
        return absl::InvalidArgumentError(fmt::format("variants: {} and {} are the same version",
                                                      Quote(other.name), Quote(name)));
      }
    }
    variants.push_back(std::move(variant));
    if (!SameInputs(variants.front().model->signature, variants.back().model->signature)) {
      return absl::InvalidArgumentError(
          fmt::format("variants: {} takes other inputs than {}: a comparison gives the same ones "
                      "to all",
                      Quote(name), Quote(variants.front().name)));
    }
  }
  return variants;
}

absl::StatusOr<int> FindBaseline(std::span<const Variant> variants, const std::string& baseline) {
  if (baseline.empty()) return 0;
  const auto found = std::ranges::find(variants, baseline, &Variant::name);
  if (found != variants.end()) return static_cast<int>(found - variants.begin());
  return absl::InvalidArgumentError(
      fmt::format("baseline must be one of the variants, got {}", Quote(baseline)));
}

int LeastMaxBatchSize(std::span<const Variant> variants) {
  int most = INT32_MAX;
  for (const Variant& variant : variants) {
    most = std::min(most, std::max(1, variant.model->signature.max_batch_size));
  }
  return most;
}

absl::Status InContext(const Variant& variant, const absl::Status& status) {
  return absl::Status(status.code(),
                      fmt::format("{}: {}", Quote(variant.name), std::string(status.message())));
}

}  // namespace actium::compare
