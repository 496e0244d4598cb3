#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "server/base/quote.h"
#include "server/graph/passes.h"

namespace actium::graph {
namespace {

constexpr Pass kPasses[] = {
    {"fold_padding", FoldPadding},
    {"fold_batch_norm", FoldBatchNorm},
    {"fuse_pointwise", FusePointwise},
    {"fuse_epilogue", FuseEpilogue},
};

absl::Status CheckNames(const std::set<std::string>& names) {
  for (const std::string& name : names) {
    if (std::ranges::find(kPasses, name, &Pass::name) != std::end(kPasses)) continue;
    std::vector<std::string_view> known;
    for (const Pass& pass : kPasses) known.push_back(pass.name);
    return absl::InvalidArgumentError(
        fmt::format("a pass must be one of {}, got {}", fmt::join(known, ", "), base::Quote(name)));
  }
  return absl::OkStatus();
}

}  // namespace

std::span<const Pass> Passes() { return kPasses; }

absl::StatusOr<Graph> RunPasses(const Graph& graph, const std::set<std::string>& disabled) {
  if (absl::Status known = CheckNames(disabled); !known.ok()) return known;
  Graph now = graph;
  for (const Pass& pass : kPasses) {
    if (disabled.contains(std::string(pass.name))) continue;
    absl::StatusOr<Graph> next = pass.run(now);
    if (!next.ok()) {
      return absl::Status(next.status().code(), fmt::format("pass {}: {}", pass.name,
                                                            std::string(next.status().message())));
    }
    now = *std::move(next);
  }
  return now;
}

}  // namespace actium::graph
