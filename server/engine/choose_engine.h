#ifndef ACTIUM_SERVER_ENGINE_CHOOSE_ENGINE_H_
#define ACTIUM_SERVER_ENGINE_CHOOSE_ENGINE_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "server/engine/executor.h"
#include "server/graph/graph.h"

namespace actium::engine {

/// Makes a model that runs a graph in fused steps. Thread-safe.
using FuseModel = std::function<absl::StatusOr<std::shared_ptr<LoadedModel>>(
    graph::Graph graph, const Signature& signature, const ModelFacts& facts)>;

/// Returns a loader that loads with the reference engine and then, where the model can be expressed
/// as a graph, all passes succeed and CheckAgreement() holds, gives the fused model in its place.
/// Otherwise the model runs whole on the reference engine; ModelFacts::not_fused, the description's
/// notes and a line in the log say why: "model_not_fused", a warning, or "model_fused_differs", an
/// error. A model that the reference engine cannot load is not loaded.
std::unique_ptr<ModelLoader> ChooseEngine(std::unique_ptr<ModelLoader> reference, FuseModel fuse);

}  // namespace actium::engine

#endif  // ACTIUM_SERVER_ENGINE_CHOOSE_ENGINE_H_
