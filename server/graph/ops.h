#ifndef ACTIUM_SERVER_GRAPH_OPS_H_
#define ACTIUM_SERVER_GRAPH_OPS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "server/activation/table.h"
#include "server/tensor/shape.h"

/// The operations of a graph. Shapes are those of one row (graph.h): an image is [C, H, W], a
/// feature vector [F]. Numbers are 32-bit floats but for the inputs of Cast.
namespace actium::graph {

/// Height, width.
using Pair = std::array<int64_t, 2>;

enum class ArithmeticKind { kAdd, kSubtract, kMultiply, kDivide };

/// An activation with its parameters.
struct Activate {
  activation::Activation id = activation::Activation::kIdentity;
  std::vector<double> parameters;  ///< All of them, in range; of prelu none.
  friend bool operator==(const Activate&, const Activate&) = default;
};

/// One step of a pointwise program: an activation of `left`, or `left` and `right` combined.
/// Registers: first the program's inputs, then the result of each instruction.
struct Instruction {
  std::variant<Activate, ArithmeticKind> step;
  int left = 0;
  int right = -1;  ///< Of arithmetic; of prelu the register of its slopes, one for each channel.
  friend bool operator==(const Instruction&, const Instruction&) = default;
};

/// Any chain of pointwise operations; its value is the last instruction's. Of the registers that
/// are inputs each has the result's shape, or is a constant that broadcasts to it. Without
/// instructions: register 0.
using Program = std::vector<Instruction>;

/// Turns any numeric type into floats. Inputs: x.
struct Cast {
  friend bool operator==(const Cast&, const Cast&) = default;
};

/// Inputs: x [C, H, W], weight [K, C / groups, R, S], bias [K], then the program's registers from 1
/// on. The program starts with the convolution's result in register 0.
/// Output: [K, H', W'], H' = (H + 2 padding - dilation (R - 1) - 1) / stride + 1, rounded down.
/// Source: torch.nn.Conv2d, padding_mode zeros.
struct Convolution {
  Pair stride = {1, 1};
  Pair padding = {0, 0};
  Pair dilation = {1, 1};
  int64_t groups = 1;
  Program epilogue;
  friend bool operator==(const Convolution&, const Convolution&) = default;
};

/// Inputs: x [..., F], weight [K, F], bias [K], then the program's registers from 1 on, as a
/// Convolution's. Output: [..., K].
struct Linear {
  Program epilogue;
  friend bool operator==(const Linear&, const Linear&) = default;
};

/// (x - mean) / sqrt(variance + epsilon) * scale + shift, per channel.
/// Inputs: x [C, ...], mean [C], variance [C], scale [C], shift [C].
struct BatchNorm {
  double epsilon = 1e-5;
  friend bool operator==(const BatchNorm&, const BatchNorm&) = default;
};

/// Inputs: the program's registers. Output: the shape to which they broadcast.
struct Pointwise {
  Program program;
  friend bool operator==(const Pointwise&, const Pointwise&) = default;
};

/// Inputs: x [C, H, W]. Output: [C, H', W'] as of torch.nn.MaxPool2d and AvgPool2d.
struct Pool {
  enum class Kind { kMax, kAverage };
  Kind kind = Kind::kMax;
  Pair kernel = {1, 1};
  Pair stride = {1, 1};
  Pair padding = {0, 0};   ///< At most half of the kernel. The maximum's is -inf, the average's 0.
  bool ceil_mode = false;  ///< Windows that begin inside the padded input count, too.
  bool count_padding = false;  ///< Of the average: divides by the window with its padding.
  friend bool operator==(const Pool&, const Pool&) = default;
};

/// Inputs: x [C, H, W]. Output: x with so many rows and columns of `value` around it.
/// Source: torch.nn.functional.pad, mode constant.
struct Pad {
  Pair before = {0, 0};  ///< Above, on the left.
  Pair after = {0, 0};   ///< Below, on the right.
  double value = 0;      ///< Rounded to float32.
  friend bool operator==(const Pad&, const Pad&) = default;
};

/// The mean of each channel. Inputs: x [C, H, W]. Output: [C].
struct GlobalAverage {
  friend bool operator==(const GlobalAverage&, const GlobalAverage&) = default;
};

/// The same numbers in another shape, row-major. Inputs: x. Output: `shape`, whole.
struct Reshape {
  tensor::Shape shape;
  friend bool operator==(const Reshape&, const Reshape&) = default;
};

/// Inputs: at least one, equal but for the dimension `axis` of a row. Output: one behind the other.
struct Concat {
  int axis = 0;
  friend bool operator==(const Concat&, const Concat&) = default;
};

/// e^x_i / sum e^x_j along the dimension `axis` of a row. Inputs: x. Output: as x.
struct Softmax {
  int axis = 0;
  friend bool operator==(const Softmax&, const Softmax&) = default;
};

using Op = std::variant<Cast, Convolution, Linear, BatchNorm, Pointwise, Pool, Pad, GlobalAverage,
                        Reshape, Concat, Softmax>;

/// Returns the name of an operation in a graph's text form, as "convolution".
std::string_view Name(const Op& op);

/// Returns the epilogue or program of an operation that has one, or null.
const Program* ProgramOf(const Op& op);
Program* MutableProgramOf(Op& op);

/// Returns how many registers of its program are inputs, if an operation has so many inputs itself;
/// the first instruction's result is in the next one. 0 if it has no program.
int InputRegisters(const Op& op, size_t inputs);

}  // namespace actium::graph

#endif  // ACTIUM_SERVER_GRAPH_OPS_H_
