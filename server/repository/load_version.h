#ifndef ACTIUM_SERVER_REPOSITORY_LOAD_VERSION_H_
#define ACTIUM_SERVER_REPOSITORY_LOAD_VERSION_H_

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/batching/device_pools.h"
#include "server/engine/executor.h"
#include "server/repository/handle.h"
#include "server/repository/model_source.h"

namespace actium::repository {

/// A version that is warm, and what that took.
struct WarmVersion {
  std::unique_ptr<ServedModel> served;
  std::chrono::nanoseconds load{0};  ///< Until its instances and their memory existed.
  std::chrono::nanoseconds warm_up{0};
};

/// What versions are loaded with; all of it outlives them.
struct LoadEnvironment {
  engine::ModelLoader& loader;
  batching::DevicePools& pools;
  engine::Device device;  ///< For models whose configuration leaves it open; see TargetOf().
};

/// Loads a version, gives it a queue in the pool of its device and warms it; waits for all of that.
/// On error nothing is left in the pool. Does it once more if its device is abandoned meanwhile and
/// the version may run elsewhere. Logs "model_precision", a warning, if it computes in another
/// precision than its configuration asks for.
///
/// Errors: those of ModelLoader::Load(), DevicePool::Add() and WarmUp().
absl::StatusOr<WarmVersion> LoadVersion(const std::string& model, const VersionPlan& plan,
                                        const LoadEnvironment& environment);

/// Takes a version out of its pool, waits until its requests are answered, and destroys it.
void UnloadVersion(std::unique_ptr<ServedModel> served);

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_LOAD_VERSION_H_
