#ifndef ACTIUM_SERVER_LIBTORCH_IMPORT_ARITHMETIC_H_
#define ACTIUM_SERVER_LIBTORCH_IMPORT_ARITHMETIC_H_

// Internal to server/libtorch.

#include <string_view>

#include "server/libtorch/import_context.h"

namespace actium::libtorch {

/// Returns what imports an arithmetic function as a pointwise step: the four operations and what
/// follows from them (absolute value, powers, reciprocal, ...), of which people write activations
/// by hand. Null if the name, of PyTorch's function without namespace and trailing underscore, is
/// none of them.
Importer FindArithmetic(std::string_view name);

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_IMPORT_ARITHMETIC_H_
