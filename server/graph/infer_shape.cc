#include "server/graph/infer_shape.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "fmt/format.h"
#include "server/base/status_macros.h"

namespace actium::graph {
namespace {

using tensor::Shape;
using Values = std::span<const Value* const>;

constexpr int64_t kMostWindow = 1 << 20;  // Of kernels, strides, paddings and dilations.
constexpr size_t kMostInstructions = 1024;

template <class... Args>
absl::Status Invalid(fmt::format_string<Args...> format, Args&&... args) {
  return absl::InvalidArgumentError(fmt::format(format, std::forward<Args>(args)...));
}

std::string Text(const Shape& shape) { return tensor::ToString(shape); }

absl::Status CheckInputs(Values inputs, size_t least, size_t most) {
  if (inputs.size() >= least && inputs.size() <= most) return absl::OkStatus();
  return Invalid("takes {} inputs, got {}", least, inputs.size());
}

absl::Status CheckFloat(const Value& value) {
  if (value.dtype == tensor::DType::kFp32) return absl::OkStatus();
  return Invalid("{} must be FP32, is {}", value.name, tensor::Name(value.dtype));
}

absl::Status CheckRow(const Value& value) {
  ACTIUM_RETURN_IF_ERROR(CheckFloat(value));
  if (value.constant == nullptr) return absl::OkStatus();
  return Invalid("{} must depend on an input, is a constant", value.name);
}

absl::Status CheckImage(const Value& value) {
  ACTIUM_RETURN_IF_ERROR(CheckRow(value));
  if (value.shape.size() == 3) return absl::OkStatus();
  return Invalid("{} must be [C, H, W], is {}", value.name, Text(value.shape));
}

absl::Status CheckConstant(const Value& value, const Shape& shape) {
  if (value.constant != nullptr && value.shape == shape) return absl::OkStatus();
  return Invalid("{} must be a constant {}, is {}{}", value.name, Text(shape), Text(value.shape),
                 value.constant == nullptr ? ", no constant" : "");
}

absl::Status CheckPair(std::string_view field, const Pair& pair, int64_t least) {
  for (const int64_t number : pair) {
    if (number >= least && number <= kMostWindow) continue;
    return Invalid("{} must be in [{}, {}], got {}", field, least, kMostWindow, number);
  }
  return absl::OkStatus();
}

// Whether a constant of this shape broadcasts to a row, aligned at the last dimension.
bool Broadcasts(const Shape& constant, const Shape& row) {
  if (constant.size() > row.size()) return false;
  const size_t skipped = row.size() - constant.size();
  for (size_t i = 0; i < constant.size(); ++i) {
    if (constant[i] != 1 && constant[i] != row[skipped + i]) return false;
  }
  return true;
}

// A register that is no input has the row's shape.
struct Registers {
  Values inputs;  // From `first` on; registers before are results.
  int first = 0;

  const Value* Input(int index) const {
    const int place = index - first;
    return place >= 0 && place < std::ssize(inputs) ? inputs[static_cast<size_t>(place)] : nullptr;
  }
  int count() const { return first + static_cast<int>(inputs.size()); }
};

absl::Status CheckActivate(const Instruction& instruction, const Registers& registers,
                           const Shape& row) {
  const auto& activate = std::get<Activate>(instruction.step);
  const activation::Row& known = activation::Get(activate.id);
  const Value* const argument = registers.Input(instruction.left);
  if (argument != nullptr && argument->constant != nullptr) {
    return Invalid("{} of the constant {}", known.name, argument->name);
  }
  if (activate.id == activation::Activation::kPrelu) {
    const Value* const slopes = registers.Input(instruction.right);
    if (slopes == nullptr || !activate.parameters.empty()) {
      return Invalid("prelu needs the register of its slopes, and no parameter");
    }
    const int64_t channels = row.empty() ? 1 : row[0];
    if (slopes->constant != nullptr &&
        (slopes->shape == Shape{channels} || slopes->shape == Shape{1})) {
      return absl::OkStatus();
    }
    return Invalid("{} must be a constant [1] or [{}], is {}", slopes->name, channels,
                   Text(slopes->shape));
  }
  if (instruction.right != -1) return Invalid("{} takes one register", known.name);
  if (activate.parameters.size() != known.parameters.size()) {
    return Invalid("{} has {} parameters, got {}", known.name, known.parameters.size(),
                   activate.parameters.size());
  }
  return activation::CheckParameters(activate.id, activate.parameters);
}

absl::Status CheckArithmetic(const Instruction& instruction, const Registers& registers,
                             const Shape& row) {
  bool varies = false;
  for (const int index : {instruction.left, instruction.right}) {
    const Value* const input = registers.Input(index);
    if (input == nullptr || input->constant == nullptr) {
      varies = true;
    } else if (!Broadcasts(input->shape, row)) {
      return Invalid("{} {} does not broadcast to {}", input->name, Text(input->shape), Text(row));
    }
  }
  if (varies) return absl::OkStatus();
  return Invalid("an instruction combines two constants");
}

// Checks a program whose first registers are `registers` and whose result has the shape `row`.
absl::Status CheckProgram(const Program& program, const Registers& registers, const Shape& row) {
  if (program.size() > kMostInstructions) {
    return Invalid("a program has at most {} instructions, got {}", kMostInstructions,
                   program.size());
  }
  for (const Value* input : registers.inputs) {
    ACTIUM_RETURN_IF_ERROR(CheckFloat(*input));
    if (input->constant == nullptr && input->shape != row) {
      return Invalid("{} must be {}, is {}", input->name, Text(row), Text(input->shape));
    }
  }
  int known = registers.count();
  for (const Instruction& instruction : program) {
    const bool activates = std::holds_alternative<Activate>(instruction.step);
    const bool only_left = activates && instruction.right == -1;
    for (const int index : {instruction.left, only_left ? instruction.left : instruction.right}) {
      if (index >= 0 && index < known) continue;
      return Invalid("instruction {} reads register {} of {}", known, index, known);
    }
    ACTIUM_RETURN_IF_ERROR(activates ? CheckActivate(instruction, registers, row)
                                     : CheckArithmetic(instruction, registers, row));
    ++known;
  }
  return absl::OkStatus();
}

absl::StatusOr<Shape> Infer(const Cast&, Values inputs) {
  ACTIUM_RETURN_IF_ERROR(CheckInputs(inputs, 1, 1));
  if (inputs[0]->constant != nullptr) return Invalid("{} is a constant", inputs[0]->name);
  return inputs[0]->shape;
}

absl::StatusOr<Shape> Infer(const Convolution& op, Values inputs) {
  ACTIUM_RETURN_IF_ERROR(CheckInputs(inputs, 3, Graph::kMostValues));
  ACTIUM_RETURN_IF_ERROR(CheckImage(*inputs[0]));
  ACTIUM_RETURN_IF_ERROR(CheckPair("stride", op.stride, 1));
  ACTIUM_RETURN_IF_ERROR(CheckPair("padding", op.padding, 0));
  ACTIUM_RETURN_IF_ERROR(CheckPair("dilation", op.dilation, 1));
  const Shape& x = inputs[0]->shape;
  const Shape& weight = inputs[1]->shape;
  if (weight.size() != 4) return Invalid("{} must be [K, C, R, S]", inputs[1]->name);
  if (op.groups < 1 || x[0] % op.groups != 0 || weight[0] % op.groups != 0) {
    return Invalid("groups must divide {} and {} channels, got {}", x[0], weight[0], op.groups);
  }
  ACTIUM_RETURN_IF_ERROR(
      CheckConstant(*inputs[1], {weight[0], x[0] / op.groups, weight[2], weight[3]}));
  ACTIUM_RETURN_IF_ERROR(CheckConstant(*inputs[2], {weight[0]}));
  Shape row = {weight[0], 0, 0};
  for (size_t i = 0; i < 2; ++i) {
    row[i + 1] = WindowPositions(x[i + 1], weight[i + 2], op.stride[i], op.padding[i],
                                 op.dilation[i], /*ceil_mode=*/false);
    if (row[i + 1] < 1) return Invalid("the kernel {} does not fit {}", Text(weight), Text(x));
  }
  ACTIUM_RETURN_IF_ERROR(CheckProgram(op.epilogue, {.inputs = inputs.subspan(3), .first = 1}, row));
  return row;
}

absl::StatusOr<Shape> Infer(const Linear& op, Values inputs) {
  ACTIUM_RETURN_IF_ERROR(CheckInputs(inputs, 3, Graph::kMostValues));
  ACTIUM_RETURN_IF_ERROR(CheckRow(*inputs[0]));
  Shape row = inputs[0]->shape;
  if (row.empty()) return Invalid("{} must have a dimension", inputs[0]->name);
  if (inputs[1]->shape.size() != 2) return Invalid("{} must be [K, F]", inputs[1]->name);
  const int64_t features = inputs[1]->shape[0];
  ACTIUM_RETURN_IF_ERROR(CheckConstant(*inputs[1], {features, row.back()}));
  ACTIUM_RETURN_IF_ERROR(CheckConstant(*inputs[2], {features}));
  row.back() = features;
  ACTIUM_RETURN_IF_ERROR(CheckProgram(op.epilogue, {.inputs = inputs.subspan(3), .first = 1}, row));
  return row;
}

absl::StatusOr<Shape> Infer(const BatchNorm& op, Values inputs) {
  ACTIUM_RETURN_IF_ERROR(CheckInputs(inputs, 5, 5));
  ACTIUM_RETURN_IF_ERROR(CheckRow(*inputs[0]));
  const Shape& row = inputs[0]->shape;
  if (row.empty()) return Invalid("{} must have channels", inputs[0]->name);
  for (const Value* constant : inputs.subspan(1)) {
    ACTIUM_RETURN_IF_ERROR(CheckConstant(*constant, {row[0]}));
  }
  if (std::isfinite(op.epsilon) && op.epsilon >= 0) return row;
  return Invalid("epsilon must be at least 0, got {}", op.epsilon);
}

absl::StatusOr<Shape> Infer(const Pointwise& op, Values inputs) {
  ACTIUM_RETURN_IF_ERROR(CheckInputs(inputs, 1, Graph::kMostValues));
  const auto varying =
      std::ranges::find_if(inputs, [](const Value* value) { return value->constant == nullptr; });
  if (varying == inputs.end()) return Invalid("one input at least must be no constant");
  if (op.program.empty() && varying != inputs.begin()) {
    return Invalid("{} must be no constant", inputs[0]->name);
  }
  const Shape& row = (*varying)->shape;
  ACTIUM_RETURN_IF_ERROR(CheckProgram(op.program, {.inputs = inputs, .first = 0}, row));
  return row;
}

absl::StatusOr<Shape> Infer(const Pool& op, Values inputs) {
  ACTIUM_RETURN_IF_ERROR(CheckInputs(inputs, 1, 1));
  ACTIUM_RETURN_IF_ERROR(CheckImage(*inputs[0]));
  ACTIUM_RETURN_IF_ERROR(CheckPair("kernel", op.kernel, 1));
  ACTIUM_RETURN_IF_ERROR(CheckPair("stride", op.stride, 1));
  ACTIUM_RETURN_IF_ERROR(CheckPair("padding", op.padding, 0));
  const Shape& x = inputs[0]->shape;
  Shape row = {x[0], 0, 0};
  for (size_t i = 0; i < 2; ++i) {
    if (op.padding[i] > op.kernel[i] / 2) {
      return Invalid("padding must be at most half of the kernel, {}, got {}", op.kernel[i] / 2,
                     op.padding[i]);
    }
    row[i + 1] =
        WindowPositions(x[i + 1], op.kernel[i], op.stride[i], op.padding[i], 1, op.ceil_mode);
    if (row[i + 1] < 1) return Invalid("the window does not fit {}", Text(x));
  }
  return row;
}

absl::StatusOr<Shape> Infer(const Pad& op, Values inputs) {
  ACTIUM_RETURN_IF_ERROR(CheckInputs(inputs, 1, 1));
  ACTIUM_RETURN_IF_ERROR(CheckImage(*inputs[0]));
  ACTIUM_RETURN_IF_ERROR(CheckPair("before", op.before, 0));
  ACTIUM_RETURN_IF_ERROR(CheckPair("after", op.after, 0));
  Shape row = inputs[0]->shape;
  for (size_t i = 0; i < 2; ++i) row[i + 1] += op.before[i] + op.after[i];
  return row;
}

absl::StatusOr<Shape> Infer(const GlobalAverage&, Values inputs) {
  ACTIUM_RETURN_IF_ERROR(CheckInputs(inputs, 1, 1));
  ACTIUM_RETURN_IF_ERROR(CheckImage(*inputs[0]));
  return Shape{inputs[0]->shape[0]};
}

absl::StatusOr<Shape> Infer(const Reshape& op, Values inputs) {
  ACTIUM_RETURN_IF_ERROR(CheckInputs(inputs, 1, 1));
  ACTIUM_RETURN_IF_ERROR(CheckRow(*inputs[0]));
  const auto given = tensor::ElementCount(inputs[0]->shape);
  if (given.has_value() && given == tensor::ElementCount(op.shape)) return op.shape;
  return Invalid("{} does not have the elements of {}", Text(op.shape), Text(inputs[0]->shape));
}

absl::Status CheckAxis(int axis, const Shape& row) {
  if (axis >= 0 && axis < std::ssize(row)) return absl::OkStatus();
  return Invalid("axis must be in [0, {}), got {}", row.size(), axis);
}

absl::StatusOr<Shape> Infer(const Concat& op, Values inputs) {
  ACTIUM_RETURN_IF_ERROR(CheckInputs(inputs, 1, Graph::kMostValues));
  Shape row = inputs[0]->shape;
  ACTIUM_RETURN_IF_ERROR(CheckAxis(op.axis, row));
  const auto axis = static_cast<size_t>(op.axis);
  row[axis] = 0;
  for (const Value* input : inputs) {
    ACTIUM_RETURN_IF_ERROR(CheckRow(*input));
    Shape like = input->shape;
    if (like.size() == row.size()) like[axis] = row[axis];
    if (like != row) {
      return Invalid("{} {} does not fit {} but for dimension {}", input->name, Text(input->shape),
                     Text(inputs[0]->shape), op.axis);
    }
    row[axis] += input->shape[axis];
  }
  return row;
}

absl::StatusOr<Shape> Infer(const Softmax& op, Values inputs) {
  ACTIUM_RETURN_IF_ERROR(CheckInputs(inputs, 1, 1));
  ACTIUM_RETURN_IF_ERROR(CheckRow(*inputs[0]));
  ACTIUM_RETURN_IF_ERROR(CheckAxis(op.axis, inputs[0]->shape));
  return inputs[0]->shape;
}

}  // namespace

absl::StatusOr<Shape> InferShape(const Op& op, std::span<const Value* const> inputs) {
  return std::visit([&](const auto& known) { return Infer(known, inputs); }, op);
}

int64_t WindowPositions(int64_t size, int64_t kernel, int64_t stride, int64_t padding,
                        int64_t dilation, bool ceil_mode) {
  const int64_t room = size + 2 * padding - dilation * (kernel - 1) - 1;
  // PyTorch: with ceil_mode even the first window may reach beyond the padded input.
  const int64_t last = ceil_mode ? room + stride - 1 : room;
  if (last < 0) return 0;
  const int64_t positions = last / stride + 1;
  if (!ceil_mode) return positions;
  // PyTorch: the last window must begin inside the input or its left padding.
  return (positions - 1) * stride >= size + padding ? positions - 1 : positions;
}

}  // namespace actium::graph
