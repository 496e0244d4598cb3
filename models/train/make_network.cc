#include "models/train/trainer.h"
#include "models/zoo/plain_cnn.h"
#include "models/zoo/residual_cnn.h"
#include "server/base/status_macros.h"

namespace actium::train {

absl::StatusOr<std::shared_ptr<zoo::Network>> MakeNetwork(const Recipe& recipe) {
  ACTIUM_RETURN_IF_ERROR(Validate(recipe));
  ACTIUM_ASSIGN_OR_RETURN(const zoo::ActivationChoice activation,
                          zoo::ParseActivation(recipe.activation));
  const zoo::InitOptions init = {.mode = recipe.init == "torch"
                                             ? zoo::InitMode::kTorchDefault
                                             : zoo::InitMode::kVariancePreserving,
                                 .scale = recipe.init_scale};
  if (recipe.arch == "residual") {
    return zoo::ResidualCnn::Create({.activation = activation, .norm = recipe.norm, .init = init},
                                    recipe.seed);
  }
  return zoo::PlainCnn::Create({.activation = activation, .norm = recipe.norm, .init = init},
                               recipe.seed);
}

}  // namespace actium::train
