#include "models/train/recipe.h"

#include <fmt/format.h>

#include <cmath>

#include "models/zoo/activation_layer.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"

namespace actium::train {
namespace {

absl::Status OutOfRange(const char* field, const char* rule, double value) {
  return absl::InvalidArgumentError(fmt::format("{} must be {}, got {}", field, rule, value));
}

absl::Status OneOf(const char* field, const std::string& value, const char* first,
                   const char* second) {
  if (value == first || value == second) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{} must be {} or {}, got {}", field, first, second, base::Quote(value)));
}

}  // namespace

absl::Status Validate(const Recipe& recipe) {
  ACTIUM_RETURN_IF_ERROR(zoo::ParseActivation(recipe.activation).status());
  ACTIUM_RETURN_IF_ERROR(OneOf("arch", recipe.arch, "plain", "residual"));
  ACTIUM_RETURN_IF_ERROR(OneOf("init", recipe.init, "variance-preserving", "torch"));
  const auto within = [](double value, double low, double high) {
    return value >= low && value <= high;  // False for NaN.
  };
  if (!within(recipe.init_scale, 1e-6, 1e6)) {
    return OutOfRange("init-scale", "in [1e-6, 1e6]", recipe.init_scale);
  }
  if (!within(recipe.epochs, 1, 10000)) {
    return OutOfRange("epochs", "in [1, 10000]", recipe.epochs);
  }
  if (recipe.batch < 2 || recipe.batch > 65536) {
    return OutOfRange("batch", "in [2, 65536]", static_cast<double>(recipe.batch));
  }
  if (!within(recipe.learning_rate, 0, 1000)) {
    return OutOfRange("lr", "in [0, 1000]", recipe.learning_rate);
  }
  if (!within(recipe.momentum, 0, 0.9999)) {
    return OutOfRange("momentum", "in [0, 0.9999]", recipe.momentum);
  }
  if (!within(recipe.weight_decay, 0, 1)) {
    return OutOfRange("weight-decay", "in [0, 1]", recipe.weight_decay);
  }
  if (!within(recipe.shift, 0, 27)) return OutOfRange("shift", "in [0, 27]", recipe.shift);
  return absl::OkStatus();
}

std::string Describe(const Recipe& recipe) {
  return fmt::format(
      "arch={} activation={} norm={} init={} init_scale={} epochs={} batch={} seed={} lr={} "
      "momentum={} weight_decay={} flips={} shift={}",
      recipe.arch, recipe.activation, recipe.norm, recipe.init, recipe.init_scale, recipe.epochs,
      recipe.batch, recipe.seed, recipe.learning_rate, recipe.momentum, recipe.weight_decay,
      recipe.flips, recipe.shift);
}

std::string CommandLine(const Recipe& recipe) {
  const Recipe defaults;
  std::string line = fmt::format("--activation {} --epochs {} --seed {}", recipe.activation,
                                 recipe.epochs, recipe.seed);
  const auto add = [&line](const char* option, const auto& value, const auto& unless) {
    if (value != unless) line += fmt::format(" {} {}", option, value);
  };
  add("--arch", recipe.arch, defaults.arch);
  if (!recipe.norm) line += " --no-norm";
  add("--init", recipe.init, defaults.init);
  add("--init-scale", recipe.init_scale, defaults.init_scale);
  add("--batch", recipe.batch, defaults.batch);
  add("--lr", recipe.learning_rate, defaults.learning_rate);
  add("--momentum", recipe.momentum, defaults.momentum);
  add("--weight-decay", recipe.weight_decay, defaults.weight_decay);
  if (!recipe.flips) line += " --no-flips";
  add("--shift", recipe.shift, defaults.shift);
  return line;
}

}  // namespace actium::train
