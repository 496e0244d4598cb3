#include "server/libtorch/binding.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace actium::libtorch {
namespace {

using tensor::TensorSpec;

/// Returns n of "<text>__<n>".
std::optional<int> IndexSuffix(const std::string& name) {
  const size_t mark = name.rfind("__");
  if (mark == std::string::npos || mark == 0) return std::nullopt;
  int index = 0;
  const char* end = name.data() + name.size();
  const auto [parsed, error] = std::from_chars(name.data() + mark + 2, end, index);
  if (error != std::errc{} || parsed != end || index < 0) return std::nullopt;
  return index;
}

/// Returns the indices that all names end in, or nothing if one has none or two have the same.
std::optional<std::vector<int>> IndexSuffixes(std::span<const TensorSpec> specs) {
  std::vector<int> indices;
  for (const TensorSpec& spec : specs) {
    const std::optional<int> index = IndexSuffix(spec.name);
    if (!index || std::ranges::count(indices, *index) > 0) return std::nullopt;
    indices.push_back(*index);
  }
  return indices;
}

std::vector<int> InOrder(size_t count) {
  std::vector<int> order(count);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

std::string Names(std::span<const TensorSpec> specs) {
  std::string names;
  for (const TensorSpec& spec : specs) {
    names += fmt::format("{}'{}'", names.empty() ? "" : ", ", spec.name);
  }
  return names;
}

/// Returns for each of the first specs.size() names where it is in specs, or nothing if one is not.
std::optional<std::vector<int>> ByName(std::span<const TensorSpec> specs,
                                       std::span<const std::string> names) {
  std::vector<int> order;
  for (const std::string& name : names.first(specs.size())) {
    const auto found = std::ranges::find(specs, name, &TensorSpec::name);
    if (found == specs.end()) return std::nullopt;
    order.push_back(static_cast<int>(found - specs.begin()));
  }
  return order;
}

}  // namespace

absl::StatusOr<std::vector<int>> BindInputs(std::span<const TensorSpec> inputs,
                                            std::span<const std::string> argument_names,
                                            int required) {
  const int given = static_cast<int>(inputs.size());
  if (given < required || inputs.size() > argument_names.size()) {
    return absl::InvalidArgumentError(
        fmt::format("the model takes {} inputs ({}), the configuration says {} ({})", required,
                    fmt::join(argument_names, ", "), given, Names(inputs)));
  }
  if (const auto order = ByName(inputs, argument_names)) return *order;
  if (const auto indices = IndexSuffixes(inputs); indices && std::ranges::max(*indices) < given) {
    std::vector<int> order(inputs.size());
    for (int i = 0; i < given; ++i)
      order[static_cast<size_t>((*indices)[static_cast<size_t>(i)])] = i;
    return order;
  }
  return InOrder(inputs.size());
}

absl::StatusOr<std::vector<int>> BindOutputs(std::span<const TensorSpec> outputs, int results) {
  if (static_cast<int>(outputs.size()) > results) {
    return absl::InvalidArgumentError(
        fmt::format("the model gives {} outputs, the configuration says {} ({})", results,
                    outputs.size(), Names(outputs)));
  }
  const auto indices = IndexSuffixes(outputs);
  if (!indices) return InOrder(outputs.size());
  if (const auto largest = std::ranges::max_element(*indices); *largest >= results) {
    const auto& output = outputs[static_cast<size_t>(largest - indices->begin())];
    return absl::InvalidArgumentError(
        fmt::format("output '{}': the model gives {} outputs, the last has index {}", output.name,
                    results, results - 1));
  }
  return *indices;
}

absl::Status CheckOutput(const TensorSpec& output, int64_t batch, tensor::DType given,
                         std::span<const int64_t> given_shape) {
  tensor::Shape expected;
  if (batch > 0) expected.push_back(batch);
  expected.insert(expected.end(), output.shape.begin(), output.shape.end());
  bool fits = given == output.dtype && given_shape.size() == expected.size();
  for (size_t i = 0; fits && i < expected.size(); ++i) {
    fits = expected[i] == tensor::kAnySize || expected[i] == given_shape[i];
  }
  if (fits) return absl::OkStatus();

  if (batch > 0) expected[0] = tensor::kAnySize;
  return absl::InvalidArgumentError(
      fmt::format("output '{}': the model gives {} {}{}, the configuration says {} {}", output.name,
                  tensor::Name(given), tensor::ToString(given_shape),
                  batch > 0 ? fmt::format(" for a batch of {}", batch) : "",
                  tensor::Name(output.dtype), tensor::ToString(expected)));
}

}  // namespace actium::libtorch
