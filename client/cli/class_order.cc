#include "client/cli/class_order.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "server/base/quote.h"

namespace actium::cli {
namespace {

constexpr size_t kMostNamed = 10;

std::optional<int32_t> Find(const std::vector<std::string>& labels, const std::string& name) {
  auto found = std::ranges::find(labels, name);
  if (found == labels.end()) {
    found = std::ranges::find_if(labels, [&](std::string label) {
      std::ranges::replace(label, '/', '_');
      return label == name;
    });
  }
  if (found == labels.end()) return std::nullopt;
  return static_cast<int32_t>(found - labels.begin());
}

std::string Quoted(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (size_t i = 0; i < std::min(names.size(), kMostNamed); ++i) {
    quoted.push_back(base::Quote(names[i]));
  }
  return fmt::format("{}{}", fmt::join(quoted, ", "), names.size() > kMostNamed ? ", ..." : "");
}

}  // namespace

absl::StatusOr<ClassOrder> OrderClasses(const std::vector<std::string>& names,
                                        const std::vector<std::string>& labels) {
  ClassOrder order;
  std::vector<std::string> strangers;
  std::map<int32_t, std::string> taken;
  for (const std::string& name : names) {
    const auto found = Find(labels, name);
    if (!found) {
      strangers.push_back(name);
      continue;
    }
    order.model_class.push_back(*found);
    if (const auto [other, is_new] = taken.emplace(*found, name); !is_new) {
      return absl::InvalidArgumentError(
          fmt::format("classes {} and {} of the data are the same label of the model, {}",
                      base::Quote(other->second), base::Quote(name),
                      base::Quote(labels[static_cast<size_t>(*found)])));
    }
  }
  order.by_labels = strangers.empty() && !names.empty();
  if (order.by_labels) return order;
  if (!order.model_class.empty()) {
    return absl::InvalidArgumentError(fmt::format(
        "classes {} of the data are no labels of the model, while others are; its labels are {}",
        Quoted(strangers), Quoted(labels)));
  }
  order.model_class.resize(names.size());
  std::iota(order.model_class.begin(), order.model_class.end(), 0);
  return order;
}

}  // namespace actium::cli
