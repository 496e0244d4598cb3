#include "server/repository/model_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/repository/check_scheduling.h"
#include "server/repository/check_tensors.h"
#include "server/repository/config_fields.h"
#include "server/repository/problems.h"

namespace actium::repository {
namespace {

using base::Quote;
using ::inference::ModelConfig;

constexpr std::string_view kPlatform = "pytorch_libtorch";
constexpr std::string_view kDefaultBackend = "pytorch";
constexpr std::string_view kOwnBackend = "actium";
constexpr std::string_view kDefaultFilename = "model.pt";
constexpr uint32_t kMostLatest = 1000;

void CheckIdentity(const ModelConfig& config, std::string_view folder, Problems& problems) {
  if (folder.empty() || folder.size() > kMostNameBytes || !base::IsPlainText(folder)) {
    problems.Add(
        "the model's folder must be named in UTF-8 without control characters, at most {} "
        "bytes, got {}",
        kMostNameBytes, Quote(folder));
  }
  if (!config.name().empty() && config.name() != folder) {
    problems.Add("name must be that of the model's folder, {}, got {}", Quote(folder),
                 Quote(config.name()));
  }
  if (!config.platform().empty() && config.platform() != kPlatform) {
    problems.Add("platform must be '{}' or unset, got {}: only TorchScript files are served",
                 kPlatform, Quote(config.platform()));
  }
  if (!config.backend().empty() && config.backend() != kDefaultBackend &&
      config.backend() != kOwnBackend) {
    problems.Add(
        "backend must be '{}' or '{}', or unset, got {}: only TorchScript files are served",
        kDefaultBackend, kOwnBackend, Quote(config.backend()));
  }
}

VersionPolicy CheckVersionPolicy(const ::inference::ModelVersionPolicy& policy,
                                 Problems& problems) {
  VersionPolicy result;
  if (policy.has_all()) result.kind = VersionPolicy::Kind::kAll;
  if (policy.latest().num_versions() > kMostLatest) {
    problems.Add("version_policy.latest.num_versions must be in [0, {}], got {}", kMostLatest,
                 policy.latest().num_versions());
  } else {
    result.latest = std::max(static_cast<int>(policy.latest().num_versions()), 1);
  }
  if (!policy.has_specific()) return result;
  result.kind = VersionPolicy::Kind::kSpecific;
  const auto& versions = policy.specific().versions();
  if (versions.empty()) problems.Add("version_policy.specific.versions must name a version");
  result.specific.assign(versions.begin(), versions.end());
  std::ranges::sort(result.specific);
  result.specific.erase(std::ranges::unique(result.specific).begin(), result.specific.end());
  if (!versions.empty() && result.specific.front() < 1) {
    problems.Add("version_policy.specific.versions must be at least 1, got {}",
                 result.specific.front());
  }
  return result;
}

// A path that stays inside of the folder it starts in.
bool StaysInside(const std::filesystem::path& path) {
  return path.is_relative() && path.has_filename() &&
         std::ranges::none_of(path, [](const auto& part) { return part == ".." || part == "."; });
}

std::string CheckModelFilename(const ModelConfig& config, Problems& problems) {
  const std::string& name = config.default_model_filename();
  if (name.empty()) return std::string(kDefaultFilename);
  const bool plain = base::IsPlainText(name) && name.find('/') == std::string::npos;
  if (!plain || !StaysInside(name)) {
    problems.Add(
        "default_model_filename must be the name of a file in the version's folder, got {}",
        Quote(name));
  }
  return name;
}

std::vector<std::string> CheckLabelFilenames(const ModelConfig& config, Problems& problems) {
  std::vector<std::string> names;
  for (const auto& output : config.output()) {
    const std::string& name = names.emplace_back(output.label_filename());
    if (!name.empty() && (!base::IsPlainText(name) || !StaysInside(name))) {
      problems.Add("output {}: label_filename must be a file inside of the model's folder, got {}",
                   Quote(output.name()), Quote(name));
    }
  }
  return names;
}

// What Triton's PyTorch backend understands, but for INFERENCE_MODE, which is always on here.
constexpr std::string_view kForeignParameters[] = {"DISABLE_CUDNN",
                                                   "DISABLE_OPTIMIZED_EXECUTION",
                                                   "ENABLE_CACHE_CLEANING",
                                                   "ENABLE_JIT_EXECUTOR",
                                                   "ENABLE_JIT_PROFILING",
                                                   "ENABLE_TENSOR_FUSER",
                                                   "ENABLE_WEIGHT_SHARING",
                                                   "INTER_OP_THREAD_COUNT",
                                                   "INTRA_OP_THREAD_COUNT",
                                                   "NUM_INTEROP_THREADS",
                                                   "NUM_THREADS"};

std::vector<std::string> ApplyFieldRules(const ModelConfig& config, Problems& problems) {
  const FieldFindings findings = CheckFields(config);
  for (const std::string& refused : findings.refused) problems.Add("{}", refused);
  std::vector<std::string> ignored(findings.ignored.begin(), findings.ignored.end());
  for (const std::string_view name : kForeignParameters) {
    if (config.parameters().contains(std::string(name))) {
      ignored.push_back(fmt::format("parameters.{}", name));
    }
  }
  if (ignored.empty()) return {};
  return {fmt::format("no effect: {}", fmt::join(ignored, ", "))};
}

void Complete(std::string_view folder, ModelSettings& settings) {
  ModelConfig& config = settings.config;
  config.set_name(std::string(folder));
  config.set_platform(std::string(kPlatform));
  if (config.backend().empty()) config.set_backend(std::string(kDefaultBackend));
  config.set_default_model_filename(settings.model_filename);
  if (settings.versions.kind == VersionPolicy::Kind::kLatest) {
    config.mutable_version_policy()->mutable_latest()->set_num_versions(
        static_cast<uint32_t>(settings.versions.latest));
  }
  CompleteScheduling(settings.queue, config);
}

}  // namespace

absl::StatusOr<ModelSettings> MakeSettings(const ModelConfig& config, std::string_view folder,
                                           std::string_view where) {
  Problems problems;
  ModelSettings settings;
  settings.config = config;
  CheckIdentity(config, folder, problems);
  settings.signature = CheckTensors(config, problems);
  settings.queue = CheckScheduling(config, problems);
  settings.placement = CheckPlacement(config, problems);
  settings.versions = CheckVersionPolicy(config.version_policy(), problems);
  settings.model_filename = CheckModelFilename(config, problems);
  settings.label_filenames = CheckLabelFilenames(config, problems);
  settings.warnings = ApplyFieldRules(config, problems);
  ACTIUM_RETURN_IF_ERROR(problems.ToStatus(where));
  Complete(folder, settings);
  return settings;
}

}  // namespace actium::repository
