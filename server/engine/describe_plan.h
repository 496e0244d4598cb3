#ifndef ACTIUM_SERVER_ENGINE_DESCRIBE_PLAN_H_
#define ACTIUM_SERVER_ENGINE_DESCRIBE_PLAN_H_

#include <span>
#include <string>
#include <vector>

#include "server/engine/description.h"
#include "server/graph/graph.h"
#include "server/graph/plan.h"
#include "server/tensor/tensor_view.h"

namespace actium::engine {

/// Returns a plan's steps for people, in its order and without times.
///
/// rows: of the plan. algorithms: which way each step was chosen to run; empty texts where there is
/// one way. outputs: of the signature.
std::vector<Step> DescribePlan(const graph::Graph& graph, int rows,
                               std::span<const graph::PlanStep> steps,
                               std::span<const std::string> algorithms,
                               std::span<const tensor::TensorSpec> outputs);

}  // namespace actium::engine

#endif  // ACTIUM_SERVER_ENGINE_DESCRIBE_PLAN_H_
