#ifndef ACTIUM_SERVER_GRAPH_TEXT_H_
#define ACTIUM_SERVER_GRAPH_TEXT_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/graph/graph.h"

namespace actium::graph {

/// How constants are written.
enum class ConstantStyle {
  kNumbers,  ///< All numbers, exactly: ParseText() gives the same graph back.
  kShapes,   ///< Shapes only, for people.
};

/// Returns a graph's text, a line for each value in an order in which they can be computed:
///
///   input image: uint8[1, 28, 28]
///   constant slope: [16] = {0.25, 0.5, ...}
///   x = cast(image)
///   y = convolution(x, weight, bias, slope) padding=[1, 1] source="net.py:7" { 2 = prelu(0, 1) }
///   output y, z
///
/// Attributes and parameters that have their default value are left out. Instructions of a program
/// are numbered by the register that gets their result, and separated by ';'. NaNs other than the
/// usual one are written as their bits, "0x7fc00001".
std::string ToText(const Graph& graph, ConstantStyle style = ConstantStyle::kNumbers);

/// Constants' numbers that a text leaves out, in the order of its lines.
using ConstantNumbers = std::span<const std::shared_ptr<const Numbers>>;

/// Reads what ToText() writes, for a graph that has outputs: values get the same ids, numbers the
/// same bits. '#' begins a comment, blank lines are allowed. Safe on any input, in time and memory
/// in proportion to its length.
///
/// constants: of those that were written with kShapes.
///
/// Errors: INVALID_ARGUMENT names the line and what was expected, or what Graph refuses;
/// RESOURCE_EXHAUSTED beyond Graph::kMostValues.
absl::StatusOr<Graph> ParseText(std::string_view text, ConstantNumbers constants = {});

}  // namespace actium::graph

#endif  // ACTIUM_SERVER_GRAPH_TEXT_H_
