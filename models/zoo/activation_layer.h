#ifndef ACTIUM_MODELS_ZOO_ACTIVATION_LAYER_H_
#define ACTIUM_MODELS_ZOO_ACTIVATION_LAYER_H_

#include <torch/torch.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/activation/table.h"

namespace actium::zoo {

/// Which activation a network uses between its layers.
struct ActivationChoice {
  activation::Activation id = activation::Activation::kRelu;
  bool shared_slope = false;  ///< PReLU only: one learned slope a layer, not one a channel.
};

/// Returns the names that ParseActivation() takes, besides the table's aliases: those of all
/// activations in the table's order, then "prelu_shared", PReLU with one slope a layer.
std::vector<std::string> ActivationNames();

/// Returns the choice of a name or alias.
///
/// Errors: INVALID_ARGUMENT lists the names.
absl::StatusOr<ActivationChoice> ParseActivation(const std::string& name);

/// One activation inside a network, with the table's default parameters. PReLU's slope is learned;
/// it is the parameter "slope", of size channels or 1.
class ActivationLayer : public torch::nn::Module {
 public:
  /// channels: of the tensors to come, in dimension 1.
  ActivationLayer(const ActivationChoice& choice, int64_t channels);

  torch::Tensor forward(const torch::Tensor& x);

  /// Returns the same as a TorchScript expression of the tensor expression `x`, written with
  /// torch's function for it, so that any importer recognises it. self: the expression for this
  /// layer.
  std::string ScriptOf(const std::string& x, const std::string& self) const;

 private:
  const activation::Activation id_;
  torch::Tensor slope_;  // Undefined but for PReLU.
};

}  // namespace actium::zoo

#endif  // ACTIUM_MODELS_ZOO_ACTIVATION_LAYER_H_
