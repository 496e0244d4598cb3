#ifndef ACTIUM_SERVER_LIBTORCH_STEP_FACTS_H_
#define ACTIUM_SERVER_LIBTORCH_STEP_FACTS_H_

// Internal to server/libtorch: what an operator's name and arguments tell.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ATen/core/ivalue.h"
#include "server/engine/description.h"

namespace actium::libtorch {

/// Returns the name in server/activation/table.h of what an operator computes, by its name
/// ("aten::leaky_relu") and arguments; empty if it is no activation. Slopes and the like do not
/// count: leaky_relu is leaky_relu with any slope.
std::string ActivationOf(std::string_view kind, c10::ArrayRef<c10::IValue> inputs);

/// Returns the floating-point operations for each element of the result, of convolutions and
/// products of matrices, two for a multiply-add; nothing for all others.
std::optional<int64_t> FlopsPerElement(std::string_view kind, c10::ArrayRef<c10::IValue> inputs);

/// Marks activations that a program spells out: x sigmoid(x) is swish, x tanh(softplus(x)) mish,
/// x / (|x| + 1) softsign; all of their steps get its name. They are known by which steps read
/// which; numbers (the 1 of softsign) are not looked at.
void MarkSpelledOut(std::vector<engine::Step>& steps);

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_STEP_FACTS_H_
