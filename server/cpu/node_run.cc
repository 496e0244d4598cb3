#include "server/cpu/node_run.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "server/cpu/layout.h"
#include "server/cpu/loops.h"
#include "server/graph/batch_norm.h"
#include "server/graph/plan.h"

namespace actium::cpu {
namespace {

using graph::Around;
using graph::Node;
using graph::SplitAt;
using tensor::Elements;
using tensor::Product;
using tensor::Shape;

// A node whose run is a function of its memory.
template <class Function>
class PlainRun final : public NodeRun {
 public:
  explicit PlainRun(Function function) : function_(std::move(function)) {}

  absl::Status Run(const NodeMemory& memory) override {
    function_(memory);
    return absl::OkStatus();
  }

 private:
  const Function function_;
};

template <class Function>
std::unique_ptr<NodeRun> Plain(Function function) {
  return std::make_unique<PlainRun<Function>>(std::move(function));
}

class PointwiseRun final : public NodeRun {
 public:
  PointwiseRun(std::shared_ptr<const PointwiseProgram> program, size_t registers, int64_t count)
      : program_(std::move(program)), registers_(registers), count_(count) {}

  size_t scratch_bytes() const override { return program_->scratch_bytes(); }

  absl::Status Run(const NodeMemory& memory) override {
    for (size_t i = 0; i < registers_.size(); ++i) registers_[i] = memory.floats(i);
    program_->Run(registers_, memory.out(), 0, count_, reinterpret_cast<float*>(memory.scratch));
    return absl::OkStatus();
  }

 private:
  const std::shared_ptr<const PointwiseProgram> program_;
  std::vector<const float*> registers_;
  const int64_t count_;
};

const Shape& InputShape(const NodeSpec& spec, size_t input) {
  return spec.graph.value(spec.node.inputs[input]).shape;
}
const Shape& OutputShape(const NodeSpec& spec) { return spec.graph.value(spec.node.output).shape; }

std::unique_ptr<NodeRun> Make(const graph::Cast&, const NodeSpec& spec) {
  const tensor::DType dtype = spec.graph.value(spec.node.inputs[0]).dtype;
  const Shape row = InputShape(spec, 0);
  if (dtype == tensor::DType::kFp32) {  // Stored as the result is.
    return Plain([count = spec.rows * Elements(row)](const NodeMemory& memory) {
      std::copy_n(memory.floats(0), count, memory.out());
    });
  }
  return Plain([dtype, row, rows = spec.rows](const NodeMemory& memory) {
    Cast(dtype, memory.inputs[0], memory.out(), rows, row);
  });
}

std::unique_ptr<NodeRun> Make(const graph::BatchNorm&, const NodeSpec& spec) {
  const Around around = SplitAt(InputShape(spec, 0), 0);
  const graph::ChannelAffine affine = graph::BatchNormAffine(spec.graph, spec.node);
  std::vector<float> scale(affine.factor.begin(), affine.factor.end());
  std::vector<float> shift(affine.offset.begin(), affine.offset.end());
  return Plain([around, scale = std::move(scale), shift = std::move(shift),
                outer = spec.rows * around.outer](const NodeMemory& memory) {
    ScaleAndShift(memory.floats(0), scale.data(), shift.data(), memory.out(), outer, around.count,
                  around.inner);
  });
}

std::unique_ptr<NodeRun> Make(const graph::Pointwise&, const NodeSpec& spec) {
  return std::make_unique<PointwiseRun>(spec.shared.program, spec.node.inputs.size(),
                                        spec.rows * Elements(OutputShape(spec)));
}

std::unique_ptr<NodeRun> Make(const graph::Pool& op, const NodeSpec& spec) {
  return Plain([op, rows = spec.rows, in = InputShape(spec, 0),
                out = OutputShape(spec)](const NodeMemory& memory) {
    RunPool(op, memory.floats(0), memory.out(), rows, in, out);
  });
}

std::unique_ptr<NodeRun> Make(const graph::Pad& op, const NodeSpec& spec) {
  return Plain([op, rows = spec.rows, in = InputShape(spec, 0)](const NodeMemory& memory) {
    RunPad(op, memory.floats(0), memory.out(), rows, in);
  });
}

std::unique_ptr<NodeRun> Make(const graph::GlobalAverage&, const NodeSpec& spec) {
  const Shape& in = InputShape(spec, 0);
  return Plain(
      [rows = spec.rows, channels = in[0], pixels = in[1] * in[2]](const NodeMemory& memory) {
        GlobalAverage(memory.floats(0), memory.out(), rows, pixels, channels);
      });
}

// Two images of different shapes, neither stored row-major: number by number.
void ReshapeImage(const float* from, float* to, const Shape& in, const Shape& out) {
  const int64_t in_pixels = in[1] * in[2];
  const int64_t out_pixels = out[1] * out[2];
  for (int64_t i = 0; i < out[0] * out_pixels; ++i) {
    to[i % out_pixels * out[0] + i / out_pixels] = from[i % in_pixels * in[0] + i / in_pixels];
  }
}

std::unique_ptr<NodeRun> Make(const graph::Reshape&, const NodeSpec& spec) {
  return Plain([rows = spec.rows, in = InputShape(spec, 0),
                out = OutputShape(spec)](const NodeMemory& memory) {
    const float* const from = memory.floats(0);
    float* const to = memory.out();
    if (from == to) return;  // Planned so: no number moves.
    if (graph::IsStoredRowMajor(in)) return ToStored(from, to, rows, out);
    if (graph::IsStoredRowMajor(out)) return FromStored(from, to, rows, in);
    const int64_t count = Elements(in);
    for (int64_t i = 0; i < rows; ++i) ReshapeImage(from + i * count, to + i * count, in, out);
  });
}

std::unique_ptr<NodeRun> Make(const graph::Concat& op, const NodeSpec& spec) {
  std::vector<int64_t> lengths;  // Of each input's piece.
  for (size_t i = 0; i < spec.node.inputs.size(); ++i) {
    const Around around = SplitAt(InputShape(spec, i), op.axis);
    lengths.push_back(around.count * around.inner);
  }
  const int64_t outer = spec.rows * SplitAt(OutputShape(spec), op.axis).outer;
  return Plain([lengths = std::move(lengths), outer](const NodeMemory& memory) {
    float* to = memory.out();
    for (int64_t o = 0; o < outer; ++o) {
      for (size_t i = 0; i < lengths.size(); ++i) {
        to = std::copy_n(memory.floats(i) + o * lengths[i], lengths[i], to);
      }
    }
  });
}

std::unique_ptr<NodeRun> Make(const graph::Softmax& op, const NodeSpec& spec) {
  const Around around = SplitAt(OutputShape(spec), op.axis);
  return Plain([around, outer = spec.rows * around.outer](const NodeMemory& memory) {
    Softmax(memory.floats(0), memory.out(), outer, around.count, around.inner);
  });
}

absl::StatusOr<std::unique_ptr<NodeRun>> Make(const graph::Convolution&, const NodeSpec& spec) {
  return NewContraction(spec);
}
absl::StatusOr<std::unique_ptr<NodeRun>> Make(const graph::Linear&, const NodeSpec& spec) {
  return NewContraction(spec);
}

}  // namespace

NodeShared ShareNode(const graph::Graph& graph, const Node& node) {
  NodeShared shared;
  const graph::Program* const program = graph::ProgramOf(node.op);
  if (program == nullptr) return shared;
  if (!std::holds_alternative<graph::Pointwise>(node.op)) {
    shared.layer = NewConvolution(ContractionSpec(graph, node));
  }
  shared.program = std::make_shared<const PointwiseProgram>(
      *program, graph::ProgramInputs(graph, node), graph.value(node.output).shape);
  return shared;
}

absl::StatusOr<std::unique_ptr<NodeRun>> NewNodeRun(const NodeSpec& spec) {
  return std::visit(
      [&](const auto& op) -> absl::StatusOr<std::unique_ptr<NodeRun>> { return Make(op, spec); },
      spec.node.op);
}

}  // namespace actium::cpu
