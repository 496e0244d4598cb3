#include "server/repository/placement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <string>
#include <string_view>

#include "server/base/quote.h"

namespace actium::repository {
namespace {

using ::inference::ModelConfig;
using ::inference::ModelInstanceGroup;

constexpr const char* kPrecisionKey = "actium.precision";
constexpr std::string_view kOneDevice =
    "a model version runs on one device; serve the model under two names, or run one server for "
    "each";

void CheckKind(const ModelInstanceGroup& group, int index, Placement& placement,
               Problems& problems) {
  using Kind = Placement::Kind;
  Kind kind = Kind::kAuto;
  switch (group.kind()) {
    case ModelInstanceGroup::KIND_AUTO:
      return;  // Goes with the other groups.
    case ModelInstanceGroup::KIND_CPU:
      kind = Kind::kCpu;
      break;
    case ModelInstanceGroup::KIND_GPU:
      kind = Kind::kGpu;
      break;
    default:
      const std::string& name = ModelInstanceGroup::Kind_Name(group.kind());
      problems.Add("instance_group[{}].kind must be KIND_AUTO, KIND_CPU or KIND_GPU, got {}", index,
                   name.empty() ? fmt::to_string(static_cast<int>(group.kind())) : name);
      return;
  }
  if (placement.kind != Kind::kAuto && placement.kind != kind) {
    problems.Add("instance_group[{}].kind must be that of the groups before, got {}: {}", index,
                 ModelInstanceGroup::Kind_Name(group.kind()), kOneDevice);
  }
  placement.kind = kind;
}

void CheckGpus(const ModelConfig& config, Placement& placement, Problems& problems) {
  std::set<int> gpus;
  for (int i = 0; i < config.instance_group_size(); ++i) {
    const ModelInstanceGroup& group = config.instance_group(i);
    if (group.kind() == ModelInstanceGroup::KIND_CPU && group.gpus_size() > 0) {
      problems.Add("instance_group[{}].gpus must be empty for KIND_CPU, got {}", i, group.gpus(0));
    }
    for (const int gpu : group.gpus()) {
      if (gpu < 0) problems.Add("instance_group[{}].gpus must be at least 0, got {}", i, gpu);
      gpus.insert(gpu);
    }
  }
  if (gpus.size() > 1) {
    problems.Add("instance_group.gpus must name one GPU, got {}: {}", fmt::join(gpus, ", "),
                 kOneDevice);
  }
  if (!gpus.empty()) placement.gpu = *gpus.begin();
}

}  // namespace

Placement CheckPlacement(const ModelConfig& config, Problems& problems) {
  Placement placement;
  for (int i = 0; i < config.instance_group_size(); ++i) {
    CheckKind(config.instance_group(i), i, placement, problems);
  }
  CheckGpus(config, placement, problems);
  const auto parameter = config.parameters().find(kPrecisionKey);
  if (parameter == config.parameters().end()) return placement;
  const std::string& name = parameter->second.string_value();
  if (const auto precision = engine::ParsePrecision(name)) {
    placement.precision = *precision;
  } else {
    problems.Add("parameters.{} must be fp32, tf32, fp16 or bf16, got {}", kPrecisionKey,
                 base::Quote(name));
  }
  return placement;
}

engine::Target TargetOf(const Placement& placement, const engine::Device& open) {
  using enum engine::Device::Kind;
  engine::Target target{.device = open, .required = false, .precision = placement.precision};
  if (placement.kind == Placement::Kind::kGpu) {
    target.device = {.kind = kCuda, .index = open.index};
    target.required = true;
  } else if (placement.kind == Placement::Kind::kCpu) {
    target.device = {};
  }
  if (target.device.kind == kCuda) {
    target.device.index = placement.gpu.value_or(target.device.index);
  }
  return target;
}

void CompletePlacement(const engine::Device& device, std::string_view precision, int instances,
                       ModelConfig& config) {
  if (config.instance_group().empty()) config.add_instance_group()->set_count(instances);
  const bool gpu = device.kind != engine::Device::Kind::kCpu;
  for (ModelInstanceGroup& group : *config.mutable_instance_group()) {
    group.set_kind(gpu ? ModelInstanceGroup::KIND_GPU : ModelInstanceGroup::KIND_CPU);
    group.clear_gpus();
    if (gpu) group.add_gpus(device.index);
  }
  (*config.mutable_parameters())[kPrecisionKey].set_string_value(std::string(precision));
}

}  // namespace actium::repository
