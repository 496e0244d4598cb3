#include "server/cuda/node_launch.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/cuda/pointwise.h"
#include "server/cuda/reductions.h"
#include "server/graph/batch_norm.h"
#include "server/graph/plan.h"
#include "server/tensor/aligned_memory.h"

namespace actium::cuda {
namespace {

using graph::Around;
using graph::Node;
using graph::SplitAt;
using tensor::Elements;
using tensor::Product;
using tensor::Shape;

constexpr int64_t kMostNumbers = int64_t{1} << 31;

int Int(int64_t number) { return static_cast<int>(number); }

const Shape& InputShape(const NodeSpec& spec, size_t input) {
  return spec.graph.value(spec.node.inputs[input]).shape;
}
const Shape& OutputShape(const NodeSpec& spec) { return spec.graph.value(spec.node.output).shape; }

NodeLaunch Make(const graph::Cast&, const NodeSpec& spec) {
  return {.enqueue = [dtype = spec.graph.value(spec.node.inputs[0]).dtype,
                      storage = spec.arithmetics.storage, layout = LayoutOf(OutputShape(spec)),
                      rows = spec.rows](const NodeMemory& memory, cudaStream_t stream) {
    if (dtype == tensor::DType::kFp32) {  // Stored as the result is.
      return RunMove(storage, memory.inputs[0], layout, memory.output, layout, rows, stream);
    }
    return RunLoad(dtype, memory.inputs[0], storage, memory.output, layout, rows, stream);
  }};
}

NodeLaunch MakePointwise(const NodeSpec& spec) {
  return {.enqueue = [program = &*spec.shared.program, pool = &spec.pool,
                      storage = spec.arithmetics.storage,
                      count = spec.rows * Elements(OutputShape(spec))](const NodeMemory& memory,
                                                                       cudaStream_t stream) {
    return RunPointwise(storage,
                        {.program = program->At(memory.inputs, *pool),
                         .y = memory.output,
                         .count = static_cast<uint32_t>(count)},
                        stream);
  }};
}
NodeLaunch Make(const graph::Pointwise&, const NodeSpec& spec) { return MakePointwise(spec); }
NodeLaunch Make(const graph::BatchNorm&, const NodeSpec& spec) { return MakePointwise(spec); }

NodeLaunch Make(const graph::Pool& op, const NodeSpec& spec) {
  const Shape& in = InputShape(spec, 0);
  const Shape& out = OutputShape(spec);
  PoolArguments arguments;
  arguments.rows = spec.rows;
  arguments.channels = Int(in[0]);
  arguments.h = Int(in[1]);
  arguments.w = Int(in[2]);
  arguments.out_h = Int(out[1]);
  arguments.out_w = Int(out[2]);
  arguments.kernel_h = Int(op.kernel[0]);
  arguments.kernel_w = Int(op.kernel[1]);
  arguments.stride_h = Int(op.stride[0]);
  arguments.stride_w = Int(op.stride[1]);
  arguments.padding_h = Int(op.padding[0]);
  arguments.padding_w = Int(op.padding[1]);
  arguments.maximum = op.kind == graph::Pool::Kind::kMax;
  arguments.count_padding = op.count_padding;
  return {.enqueue = [arguments, storage = spec.arithmetics.storage](const NodeMemory& memory,
                                                                     cudaStream_t stream) mutable {
    arguments.x = memory.inputs[0];
    arguments.y = memory.output;
    return RunPool(storage, arguments, stream);
  }};
}

NodeLaunch Make(const graph::Pad& op, const NodeSpec& spec) {
  const Shape& in = InputShape(spec, 0);
  const Shape& out = OutputShape(spec);
  PadArguments arguments = {.rows = spec.rows,
                            .h = Int(in[1]),
                            .w = Int(in[2]),
                            .channels = Int(in[0]),
                            .above = Int(op.before[0]),
                            .left = Int(op.before[1]),
                            .out_h = Int(out[1]),
                            .out_w = Int(out[2]),
                            .value = static_cast<float>(op.value)};
  return {.enqueue = [arguments, storage = spec.arithmetics.storage](const NodeMemory& memory,
                                                                     cudaStream_t stream) mutable {
    arguments.x = memory.inputs[0];
    arguments.y = memory.output;
    return RunPad(storage, arguments, stream);
  }};
}

NodeLaunch Make(const graph::GlobalAverage&, const NodeSpec& spec) {
  const Shape& in = InputShape(spec, 0);
  return {.enqueue = [storage = spec.arithmetics.storage, rows = spec.rows,
                      pixels = Int(in[1] * in[2]),
                      channels = Int(in[0])](const NodeMemory& memory, cudaStream_t stream) {
    return RunGlobalAverage(storage, memory.inputs[0], memory.output, rows, pixels, channels,
                            stream);
  }};
}

NodeLaunch Make(const graph::Reshape&, const NodeSpec& spec) {
  return {.enqueue = [storage = spec.arithmetics.storage, rows = spec.rows,
                      in = LayoutOf(InputShape(spec, 0)), out = LayoutOf(OutputShape(spec))](
                         const NodeMemory& memory, cudaStream_t stream) {
    if (memory.inputs[0] == memory.output) return cudaSuccess;  // Planned so: no number moves.
    return RunMove(storage, memory.inputs[0], in, memory.output, out, rows, stream);
  }};
}

NodeLaunch Make(const graph::Concat& op, const NodeSpec& spec) {
  std::vector<int> widths;
  for (size_t i = 0; i < spec.node.inputs.size(); ++i) {
    const Around around = SplitAt(InputShape(spec, i), op.axis);
    widths.push_back(Int(around.count * around.inner));
  }
  const Around whole = SplitAt(OutputShape(spec), op.axis);
  return {.enqueue = [widths = std::move(widths), storage = spec.arithmetics.storage,
                      blocks = spec.rows * whole.outer, stride = Int(whole.count * whole.inner)](
                         const NodeMemory& memory, cudaStream_t stream) {
    auto* to = static_cast<std::byte*>(memory.output);
    for (size_t i = 0; i < widths.size(); ++i) {
      const cudaError_t error =
          RunCopyBlocks(storage, memory.inputs[i], to, blocks, widths[i], stride, stream);
      if (error != cudaSuccess) return error;
      to += static_cast<size_t>(widths[i]) * BytesOf(storage);
    }
    return cudaSuccess;
  }};
}

NodeLaunch Make(const graph::Softmax& op, const NodeSpec& spec) {
  const Around around = SplitAt(OutputShape(spec), op.axis);
  return {.enqueue = [around, storage = spec.arithmetics.storage, outer = spec.rows * around.outer](
                         const NodeMemory& memory, cudaStream_t stream) {
    return RunSoftmax(storage, memory.inputs[0], memory.output, outer, Int(around.count),
                      Int(around.inner), stream);
  }};
}

// Adds what the program needs besides the contraction's own result.
std::vector<const void*> Registers(const NodeMemory& memory) {
  std::vector<const void*> registers = {nullptr};
  registers.insert(registers.end(), memory.inputs.begin() + 3, memory.inputs.end());
  return registers;
}

NodeLaunch MakeContraction(const NodeSpec& spec) {
  const auto shape = ContractionOf(spec.graph, spec.node, spec.rows);
  return {.enqueue = [spec, shape = *shape](const NodeMemory& memory, cudaStream_t stream) {
    return spec.kernel->run(shape, spec.arithmetics.storage,
                            {.x = memory.inputs[0],
                             .weight = spec.pool.at(spec.shared.weight),
                             .bias = static_cast<const float*>(spec.pool.at(spec.shared.bias)),
                             .y = memory.output},
                            spec.shared.program->At(Registers(memory), spec.pool), stream);
  }};
}

NodeLaunch Make(const graph::Convolution&, const NodeSpec& spec) { return MakeContraction(spec); }

// Along the last dimension of an image, which is not the last as it is stored: by way of row-major
// copies, and with the program by itself.
NodeLaunch MakeLinearOfImage(const NodeSpec& spec) {
  const Storage storage = spec.arithmetics.storage;
  const int64_t in = spec.rows * Elements(InputShape(spec, 0));
  const int64_t out = spec.rows * Elements(OutputShape(spec));
  const size_t in_bytes = tensor::RoundUp(static_cast<size_t>(in) * BytesOf(storage));
  NodeLaunch launch;
  launch.scratch_bytes = in_bytes + static_cast<size_t>(out) * BytesOf(storage);
  launch.enqueue = [spec, storage, in_bytes, out,
                    shape = *ContractionOf(spec.graph, spec.node, spec.rows),
                    x_layout = LayoutOf(InputShape(spec, 0)),
                    y_layout = LayoutOf(OutputShape(spec))](const NodeMemory& memory,
                                                            cudaStream_t stream) {
    const auto row_major = [](const Layout& layout) {
      return Layout{.channels = 1, .pixels = layout.channels * layout.pixels};
    };
    std::byte* const x = memory.scratch;
    std::byte* const y = memory.scratch + in_bytes;
    cudaError_t error =
        RunMove(storage, memory.inputs[0], x_layout, x, row_major(x_layout), spec.rows, stream);
    if (error != cudaSuccess) return error;
    error = spec.kernel->run(shape, storage,
                             {.x = x,
                              .weight = spec.pool.at(spec.shared.weight),
                              .bias = static_cast<const float*>(spec.pool.at(spec.shared.bias)),
                              .y = y},
                             Program(), stream);
    if (error != cudaSuccess) return error;
    error = RunMove(storage, y, row_major(y_layout), memory.output, y_layout, spec.rows, stream);
    if (error != cudaSuccess) return error;
    return RunPointwise(storage,
                        {.program = spec.shared.program->At(Registers(memory), spec.pool),
                         .x = memory.output,
                         .y = memory.output,
                         .count = static_cast<uint32_t>(out)},
                        stream);
  };
  return launch;
}

NodeLaunch Make(const graph::Linear&, const NodeSpec& spec) {
  const bool moves =
      !graph::IsStoredRowMajor(InputShape(spec, 0)) || !graph::IsStoredRowMajor(OutputShape(spec));
  return moves ? MakeLinearOfImage(spec) : MakeContraction(spec);
}

// [K, C, R, S] as [K, R, S, C], which is the order of x.
std::vector<float> ChannelsLast(std::span<const float> weight, const Shape& shape) {
  const int64_t channels = shape[1];
  const int64_t taps = Product(shape, 2, shape.size());
  std::vector<float> moved(weight.size());
  for (int64_t k = 0; k < shape[0]; ++k) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t t = 0; t < taps; ++t) {
        moved[static_cast<size_t>((k * taps + t) * channels + c)] =
            weight[static_cast<size_t>((k * channels + c) * taps + t)];
      }
    }
  }
  return moved;
}

// The tensor cores cut a float to TF32. What was rounded to it before is not changed by that: half
// the error, and none to one side only. As PTX's cvt.rna.tf32.f32: to the nearest, ties away from
// zero.
float RoundToTf32(float x) {
  constexpr uint32_t kCut = 0x1FFF;
  const auto bits = std::bit_cast<uint32_t>(x);
  const float rounded = std::bit_cast<float>((bits + (kCut + 1) / 2) & ~kCut);
  return std::isfinite(rounded) ? rounded : x;
}

std::vector<float> Weights(const graph::Value& weight, const Arithmetics& arithmetics) {
  std::vector<float> weights = ChannelsLast(*weight.constant, weight.shape);
  if (arithmetics.tf32) std::ranges::transform(weights, weights.begin(), RoundToTf32);
  return weights;
}

// A batch norm, as no pass has folded it, is a program of its own: x * factor + offset.
absl::StatusOr<CompiledProgram> BatchNormProgram(const graph::Graph& graph, const Node& node,
                                                 ConstantPool& pool) {
  const graph::ChannelAffine affine = graph::BatchNormAffine(graph, node);
  const Shape& row = graph.value(node.output).shape;
  const auto constant = [&](const std::vector<double>& numbers) {
    graph::Value value;
    value.shape = Shape(row.size(), 1);
    value.shape[0] = row[0];
    value.constant = std::make_shared<graph::Numbers>(numbers.begin(), numbers.end());
    return value;
  };
  const graph::Value factor = constant(affine.factor);
  const graph::Value offset = constant(affine.offset);
  const graph::Value* const registers[] = {&graph.value(node.inputs[0]), &factor, &offset};
  const graph::Program program = {{.step = graph::ArithmeticKind::kMultiply, .left = 0, .right = 1},
                                  {.step = graph::ArithmeticKind::kAdd, .left = 3, .right = 2}};
  return CompiledProgram::Make(program, registers, row, pool);
}

absl::StatusOr<CompiledProgram> ProgramOfNode(const graph::Graph& graph, const Node& node,
                                              ConstantPool& pool) {
  return CompiledProgram::Make(*graph::ProgramOf(node.op), graph::ProgramInputs(graph, node),
                               graph.value(node.output).shape, pool);
}

bool IsContraction(const Node& node) {
  return std::holds_alternative<graph::Convolution>(node.op) ||
         std::holds_alternative<graph::Linear>(node.op);
}

// All indices on the device are 32-bit numbers.
absl::Status CheckSizes(const NodeSpec& spec) {
  std::vector<graph::ValueId> ids = spec.node.inputs;
  ids.push_back(spec.node.output);
  for (const graph::ValueId id : ids) {
    const graph::Value& value = spec.graph.value(id);
    const int64_t rows = value.constant == nullptr ? spec.rows : 1;
    if (Elements(value.shape) < kMostNumbers / rows) continue;
    return absl::UnimplementedError(
        fmt::format("{}: {} rows have 2^31 numbers or more, which the "
                    "GPU engine does not run; lower max_batch_size",
                    value.name, rows));
  }
  return absl::OkStatus();
}

}  // namespace

Layout LayoutOf(const Shape& row) {
  if (graph::IsStoredRowMajor(row)) return {.channels = 1, .pixels = Int(Elements(row))};
  return {.channels = Int(row[0]), .pixels = Int(row[1] * row[2])};
}

std::optional<ContractionShape> ContractionOf(const graph::Graph& graph, const Node& node,
                                              int rows) {
  if (!IsContraction(node)) return std::nullopt;
  const Shape& x = graph.value(node.inputs[0]).shape;
  const Shape& y = graph.value(node.output).shape;
  const auto* const convolution = std::get_if<graph::Convolution>(&node.op);
  if (convolution == nullptr) {
    return ContractionShape{.rows = rows * Int(Product(x, 0, x.size() - 1)),
                            .in_channels = Int(x.back()),
                            .out_channels = Int(y.back())};
  }
  const Shape& weight = graph.value(node.inputs[1]).shape;
  const auto extent = [](int64_t h, int64_t w) { return Extent{Int(h), Int(w)}; };
  return ContractionShape{.rows = rows,
                          .in_channels = Int(x[0]),
                          .in = extent(x[1], x[2]),
                          .out_channels = Int(y[0]),
                          .out = extent(y[1], y[2]),
                          .kernel = extent(weight[2], weight[3]),
                          .stride = extent(convolution->stride[0], convolution->stride[1]),
                          .padding = extent(convolution->padding[0], convolution->padding[1]),
                          .dilation = extent(convolution->dilation[0], convolution->dilation[1]),
                          .groups = Int(convolution->groups)};
}

absl::StatusOr<NodeShared> ShareNode(const graph::Graph& graph, const Node& node,
                                     const Arithmetics& arithmetics, ConstantPool& pool) {
  NodeShared shared;
  if (IsContraction(node)) {
    const graph::Value& weight = graph.value(node.inputs[1]);
    shared.weight = pool.Add(Weights(weight, arithmetics), arithmetics.storage);
    shared.bias = pool.Add(*graph.value(node.inputs[2]).constant, Storage::kFloat);
  }
  if (std::holds_alternative<graph::BatchNorm>(node.op)) {
    ACTIUM_ASSIGN_OR_RETURN(shared.program, BatchNormProgram(graph, node, pool));
  } else if (graph::ProgramOf(node.op) != nullptr) {
    ACTIUM_ASSIGN_OR_RETURN(shared.program, ProgramOfNode(graph, node, pool));
  }
  return shared;
}

absl::StatusOr<NodeLaunch> MakeLaunch(const NodeSpec& spec) {
  ACTIUM_RETURN_IF_ERROR(CheckSizes(spec));
  return std::visit([&](const auto& op) { return Make(op, spec); }, spec.node.op);
}

}  // namespace actium::cuda
