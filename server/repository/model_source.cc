#include "server/repository/model_source.h"

#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "server/base/status_macros.h"
#include "server/repository/config_text.h"
#include "server/repository/file_digest.h"
#include "server/repository/labels.h"
#include "server/repository/signature_json.h"
#include "server/repository/version_policy.h"

namespace actium::repository {
namespace {

constexpr std::string_view kConfigFile = "config.pbtxt";
constexpr std::string_view kMetadata = "actium.json";

/// What to do about a model of which nothing says what it takes and gives.
absl::Status NoSignature(const ModelFolder& folder, const std::filesystem::path& relative,
                         bool has_config) {
  return absl::FailedPreconditionError(fmt::format(
      "{}, and {} carries no \"{}\": declare the inputs and outputs in {}/{}; "
      "`actium init-config {}/{} --input SHAPE` (as 3,224,224) drafts it",
      has_config ? "config.pbtxt declares no input and no output" : "there is no config.pbtxt",
      relative.string(), kMetadata, folder.name, kConfigFile, folder.name, relative.string()));
}

}  // namespace

absl::StatusOr<ModelSource> ModelSource::Read(ModelFolder folder, bool require_config) {
  ACTIUM_RETURN_IF_ERROR(folder.status);
  ModelSource source;
  source.folder_ = std::move(folder);
  const absl::StatusOr<std::filesystem::path> file = ResolveFile(source.folder_, kConfigFile);
  if (file.ok()) {
    ACTIUM_ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(*file, kMostConfigBytes));
    ACTIUM_ASSIGN_OR_RETURN(source.config_, ParseModelConfig(text, kConfigFile));
    source.has_config_ = true;
  } else if (!absl::IsNotFound(file.status())) {
    return file.status();
  } else if (require_config) {
    return absl::NotFoundError(
        fmt::format("there is no {}, and the server requires one", kConfigFile));
  }
  return source;
}

absl::StatusOr<std::vector<int64_t>> ModelSource::ServedVersions(
    engine::ModelLoader& loader) const {
  VersionPolicy policy;
  if (config_.input().empty() && config_.output().empty()) {
    // Versions may differ in their signature, but not in the rest.
    ACTIUM_ASSIGN_OR_RETURN(const VersionPlan newest, Settle(folder_.versions.back(), loader));
    policy = newest.settings.versions;
  } else {
    ACTIUM_ASSIGN_OR_RETURN(const ModelSettings settings,
                            MakeSettings(config_, folder_.name, kConfigFile));
    policy = settings.versions;
  }
  VersionChoice choice = ChooseVersions(policy, folder_.versions);
  if (choice.missing.empty()) return std::move(choice.served);
  return absl::NotFoundError(
      fmt::format("version_policy.specific.versions must name version folders that exist, got {}; "
                  "there are: {}",
                  fmt::join(choice.missing, ", "), fmt::join(folder_.versions, ", ")));
}

absl::StatusOr<VersionPlan> ModelSource::Plan(int64_t version, engine::ModelLoader& loader) const {
  ACTIUM_ASSIGN_OR_RETURN(VersionPlan plan, Settle(version, loader));
  ACTIUM_ASSIGN_OR_RETURN(plan.sha256, Sha256OfFile(plan.file));
  return plan;
}

absl::StatusOr<VersionPlan> ModelSource::Settle(int64_t version,
                                                engine::ModelLoader& loader) const {
  VersionPlan plan{.version = version, .file = {}, .sha256 = {}, .settings = {}, .labels = {}};
  ::inference::ModelConfig config = config_;
  const std::string filename =
      config.default_model_filename().empty() ? "model.pt" : config.default_model_filename();
  const auto relative = std::filesystem::path(fmt::format("{}", version)) / filename;
  std::string where(kConfigFile);

  if (config.input().empty() && config.output().empty()) {
    ACTIUM_ASSIGN_OR_RETURN(plan.file, ResolveFile(folder_, relative));
    ACTIUM_ASSIGN_OR_RETURN(const std::optional<std::string> text, loader.ReadMetadata(plan.file));
    if (!text) return NoSignature(folder_, relative, has_config_);
    where = fmt::format("{}{}: {}", has_config_ ? "config.pbtxt with " : "", relative.string(),
                        kMetadata);
    ACTIUM_ASSIGN_OR_RETURN(EmbeddedSignature embedded, ParseSignatureJson(*text, where));
    if (AdoptSignature(embedded, config)) plan.labels = std::move(embedded.labels);
  }
  ACTIUM_ASSIGN_OR_RETURN(plan.settings, MakeSettings(config, folder_.name, where));
  ACTIUM_ASSIGN_OR_RETURN(plan.file, ResolveFile(folder_, relative));
  for (const std::string& name : plan.settings.label_filenames) {
    if (!name.empty()) ACTIUM_RETURN_IF_ERROR(ResolveFile(folder_, name).status());
  }
  ACTIUM_ASSIGN_OR_RETURN(auto from_files, ReadLabels(plan.settings, folder_.path));
  plan.labels.resize(from_files.size());
  for (size_t i = 0; i < from_files.size(); ++i) {
    if (!from_files[i].empty()) plan.labels[i] = std::move(from_files[i]);
  }
  return plan;
}

}  // namespace actium::repository
