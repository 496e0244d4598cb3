#include "server/graph/evaluate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fmt/format.h"
#include "server/activation/table.h"
#include "server/base/status_macros.h"

namespace actium::graph {
namespace {

using tensor::Shape;
using Row = std::vector<double>;

// A value while it is computed: its shape and numbers, row-major. Borrowed.
struct Operand {
  const Shape& shape;
  const Row& numbers;

  // Of an image or a weight.
  double at(int64_t c, int64_t h, int64_t w) const {
    return numbers[static_cast<size_t>((c * shape[1] + h) * shape[2] + w)];
  }
  double at(int64_t k, int64_t c, int64_t r, int64_t s) const {
    return numbers[static_cast<size_t>(((k * shape[1] + c) * shape[2] + r) * shape[3] + s)];
  }
  // Of a vector.
  double at(int64_t i) const { return numbers[static_cast<size_t>(i)]; }
};
using Operands = std::vector<Operand>;

size_t ElementsOf(const Shape& shape) {
  const auto elements = tensor::ElementCount(shape);
  ACTIUM_CHECK(elements.has_value());  // Graph has checked it.
  return static_cast<size_t>(*elements);
}

// A shape as [outer, size of dimension `axis`, inner].
struct AroundAxis {
  size_t outer = 1;
  size_t size = 1;
  size_t inner = 1;

  AroundAxis(const Shape& shape, int axis) {
    for (int i = 0; i < std::ssize(shape); ++i) {
      const auto dimension = static_cast<size_t>(shape[static_cast<size_t>(i)]);
      (i < axis ? outer : i == axis ? size : inner) *= dimension;
    }
  }
  size_t Place(size_t o, size_t i, size_t n) const { return (o * size + i) * inner + n; }
};

// Numpy's rule: shapes are aligned at the last dimension, and along a dimension of 1 the same
// number is read again and again. Returns which number of `operand` meets the one at `place` of
// `row`.
size_t BroadcastPlace(const Shape& operand, const Shape& row, size_t place) {
  size_t result = 0;
  size_t stride = 1;
  for (size_t i = 1; i <= operand.size(); ++i) {
    const auto row_size = static_cast<size_t>(row[row.size() - i]);
    const auto size = static_cast<size_t>(operand[operand.size() - i]);
    if (size > 1) result += place % row_size * stride;
    place /= row_size;
    stride *= size;
  }
  return result;
}

double Combine(ArithmeticKind kind, double left, double right) {
  switch (kind) {
    case ArithmeticKind::kAdd:
      return left + right;
    case ArithmeticKind::kSubtract:
      return left - right;
    case ArithmeticKind::kMultiply:
      return left * right;
    case ArithmeticKind::kDivide:
      return left / right;
  }
  std::abort();  // Not an ArithmeticKind.
}

// The parameters of an activation for the number at `place`; of prelu its channel's slope.
std::vector<double> ParametersAt(const Activate& activate, const Operands& registers, int slopes,
                                 const Shape& row, size_t place) {
  if (activate.id != activation::Activation::kPrelu) return activate.parameters;
  const Row& all = registers[static_cast<size_t>(slopes)].numbers;
  const size_t channels = row.empty() ? 1 : static_cast<size_t>(row[0]);
  const size_t channel = place / (ElementsOf(row) / channels);
  return {all[all.size() == 1 ? 0 : channel]};
}

Row RunInstruction(const Instruction& instruction, const Operands& registers, const Shape& row) {
  const auto read = [&](int index, size_t place) {
    const Operand& operand = registers[static_cast<size_t>(index)];
    return operand.numbers[BroadcastPlace(operand.shape, row, place)];
  };
  Row result(ElementsOf(row));
  for (size_t i = 0; i < result.size(); ++i) {
    const double left = read(instruction.left, i);
    if (const auto* activate = std::get_if<Activate>(&instruction.step)) {
      result[i] = activation::Evaluate(
          activate->id, ParametersAt(*activate, registers, instruction.right, row, i), left);
    } else {
      result[i] =
          Combine(std::get<ArithmeticKind>(instruction.step), left, read(instruction.right, i));
    }
  }
  return result;
}

// registers: the program's inputs.
Row RunProgram(const Program& program, Operands registers, const Shape& row) {
  std::vector<Row> results;
  results.reserve(program.size());  // Registers point at them.
  for (const Instruction& instruction : program) {
    results.push_back(RunInstruction(instruction, registers, row));
    registers.push_back({row, results.back()});
  }
  return registers[program.empty() ? 0 : registers.size() - 1].numbers;
}

// inputs: of the operation whose result so far is `result`.
Row RunEpilogue(const Program& epilogue, const Row& result, const Operands& inputs,
                const Shape& row) {
  Operands registers = {{row, result}};
  for (size_t i = 3; i < inputs.size(); ++i) registers.push_back(inputs[i]);
  return RunProgram(epilogue, std::move(registers), row);
}

Row Run(const Cast&, const Operands& inputs, const Shape&) { return inputs[0].numbers; }

// The number at [k, h, w] of a convolution's result, before the epilogue.
double ConvolveAt(const Convolution& op, const Operands& inputs, int64_t k, int64_t h, int64_t w) {
  const Operand& x = inputs[0];
  const Operand& weight = inputs[1];
  const int64_t group = k / (weight.shape[0] / op.groups);
  double sum = inputs[2].at(k);
  for (int64_t c = 0; c < weight.shape[1]; ++c) {
    for (int64_t r = 0; r < weight.shape[2]; ++r) {
      for (int64_t s = 0; s < weight.shape[3]; ++s) {
        const int64_t y = h * op.stride[0] - op.padding[0] + r * op.dilation[0];
        const int64_t z = w * op.stride[1] - op.padding[1] + s * op.dilation[1];
        if (y < 0 || y >= x.shape[1] || z < 0 || z >= x.shape[2]) continue;  // Padding is 0.
        sum += weight.at(k, c, r, s) * x.at(group * weight.shape[1] + c, y, z);
      }
    }
  }
  return sum;
}

Row Run(const Convolution& op, const Operands& inputs, const Shape& row) {
  Row result;
  for (int64_t k = 0; k < row[0]; ++k) {
    for (int64_t h = 0; h < row[1]; ++h) {
      for (int64_t w = 0; w < row[2]; ++w) result.push_back(ConvolveAt(op, inputs, k, h, w));
    }
  }
  return RunEpilogue(op.epilogue, result, inputs, row);
}

Row Run(const Linear& op, const Operands& inputs, const Shape& row) {
  const Operand& weight = inputs[1];
  const int64_t outputs = weight.shape[0];
  const int64_t features = weight.shape[1];
  Row result;
  for (int64_t i = 0; i < std::ssize(inputs[0].numbers) / features; ++i) {
    for (int64_t k = 0; k < outputs; ++k) {
      double sum = inputs[2].at(k);
      for (int64_t f = 0; f < features; ++f) {
        sum += weight.at(k * features + f) * inputs[0].at(i * features + f);
      }
      result.push_back(sum);
    }
  }
  return RunEpilogue(op.epilogue, result, inputs, row);
}

Row Run(const BatchNorm& op, const Operands& inputs, const Shape& row) {
  const AroundAxis around(row, 0);
  Row result = inputs[0].numbers;
  for (size_t i = 0; i < result.size(); ++i) {
    const auto channel = static_cast<int64_t>(i / around.inner);
    const double mean = inputs[1].at(channel);
    const double variance = inputs[2].at(channel);
    const double normal = (result[i] - mean) / std::sqrt(variance + op.epsilon);
    result[i] = normal * inputs[3].at(channel) + inputs[4].at(channel);
  }
  return result;
}

Row Run(const Pointwise& op, const Operands& inputs, const Shape& row) {
  return RunProgram(op.program, inputs, row);
}

// Where a pooling window lies along one dimension.
struct Window {
  int64_t begin = 0;  // Of the input.
  int64_t end = 0;
  int64_t padded = 0;  // Size, with the padding that it covers.

  Window(const Pool& op, size_t dimension, int64_t position, int64_t size) {
    const int64_t first = position * op.stride[dimension] - op.padding[dimension];
    // With ceil_mode the last window reaches beyond the padding; that part counts never.
    const int64_t last = std::min(first + op.kernel[dimension], size + op.padding[dimension]);
    begin = std::max<int64_t>(first, 0);
    end = std::min(last, size);
    padded = last - first;
  }
};

double PoolAt(const Pool& op, const Operand& x, int64_t c, const Window& h, const Window& w) {
  const bool average = op.kind == Pool::Kind::kAverage;
  double sum = 0;
  double most = -std::numeric_limits<double>::infinity();
  for (int64_t y = h.begin; y < h.end; ++y) {
    for (int64_t z = w.begin; z < w.end; ++z) {
      const double number = x.at(c, y, z);
      sum += number;
      if (number > most || std::isnan(number)) most = number;  // A NaN stays: nothing is greater.
    }
  }
  if (!average) return most;
  const int64_t inside = (h.end - h.begin) * (w.end - w.begin);
  return sum / static_cast<double>(op.count_padding ? h.padded * w.padded : inside);
}

Row Run(const Pool& op, const Operands& inputs, const Shape& row) {
  const Operand& x = inputs[0];
  Row result;
  for (int64_t c = 0; c < row[0]; ++c) {
    for (int64_t h = 0; h < row[1]; ++h) {
      for (int64_t w = 0; w < row[2]; ++w) {
        result.push_back(
            PoolAt(op, x, c, Window(op, 0, h, x.shape[1]), Window(op, 1, w, x.shape[2])));
      }
    }
  }
  return result;
}

Row Run(const Pad& op, const Operands& inputs, const Shape& row) {
  const Operand& x = inputs[0];
  Row result;
  for (int64_t c = 0; c < row[0]; ++c) {
    for (int64_t h = -op.before[0]; h < x.shape[1] + op.after[0]; ++h) {
      for (int64_t w = -op.before[1]; w < x.shape[2] + op.after[1]; ++w) {
        const bool inside = h >= 0 && h < x.shape[1] && w >= 0 && w < x.shape[2];
        result.push_back(inside ? x.at(c, h, w) : static_cast<float>(op.value));
      }
    }
  }
  return result;
}

Row Run(const GlobalAverage&, const Operands& inputs, const Shape& row) {
  const size_t pixels = inputs[0].numbers.size() / static_cast<size_t>(row[0]);
  Row result(static_cast<size_t>(row[0]), 0.0);
  for (size_t i = 0; i < inputs[0].numbers.size(); ++i) result[i / pixels] += inputs[0].numbers[i];
  for (double& sum : result) sum /= static_cast<double>(pixels);
  return result;
}

Row Run(const Reshape&, const Operands& inputs, const Shape&) { return inputs[0].numbers; }

Row Run(const Concat& op, const Operands& inputs, const Shape& row) {
  const AroundAxis whole(row, op.axis);
  Row result(ElementsOf(row));
  size_t begin = 0;  // Of the next input along the axis.
  for (const Operand& input : inputs) {
    const AroundAxis part(input.shape, op.axis);
    for (size_t o = 0; o < part.outer; ++o) {
      for (size_t i = 0; i < part.size; ++i) {
        for (size_t n = 0; n < part.inner; ++n) {
          result[whole.Place(o, begin + i, n)] = input.numbers[part.Place(o, i, n)];
        }
      }
    }
    begin += part.size;
  }
  return result;
}

// Softmax of the numbers along the axis that the others' places o and n leave.
void SoftmaxAt(const AroundAxis& around, size_t o, size_t n, Row& row) {
  double most = -std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < around.size; ++i) most = std::max(most, row[around.Place(o, i, n)]);
  double sum = 0;
  for (size_t i = 0; i < around.size; ++i) {
    double& number = row[around.Place(o, i, n)];
    number = std::exp(number - most);  // The same quotient, and no overflow.
    sum += number;
  }
  for (size_t i = 0; i < around.size; ++i) row[around.Place(o, i, n)] /= sum;
}

Row Run(const Softmax& op, const Operands& inputs, const Shape& row) {
  const AroundAxis around(row, op.axis);
  Row result = inputs[0].numbers;
  for (size_t o = 0; o < around.outer; ++o) {
    for (size_t n = 0; n < around.inner; ++n) SoftmaxAt(around, o, n, result);
  }
  return result;
}

absl::Status CheckInputs(const Graph& graph, std::span<const Row> inputs) {
  if (inputs.size() != graph.inputs().size()) {
    return absl::InvalidArgumentError(
        fmt::format("the graph has {} inputs, got {}", graph.inputs().size(), inputs.size()));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Value& value = graph.value(graph.inputs()[i]);
    if (inputs[i].size() == ElementsOf(value.shape)) continue;
    return absl::InvalidArgumentError(fmt::format("input '{}': a row must have {} numbers, got {}",
                                                  value.name, ElementsOf(value.shape),
                                                  inputs[i].size()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::vector<double>>> Evaluate(const Graph& graph,
                                                          std::span<const Row> inputs) {
  ACTIUM_RETURN_IF_ERROR(CheckInputs(graph, inputs));
  std::vector<Row> rows(graph.values().size());  // By value.
  const auto row_of = [&](ValueId id) -> Row& { return rows[static_cast<size_t>(id)]; };
  for (size_t i = 0; i < inputs.size(); ++i) row_of(graph.inputs()[i]) = inputs[i];
  for (ValueId id = 0; id < std::ssize(rows); ++id) {
    const auto& constant = graph.value(id).constant;
    if (constant != nullptr) row_of(id).assign(constant->begin(), constant->end());
  }
  for (const Node& node : graph.nodes()) {
    Operands operands;
    for (const ValueId id : node.inputs) operands.push_back({graph.value(id).shape, row_of(id)});
    const Shape& shape = graph.value(node.output).shape;
    row_of(node.output) =
        std::visit([&](const auto& op) { return Run(op, operands, shape); }, node.op);
  }
  std::vector<Row> outputs;
  for (const ValueId id : graph.outputs()) outputs.push_back(row_of(id));
  return outputs;
}

}  // namespace actium::graph
