#include "server/libtorch/program_facts.h"

#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include "ATen/core/Tensor.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "server/base/sha256.h"
#include "server/libtorch/for_each_node.h"
#include "torch/csrc/jit/api/module.h"
#include "torch/csrc/jit/ir/constants.h"
#include "torch/csrc/jit/ir/ir.h"
#include "torch/csrc/jit/passes/inliner.h"

namespace actium::libtorch {
namespace {

using torch::jit::Graph;
using torch::jit::Node;
using Weights = std::map<std::string, at::Tensor>;

// True of lists, tuples, dictionaries and objects with a tensor inside, and of any object: what it
// holds is not known.
bool HoldsTensors(const c10::IValue& value) {
  bool found = false;
  value.visit([&](const c10::IValue& part) {
    found = found || (part.isTensor() && part.toTensor().defined()) || part.isObject();
    return found;
  });
  return found;
}

// Nothing if something that is no tensor may hold weights too.
std::optional<Weights> TensorAttributes(const torch::jit::Module& script) {
  Weights weights;
  for (const auto& attribute : script.named_attributes(/*recurse=*/true)) {
    if (attribute.value.isTensor() && attribute.value.toTensor().defined()) {
      weights.emplace(attribute.name, attribute.value.toTensor());
    } else if (!attribute.value.isModule() && HoldsTensors(attribute.value)) {
      return std::nullopt;
    }
  }
  return weights;
}

Weights TensorConstants(const torch::jit::Module& script) {
  Weights weights;
  ForEachNode(*script.get_method("forward").graph()->block(), [&](const Node& node) {
    if (node.kind() != c10::prim::Constant) return;
    const auto value = torch::jit::toIValue(node.output());
    if (!value || !value->isTensor() || !value->toTensor().defined()) return;
    // A single number is a part of a formula, as a slope, and no weight.
    if (value->toTensor().numel() == 1) return;
    weights.emplace(fmt::format("constant{:08}", weights.size()), value->toTensor());
  });
  return weights;
}

bool IsPlain(const at::Tensor& tensor) {
  return tensor.layout() == c10::kStrided && tensor.device().is_cpu() && !tensor.is_quantized();
}

void Add(const std::string& name, const at::Tensor& tensor, base::Sha256& digest) {
  const at::Tensor dense = tensor.detach().resolve_conj().resolve_neg().contiguous();
  digest.UpdateText(name);
  digest.UpdateText(c10::toString(dense.scalar_type()));
  digest.UpdateText(fmt::format("{}", fmt::join(dense.sizes(), ",")));
  digest.Update({static_cast<const std::byte*>(dense.const_data_ptr()), dense.nbytes()});
}

std::string Digest(const Weights& weights) {
  base::Sha256 digest;
  for (const auto& [name, tensor] : weights) {
    if (!IsPlain(tensor)) return "";
    Add(name, tensor, digest);
  }
  return weights.empty() ? "" : digest.Finish();
}

void Count(const at::Tensor& tensor, bool learned, engine::ModelFacts& facts) {
  const auto bytes = static_cast<int64_t>(tensor.nbytes());
  if (learned) facts.learned_parameters += tensor.numel();
  (learned ? facts.parameter_bytes : facts.buffer_bytes) += bytes;
}

bool IsConvolution(const Node& node) {
  const std::string_view name = node.kind().toQualString();
  return name == "aten::conv1d" || name == "aten::conv2d" || name == "aten::conv3d" ||
         name == "aten::convolution" || name == "aten::_convolution";
}

bool IsBatchNorm(const Node& node) {
  return std::string_view(node.kind().toQualString()) == "aten::batch_norm";
}

std::string SiteOf(const Node& node) {
  std::string site;
  if (const auto& calls = node.callstack()) {
    for (const auto& call : (*calls)->vec()) site = CallSite(site, std::get<1>(call));
  }
  return CallSite(site, node.sourceRange());
}

}  // namespace

engine::ModelFacts ReadWeights(const torch::jit::Module& script) {
  engine::ModelFacts facts;
  const std::optional<Weights> attributes = TensorAttributes(script);
  if (!attributes) return facts;
  // Tracing and freezing turn weights into constants of the graph.
  Weights weights = TensorConstants(script);
  for (const auto& [name, tensor] : weights) Count(tensor, tensor.is_floating_point(), facts);
  std::set<std::string> learned;
  for (const auto& parameter : script.named_parameters()) learned.insert(parameter.name);
  for (const auto& [name, tensor] : *attributes) Count(tensor, learned.contains(name), facts);
  weights.insert(attributes->begin(), attributes->end());
  facts.weights_digest = Digest(weights);
  return facts;
}

std::string CallSite(const std::string& outer, const torch::jit::SourceRange& range) {
  std::string place = "?";
  if (const auto position = range.file_line_col()) {
    place = fmt::format("{}:{}", std::get<0>(*position), std::get<1>(*position) + 1);
  }
  return outer.empty() ? place : outer + "|" + place;
}

std::set<std::string> FoldedBatchNorms(const torch::jit::Module& loaded,
                                       const torch::jit::Module& frozen) {
  std::set<std::string> left;
  ForEachNode(*frozen.get_method("forward").graph()->block(), [&](const Node& node) {
    if (IsBatchNorm(node)) left.insert(SiteOf(node));
  });
  const std::shared_ptr<Graph> before = loaded.get_method("forward").graph()->copy();
  torch::jit::Inline(*before);
  std::set<std::string> folded;
  ForEachNode(*before->block(), [&](const Node& node) {
    if (!IsBatchNorm(node) || left.contains(SiteOf(node))) return;
    const Node& source = *node.inputs()[0]->node();
    if (IsConvolution(source)) folded.insert(SiteOf(source));
  });
  return folded;
}

}  // namespace actium::libtorch
