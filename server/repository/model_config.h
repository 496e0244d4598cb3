#ifndef ACTIUM_SERVER_REPOSITORY_MODEL_CONFIG_H_
#define ACTIUM_SERVER_REPOSITORY_MODEL_CONFIG_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "inference/model_config.pb.h"
#include "server/batching/model_queue.h"
#include "server/engine/executor.h"
#include "server/repository/placement.h"

namespace actium::repository {

/// Which of a model's version folders are served.
struct VersionPolicy {
  enum class Kind { kLatest, kAll, kSpecific };
  Kind kind = Kind::kLatest;
  int latest = 1;                 ///< kLatest: so many of the highest numbers, >= 1.
  std::vector<int64_t> specific;  ///< kSpecific: these, ascending, each >= 1; not empty.
};

/// What a configuration means to the server.
struct ModelSettings {
  ::inference::ModelConfig config;  ///< Completed with what was derived; as ModelConfig answers it.
  engine::Signature signature;
  batching::QueueOptions queue;
  Placement placement;
  VersionPolicy versions;
  std::string model_filename;  ///< In each version's folder: a name without "/".
  /// For each output the label file, relative to the model's folder and inside it; empty: none.
  std::vector<std::string> label_filenames;
  std::vector<std::string> warnings;  ///< For the log: settings that have no effect.
};

/// Checks a configuration and derives the settings; docs/model-config.md has every field's rule.
///
/// folder: name of the model's folder, which is the model's name. where: the file's name as
/// messages shall show it. Errors: INVALID_ARGUMENT with all problems (20 at most) in one line,
/// each naming field, rule and value: `config.pbtxt: max_batch_size must be in [0, 65536], got -3;
/// input 'x': …`.
absl::StatusOr<ModelSettings> MakeSettings(const ::inference::ModelConfig& config,
                                           std::string_view folder, std::string_view where);

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_MODEL_CONFIG_H_
