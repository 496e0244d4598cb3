#ifndef ACTIUM_SERVER_ENGINE_ACCELERATOR_H_
#define ACTIUM_SERVER_ENGINE_ACCELERATOR_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/engine/executor.h"
#include "server/graph/graph.h"

namespace actium::engine {

/// What people want to know of a device.
struct DeviceFacts {
  std::string name;                ///< As its maker calls it.
  int64_t memory_bytes = 0;        ///< All of it, free or not.
  std::string compute_capability;  ///< As "9.0"; empty: there is no such number.
};

/// How an accelerator chooses among several kernels for a layer.
struct TuningOptions {
  bool measure = true;  ///< At load, on the device; otherwise it takes what should be fastest.
  std::filesystem::path cache = {};  ///< Folder for what was measured; empty: it is not kept.
};

/// The devices of one kind besides the CPU, and the engine that runs graphs on them. Thread-safe.
/// Outlives its models.
class Accelerator {
 public:
  virtual ~Accelerator() = default;

  /// How many there are, >= 1; they are numbered from 0.
  virtual int devices() const = 0;

  /// index: in [0, devices()).
  virtual DeviceFacts facts(int index) const = 0;

  /// False for good once an error was seen that leaves the device useless for this process; then
  /// all runs on it fail. Cheap: it is asked for every health check. index: in [0, devices()).
  virtual bool healthy(int index) const = 0;

  /// Makes a model that runs on target.device, in target.precision or a better one
  /// (LoadedModel::precision() says which).
  ///
  /// graph: after all passes; its inputs and outputs are in the signature's order. target.device:
  /// of this kind, its index in [0, devices()).
  /// Errors: UNIMPLEMENTED names what of the graph it cannot run; RESOURCE_EXHAUSTED (memory),
  /// UNAVAILABLE (the device is not healthy), INTERNAL.
  virtual absl::StatusOr<std::shared_ptr<LoadedModel>> Load(graph::Graph graph,
                                                            const Signature& signature,
                                                            const ModelFacts& facts,
                                                            const Target& target) = 0;
};

}  // namespace actium::engine

#endif  // ACTIUM_SERVER_ENGINE_ACCELERATOR_H_
