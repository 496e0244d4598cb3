#ifndef ACTIUM_SERVER_REPOSITORY_PLACEMENT_H_
#define ACTIUM_SERVER_REPOSITORY_PLACEMENT_H_

#include <optional>

#include "inference/model_config.pb.h"
#include "server/engine/target.h"
#include "server/repository/problems.h"

namespace actium::repository {

/// Where a configuration wants its model to run, and how.
struct Placement {
  enum class Kind {
    kAuto,  ///< Where the server runs models that leave it open.
    kCpu,
    kGpu,  ///< On a GPU, or the model is not loaded.
  };
  Kind kind = Kind::kAuto;
  std::optional<int> gpu;  ///< Which one, if it is to be one; >= 0. Unset: the server's.
  engine::Precision precision = engine::Precision::kFp32;
};

/// Returns what instance_group and the parameter "actium.precision" say. What is wrong goes to
/// `problems`, and then the placement is of no use.
Placement CheckPlacement(const ::inference::ModelConfig& config, Problems& problems);

/// Returns where a model with this placement shall run on a server whose models run on `open` where
/// their configuration leaves it open. A CPU in `open` means that there is no GPU, or that none may
/// be used.
engine::Target TargetOf(const Placement& placement, const engine::Device& open);

/// Writes into the configuration where and how the model really runs. instances: of its queue.
void CompletePlacement(const engine::Device& device, std::string_view precision, int instances,
                       ::inference::ModelConfig& config);

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_PLACEMENT_H_
