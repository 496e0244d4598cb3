#ifndef ACTIUM_SERVER_COMPARE_SHARED_WEIGHTS_H_
#define ACTIUM_SERVER_COMPARE_SHARED_WEIGHTS_H_

#include <span>
#include <string>
#include <vector>

#include "server/compare/variants.h"

namespace actium::compare {

/// Returns a warning for each pair of variants whose files differ and whose weights are the same:
/// somebody seems to have swapped the activation and not trained the network with it, so that the
/// comparison says nothing about the activations. Pairs with a weights' digest that is not known,
/// and pairs that are the same file, give none.
std::vector<std::string> WeightWarnings(std::span<const Variant> variants);

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_SHARED_WEIGHTS_H_
