#include <array>

#include "server/activation/table.h"
#include "server/activation/with_formula.h"
#include "server/base/status_macros.h"

namespace actium::activation {
namespace {

constexpr size_t kMostParameters = 2;

// Calls body(formula) with the given parameters, or with the defaults if there are none.
template <class T, class Body>
T WithDefaults(Activation id, std::span<const double> parameters, Body body) {
  const std::span<const Parameter> expected = Get(id).parameters;
  if (!parameters.empty()) {
    ACTIUM_CHECK(parameters.size() == expected.size());
    return WithFormula<T>(id, parameters, body);
  }
  std::array<double, kMostParameters> defaults = {};
  ACTIUM_CHECK(expected.size() <= defaults.size());
  for (size_t i = 0; i < expected.size(); ++i) defaults[i] = expected[i].default_value;
  return WithFormula<T>(id, defaults, body);
}

}  // namespace

double Evaluate(Activation id, std::span<const double> parameters, double x) {
  return WithDefaults<double>(id, parameters, [x](auto f) { return f(x); });
}

float Evaluate(Activation id, std::span<const double> parameters, float x) {
  return WithDefaults<float>(id, parameters, [x](auto f) { return f(x); });
}

double Derivative(Activation id, std::span<const double> parameters, double x) {
  return WithDefaults<double>(id, parameters, [x](auto f) { return f.Derivative(x); });
}

float Derivative(Activation id, std::span<const double> parameters, float x) {
  return WithDefaults<float>(id, parameters, [x](auto f) { return f.Derivative(x); });
}

}  // namespace actium::activation
