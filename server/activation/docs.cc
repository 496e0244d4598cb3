#include "server/activation/docs.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <string>
#include <string_view>

#include "server/activation/gain.h"
#include "server/activation/table.h"

namespace actium::activation {
namespace {

constexpr std::string_view kIntroduction =
    R"(<!-- Written by actium-activation-docs from server/activation/table.cc; change that. -->
# Activations

Every activation that Actium knows, from the one table that the server, the trainer and
`actium activations` read too. Names below are what flags, files and JSON use; spelling is free
(`LeakyReLU`, `leaky-relu` and `leaky_relu` are one).

![Every activation and its slope](activations.svg)

)";

constexpr std::string_view kColumns =
    R"(## Side by side

- **g²** is the variance-preserving gain 1 / E[f(z)²], z ~ N(0, 1): weights drawn with variance
  g² / fan_in keep the size of what flows forward. The trainer initialises each variant with it.
- **χ** is E[f'(z)²] / E[f(z)²]: with these weights, the factor by which the gradient's variance
  changes per layer on the way back. Far below 1, it vanishes with depth.
- Both hold at initialisation, for default parameters, without batch norm or shortcuts.

| name | f(x) | range | smooth | monotone | g² | χ |
|---|---|---|---|---|---|---|
)";

constexpr std::string_view kFrameworks =
    R"(
## Names elsewhere

The same word may mean another function or another default; the notes in each section say where.

| name | PyTorch (torch.nn) | ONNX, from opset | Keras 3 |
|---|---|---|---|
)";

constexpr std::string_view kAccuracy =
    R"(
## Accuracy and special values

What every implementation in float32 keeps, against the definition in float64
(`tests/server/activation/contract_test.cc` proves it; with `ACTIUM_FULL_SWEEP=1` over every float):

| functions | largest error where abs(f) > 1e-30 |
|---|---|
| identity, relu, leaky_relu, prelu, hardtanh, relu6 | none: exact, or correctly rounded |
| mish | 5 units in the last place |
| gelu, gelu_tanh | 6e-7 absolute, and 2e-5 relative for x >= -8 |
| all others | 4 units in the last place |

- Swish and Softplus with a beta other than 1 may lose one more unit for each unit of abs(beta x)
  where x is negative: the product is rounded before it is exponentiated.
- NaN gives NaN. Infinities give the limits: swish(-inf), mish(-inf) and both GELUs' are -0, not NaN.
- Denormals keep their value to one step of a denormal.
- Mish and Swish take one exponential and no logarithm, so they cost about as much as each other:
  with e = e^x and n = e (e + 2), mish(x) = x n / (n + 2).
- At a kink the derivative is the one that PyTorch's backward takes; each section says which side.

)";

constexpr std::string_view kLimits =
    R"(## When not to choose by this page

- The table says what a function is, not which one is best for your data. One training run per
  activation does not say so either: the spread between seeds is often larger than between
  activations.
- g² and χ are about the first step. With batch norm or shortcuts they matter little.
- `identity` is the baseline: a network of linear layers, whatever its depth, is one linear layer.
)";

std::string Number(double value) {
  if (std::isinf(value)) return value < 0 ? "-∞" : "∞";
  return fmt::format("{:.4g}", value);
}

std::string Interval(const Range& range) {
  return fmt::format("{}{}, {}{}", range.lower_attained ? '[' : '(', Number(range.lower),
                     Number(range.upper), range.upper_attained ? ']' : ')');
}

std::string_view Words(Smoothness smoothness) {
  switch (smoothness) {
    case Smoothness::kKinked:
      return "no, has kinks";
    case Smoothness::kOnce:
      return "once";
    case Smoothness::kInfinitely:
      return "yes";
  }
  return "";
}

// Text inside a table's cell, where a bar would end the cell.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c;
  }
  return cell;
}

std::string Overview() {
  std::string text;
  for (const Row& row : Table()) {
    fmt::format_to(
        std::back_inserter(text), "| [{0}](#{0}) | {1} | {2} | {3} | {4} | {5:.3f} | {6:.3f} |\n",
        row.name, Cell(row.formula), Interval(row.range), Words(row.smoothness),
        row.monotone() ? "yes" : "no", VariancePreservingGain(row.id), GradientFactor(row.id));
  }
  return text;
}

std::string Frameworks() {
  std::string text;
  for (const Row& row : Table()) {
    fmt::format_to(std::back_inserter(text), "| {} | `{}` | `{}`, {} | `{}` |\n", row.name,
                   row.names.pytorch, row.names.onnx, row.names.onnx_opset, row.names.keras);
  }
  return text;
}

std::string Aliases(const Row& row) {
  std::string text;
  for (const std::string_view alias : row.aliases) {
    text += fmt::format("{}`{}`", text.empty() ? "" : ", ", alias);
  }
  return text;
}

std::string Section(const Row& row) {
  std::string text = fmt::format("### {}\n\n", row.name);
  const auto add = [&](std::string_view label, std::string_view value) {
    if (!value.empty()) text += fmt::format("- {}: {}\n", label, value);
  };
  text += fmt::format("{}.\n\n", row.title);
  add("f(x)", fmt::format("`{}`", row.formula));
  add("f'(x)", fmt::format("`{}`", row.derivative));
  for (const Parameter& parameter : row.parameters) {
    add(fmt::format("parameter `{}`", parameter.name),
        fmt::format("{}; default {}, in [{}, {}]{}", parameter.meaning, parameter.default_value,
                    parameter.lowest, parameter.highest, parameter.learned ? ", learned" : ""));
  }
  if (row.minimum.has_value()) {
    add("minimum", fmt::format("{:.5f} at x = {:.5f}", row.minimum->value, row.minimum->at));
  }
  add("also called", Aliases(row));
  add("note", row.names.trap);
  add("source", row.reference);
  return text + "\n";
}

}  // namespace

std::string RenderPage() {
  std::string page(kIntroduction);
  page.append(kColumns).append(Overview());
  page.append(kFrameworks).append(Frameworks());
  page.append(kAccuracy).append("## One by one\n\n");
  for (const Row& row : Table()) page += Section(row);
  return page.append(kLimits);
}

}  // namespace actium::activation
