#ifndef ACTIUM_SERVER_REPOSITORY_LOAD_VERSION_H_
#define ACTIUM_SERVER_REPOSITORY_LOAD_VERSION_H_

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/batching/device_pool.h"
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

/// Loads a version, gives it a queue in the pool and warms it; waits for all of that. On error
/// nothing is left in the pool.
///
/// Errors: those of ModelLoader::Load(), DevicePool::Add() and WarmUp().
absl::StatusOr<WarmVersion> LoadVersion(const std::string& model, const VersionPlan& plan,
                                        engine::ModelLoader& loader, batching::DevicePool& pool);

/// Takes a version out of the pool, waits until its requests are answered, and destroys it.
void UnloadVersion(std::unique_ptr<ServedModel> served, batching::DevicePool& pool);

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_LOAD_VERSION_H_
