#ifndef ACTIUM_SERVER_GRAPH_ATTRIBUTES_H_
#define ACTIUM_SERVER_GRAPH_ATTRIBUTES_H_

#include <array>
#include <string_view>
#include <type_traits>

#include "server/graph/ops.h"

/// The names that the text form uses, once for its writer and its reader.
namespace actium::graph {

/// Calls visit(name, pointer to member) for each attribute of an operation, in the text's order.
template <class O, class Visit>
void ForEachAttribute(Visit visit) {
  if constexpr (std::is_same_v<O, Convolution>) {
    visit("stride", &O::stride);
    visit("padding", &O::padding);
    visit("dilation", &O::dilation);
    visit("groups", &O::groups);
  } else if constexpr (std::is_same_v<O, BatchNorm>) {
    visit("epsilon", &O::epsilon);
  } else if constexpr (std::is_same_v<O, Pool>) {
    visit("kind", &O::kind);
    visit("kernel", &O::kernel);
    visit("stride", &O::stride);
    visit("padding", &O::padding);
    visit("ceil_mode", &O::ceil_mode);
    visit("count_padding", &O::count_padding);
  } else if constexpr (std::is_same_v<O, Pad>) {
    visit("before", &O::before);
    visit("after", &O::after);
    visit("value", &O::value);
  } else if constexpr (std::is_same_v<O, Reshape>) {
    visit("shape", &O::shape);
  } else if constexpr (std::is_same_v<O, Concat> || std::is_same_v<O, Softmax>) {
    visit("axis", &O::axis);
  } else {
    // A new operation or attribute must be named above.
    static_assert(std::is_empty_v<O> || sizeof(O) == sizeof(Program));
  }
}

/// In the order of ArithmeticKind.
inline constexpr std::array<std::string_view, 4> kArithmeticNames = {"add", "subtract", "multiply",
                                                                     "divide"};

/// In the order of Pool::Kind.
inline constexpr std::array<std::string_view, 2> kPoolKindNames = {"max", "average"};

}  // namespace actium::graph

#endif  // ACTIUM_SERVER_GRAPH_ATTRIBUTES_H_
