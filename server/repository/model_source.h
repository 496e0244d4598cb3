#ifndef ACTIUM_SERVER_REPOSITORY_MODEL_SOURCE_H_
#define ACTIUM_SERVER_REPOSITORY_MODEL_SOURCE_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "inference/model_config.pb.h"
#include "server/engine/executor.h"
#include "server/repository/layout.h"
#include "server/repository/model_config.h"

namespace actium::repository {

/// What one version is to be: all that can be known before its file is loaded.
struct VersionPlan {
  int64_t version = 0;
  std::filesystem::path file;  ///< The model file, links resolved.
  std::string sha256;          ///< Of the file's bytes, lower-case hexadecimal.
  ModelSettings settings;
  std::vector<std::vector<std::string>> labels;  ///< As ServedModel::labels.
};

/// A model's folder with its configuration. Immutable.
class ModelSource {
 public:
  /// Reads config.pbtxt, if there is one.
  ///
  /// require_config: refuse a folder without it.
  /// Errors: folder.status, INVALID_ARGUMENT, NOT_FOUND (require_config).
  static absl::StatusOr<ModelSource> Read(ModelFolder folder, bool require_config);

  const ModelFolder& folder() const { return folder_; }

  /// Returns which versions its policy serves; of folders that it lacks, the error.
  ///
  /// loader: reads the signature from the newest model file where config.pbtxt has none.
  /// Errors: those of Plan(), but for the configuration only.
  absl::StatusOr<std::vector<int64_t>> ServedVersions(engine::ModelLoader& loader) const;

  /// Reads what belongs to one version. Cost: reads the model file once.
  ///
  /// Errors: NOT_FOUND (a file is missing), INVALID_ARGUMENT (configuration, embedded signature or
  /// labels); FAILED_PRECONDITION if neither config.pbtxt nor the model file says what its inputs
  /// and outputs are: tells what to write.
  absl::StatusOr<VersionPlan> Plan(int64_t version, engine::ModelLoader& loader) const;

 private:
  /// Settings, file and labels, without the checksum.
  absl::StatusOr<VersionPlan> Settle(int64_t version, engine::ModelLoader& loader) const;

  ModelFolder folder_;
  ::inference::ModelConfig config_;  // Empty without config.pbtxt.
  bool has_config_ = false;
};

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_MODEL_SOURCE_H_
