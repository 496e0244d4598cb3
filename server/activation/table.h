#ifndef ACTIUM_SERVER_ACTIVATION_TABLE_H_
#define ACTIUM_SERVER_ACTIVATION_TABLE_H_

#include <optional>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "server/activation/activation.h"

/// What is known of each activation, in one table: the CLI, docs/activations.md, the model zoo and
/// the tests read it. The arithmetic is in formulas-inl.h, initial weights' gains are in gain.h.
/// Everything here is thread-safe.
namespace actium::activation {

/// A number in a formula that a model chooses or learns.
struct Parameter {
  std::string_view name = {};  ///< As in the formula: "slope".
  double default_value = 0;
  double lowest = 0;   ///< Smallest allowed value.
  double highest = 0;  ///< Largest allowed value.
  bool learned = false;
  std::string_view meaning = {};
};

/// The values that f takes with its default parameters.
struct Range {
  double lower = 0;             ///< May be -infinity.
  double upper = 0;             ///< May be infinity.
  bool lower_attained = false;  ///< Whether f(x) == lower for some real x.
  bool upper_attained = false;
};

enum class Smoothness {
  kKinked,      ///< Continuous, its slope jumps somewhere.
  kOnce,        ///< The slope is continuous, its second derivative jumps.
  kInfinitely,  ///< All derivatives are continuous.
};

/// Where a function that is not monotone turns.
struct Minimum {
  double at = 0;
  double value = 0;
};

/// What others call it. Empty text: it has no name there.
struct ForeignNames {
  std::string_view pytorch =
      {};                       ///< Constructor in torch.nn, with the arguments that make it ours.
  std::string_view onnx = {};   ///< Operator, with the attributes that make it ours.
  int onnx_opset = 0;           ///< First opset that has the operator; 0: none has.
  std::string_view keras = {};  ///< Of Keras 3.
  std::string_view trap = {};   ///< Where one name means two functions; empty: nowhere.
};

/// One activation. Texts are plain UTF-8 in which x is the input and f the value.
struct Row {
  Activation id = Activation::kIdentity;
  std::string_view name =
      {};  ///< The canonical name, as "leaky_relu": in file names, flags and JSON.
  std::string_view title = {};                     ///< For people, as "Leaky ReLU".
  std::span<const std::string_view> aliases = {};  ///< Other names that Find() takes.
  std::string_view formula = {};
  std::string_view derivative = {};
  std::span<const Parameter> parameters = {};
  Range range = {};
  Smoothness smoothness = Smoothness::kInfinitely;
  std::optional<Minimum> minimum = std::nullopt;  ///< Unset: monotone.
  ForeignNames names = {};
  std::string_view reference = {};  ///< Paper; empty: older than any paper worth naming.

  bool monotone() const { return !minimum.has_value(); }
};

/// Returns all rows, one per Activation, in its order.
std::span<const Row> Table();

/// Returns an activation's row.
const Row& Get(Activation id);

/// Returns the row of a name or alias, or null. Case, '_', '-' and blanks do not matter:
/// "LeakyReLU" is leaky_relu.
const Row* Find(std::string_view name);

/// Returns the row of a function of PyTorch's, as "leaky_relu", or of its variant in place,
/// "leaky_relu_": the one whose constructor in torch.nn has that name; null if there is none. Of
/// rows that differ in the constructor's arguments ("gelu") the first. Spelling as for Find().
const Row* FindTorchFunction(std::string_view name);

/// Checks values for an activation's parameters, in the row's order; empty is fine and means the
/// defaults.
///
/// Errors: INVALID_ARGUMENT names the activation, the parameter, its range and the given value.
absl::Status CheckParameters(Activation id, std::span<const double> parameters);

/// Returns f(x).
///
/// parameters: that pass CheckParameters(); broken otherwise. NaN gives NaN, infinities give the
/// limits. The float version computes in float, as a CPU kernel does; its numeric contract is in
/// tests/server/activation/contract.h.
double Evaluate(Activation id, std::span<const double> parameters, double x);
float Evaluate(Activation id, std::span<const double> parameters, float x);

/// Returns f'(x), as Evaluate(). At a kink: what PyTorch's backward takes; Row::derivative says
/// which.
double Derivative(Activation id, std::span<const double> parameters, double x);
float Derivative(Activation id, std::span<const double> parameters, float x);

}  // namespace actium::activation

#endif  // ACTIUM_SERVER_ACTIVATION_TABLE_H_
