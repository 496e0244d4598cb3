#ifndef ACTIUM_SERVER_REPOSITORY_HANDLE_H_
#define ACTIUM_SERVER_REPOSITORY_HANDLE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "inference/model_config.pb.h"
#include "server/batching/device_pool.h"
#include "server/batching/model_queue.h"
#include "server/engine/executor.h"
#include "server/observe/outcome.h"

namespace actium::repository {

/// One ready version of a model. Immutable.
struct ServedModel {
  std::shared_ptr<const observe::ModelRef> ref;
  engine::Signature signature;
  ::inference::ModelConfig config;  ///< As ModelConfig answers it: completed with what was derived.
  /// For each of the signature's outputs the labels of its classes; empty without a label file.
  std::vector<std::vector<std::string>> labels;
  batching::DevicePool* pool = nullptr;         ///< Of the device that it runs on; outlives it.
  bool device_required = false;                 ///< Its configuration lets it run nowhere else.
  std::shared_ptr<batching::ModelQueue> queue;  ///< In that pool.
};

/// Pins a version: while one is held, the version stays loaded and its queue answers. Destroyed on
/// any thread, cheaply: what it was the last to hold is torn down on the reaper thread.
using ModelHandle = std::shared_ptr<const ServedModel>;

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_HANDLE_H_
