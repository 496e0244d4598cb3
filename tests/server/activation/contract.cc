#include "tests/server/activation/contract.h"

#include <fmt/format.h>

#include <cctype>
#include <limits>

namespace actium::test {
namespace {

using activation::Activation;

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kLeaky = 0.01f;
constexpr double kGeluAbsolute = 6e-7;

std::vector<Contract> Build() {
  return {
      {.id = Activation::kIdentity,
       .parameters = {},
       .ulp = 0,
       .at_minus_infinity = -kInf,
       .at_infinity = kInf},
      {.id = Activation::kSigmoid, .parameters = {}, .at_minus_infinity = 0, .at_infinity = 1},
      {.id = Activation::kTanh, .parameters = {}, .at_minus_infinity = -1, .at_infinity = 1},
      {.id = Activation::kRelu,
       .parameters = {},
       .ulp = 0,
       .at_minus_infinity = 0,
       .at_infinity = kInf},
      {.id = Activation::kLeakyRelu,
       .parameters = {kLeaky},
       .ulp = 0,
       .at_minus_infinity = -kInf,
       .at_infinity = kInf},
      {.id = Activation::kPrelu,
       .parameters = {0.25},
       .ulp = 0,
       .at_minus_infinity = -kInf,
       .at_infinity = kInf},
      {.id = Activation::kSwish, .parameters = {1}, .at_minus_infinity = -0.0, .at_infinity = kInf},
      {.id = Activation::kMish,
       .parameters = {},
       .ulp = 5,
       .at_minus_infinity = -0.0,
       .at_infinity = kInf},
      {.id = Activation::kGelu,
       .parameters = {},
       .absolute = kGeluAbsolute,
       .at_minus_infinity = -0.0,
       .at_infinity = kInf},
      {.id = Activation::kGeluTanh,
       .parameters = {},
       .absolute = kGeluAbsolute,
       .at_minus_infinity = -0.0,
       .at_infinity = kInf},
      {.id = Activation::kElu, .parameters = {1}, .at_minus_infinity = -1, .at_infinity = kInf},
      {.id = Activation::kSelu,
       .parameters = {},
       .at_minus_infinity = -1.0507009873554805 * 1.6732632423543772,
       .at_infinity = kInf},
      {.id = Activation::kCelu, .parameters = {1}, .at_minus_infinity = -1, .at_infinity = kInf},
      {.id = Activation::kHardswish,
       .parameters = {},
       .at_minus_infinity = -0.0,
       .at_infinity = kInf},
      {.id = Activation::kHardsigmoid, .parameters = {}, .at_minus_infinity = 0, .at_infinity = 1},
      {.id = Activation::kHardtanh,
       .parameters = {-1, 1},
       .ulp = 0,
       .at_minus_infinity = -1,
       .at_infinity = 1},
      {.id = Activation::kRelu6,
       .parameters = {},
       .ulp = 0,
       .at_minus_infinity = 0,
       .at_infinity = 6},
      {.id = Activation::kSoftplus, .parameters = {1}, .at_minus_infinity = 0, .at_infinity = kInf},
      {.id = Activation::kSoftsign, .parameters = {}, .at_minus_infinity = -1, .at_infinity = 1},
      // Other parameters.
      {.id = Activation::kLeakyRelu,
       .parameters = {-0.5},
       .ulp = 0,
       .at_minus_infinity = kInf,
       .at_infinity = kInf},
      {.id = Activation::kSwish,
       .parameters = {1.702f},
       .ulp_per_argument = 1.0,
       .at_minus_infinity = -0.0,
       .at_infinity = kInf},
      {.id = Activation::kElu,
       .parameters = {0.3f},
       .at_minus_infinity = -0.3f,
       .at_infinity = kInf},
      {.id = Activation::kCelu,
       .parameters = {0.3f},
       .at_minus_infinity = -0.3f,
       .at_infinity = kInf},
      {.id = Activation::kHardtanh,
       .parameters = {-2.5, 0.3f},
       .ulp = 0,
       .at_minus_infinity = -2.5,
       .at_infinity = 0.3f},
      {.id = Activation::kSoftplus,
       .parameters = {3},
       .ulp_per_argument = 1.0,
       .at_minus_infinity = 0,
       .at_infinity = kInf},
  };
}

}  // namespace

std::string Contract::Name() const {
  const activation::Row& row = activation::Get(id);
  std::string name(row.name);
  for (size_t i = 0; i < parameters.size(); ++i) {
    name += fmt::format("_{}_{:.4g}", row.parameters[i].name, parameters[i]);
  }
  for (char& c : name) {
    if (c == '-') c = 'm';
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

std::span<const Contract> Contracts() {
  static const std::vector<Contract> contracts = Build();
  return contracts;
}

}  // namespace actium::test
