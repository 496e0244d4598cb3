#ifndef ACTIUM_SERVER_ENGINE_CHOOSE_ENGINE_H_
#define ACTIUM_SERVER_ENGINE_CHOOSE_ENGINE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/engine/accelerator.h"
#include "server/engine/executor.h"
#include "server/graph/graph.h"

namespace actium::engine {

/// Makes a model that runs a graph in fused steps on the CPU. Thread-safe.
using FuseModel = std::function<absl::StatusOr<std::shared_ptr<LoadedModel>>(
    graph::Graph graph, const Signature& signature, const ModelFacts& facts)>;

/// The engines that a server has besides the reference.
struct Engines {
  FuseModel fuse{};                            ///< Null: none, the reference serves on the CPU.
  std::shared_ptr<Accelerator> accelerator{};  ///< Null: there is no GPU.
  std::string no_accelerator{};                ///< If it is null: why.
};

/// Returns a loader that loads with the reference engine, which is always on the CPU, and then
/// gives the first of these models that can be made and holds CheckAgreement() with the reference:
///
///   1. the accelerator's, for a target that is no CPU and has not failed;
///   2. the fused one, if there is `fuse`;
///   3. the reference itself, which runs the model op by op.
///
/// If it is not 1 and the target requires it, loading fails with FAILED_PRECONDITION; otherwise
/// ModelFacts::not_on_gpu, the description's notes and "model_not_on_gpu" in the log, a warning,
/// say why. If it is 3 and there is `fuse`, ModelFacts::not_fused, the notes and the log do:
/// "model_not_fused", a warning, or "model_fused_differs", an error. A model that the reference
/// engine cannot load is not loaded.
std::unique_ptr<ModelLoader> ChooseEngine(std::unique_ptr<ModelLoader> reference, Engines engines);

}  // namespace actium::engine

#endif  // ACTIUM_SERVER_ENGINE_CHOOSE_ENGINE_H_
