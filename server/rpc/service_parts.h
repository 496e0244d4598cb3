#ifndef ACTIUM_SERVER_RPC_SERVICE_PARTS_H_
#define ACTIUM_SERVER_RPC_SERVICE_PARTS_H_

#include <filesystem>
#include <string>
#include <vector>

#include "server/base/cpu_quota.h"
#include "server/batching/device_pools.h"
#include "server/engine/accelerator.h"
#include "server/inference/inference_core.h"
#include "server/observe/statistics.h"
#include "server/repository/model_repository.h"
#include "server/rpc/in_flight.h"
#include "server/rpc/readiness.h"

namespace actium::rpc {

/// Facts of the process that do not change.
struct ServerFacts {
  std::string version;  ///< As "0.1.0".
  base::CpuQuota cpu;
  int intra_op_threads = 1;
  engine::Device device;  ///< What runs models whose configuration leaves it open.
  std::vector<engine::DeviceFacts> gpus;
  base::TimePoint started;
};

/// What the services answer from. Everything outlives them.
struct ServiceParts {
  inference::InferenceCore& core;
  const repository::ModelRepository& repository;
  batching::DevicePools& pools;
  const observe::Statistics& statistics;
  const Readiness& readiness;
  InFlight& in_flight;
  std::filesystem::path comparison_data;  ///< Folder of data sets; empty: there is none.
  ServerFacts facts;
};

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_SERVICE_PARTS_H_
