#include <algorithm>
#include <utility>
#include <vector>

#include "server/base/status_macros.h"
#include "server/cpu/layout.h"
#include "server/cpu/node_run.h"
#include "server/graph/plan.h"
#include "server/tensor/aligned_memory.h"

namespace actium::cpu {
namespace {

using graph::Graph;
using graph::Node;
using tensor::Elements;
using tensor::Product;
using tensor::Shape;

// Of a result that is computed before its epilogue runs: it should still lie in the second-level
// cache then, with what was read for it. Small layers want several images at once, because every
// call of a primitive costs half a microsecond.
constexpr int64_t kHotBytes = 192 << 10;

// One convolution for all rows, or several for a few rows each, with the epilogue after each.
class Contraction final : public NodeRun {
 public:
  explicit Contraction(const NodeSpec& spec)
      : x_row_(spec.graph.value(spec.node.inputs[0]).shape),
        y_row_(spec.graph.value(spec.node.output).shape),
        rows_(spec.rows),
        linear_(std::holds_alternative<graph::Linear>(spec.node.op)),
        program_(spec.shared.program),
        registers_(spec.node.inputs.size() - 2) {
    part_ = rows_;
    if (!program_->empty()) {
      const int64_t bytes = Elements(y_row_) * int64_t{sizeof(float)};
      part_ = std::clamp<int64_t>(spec.threads * kHotBytes / bytes, 1, rows_);
    }
  }

  absl::Status Prepare(const NodeSpec& spec) {
    // A linear layer works along the last dimension; of an image it is not the last as stored.
    const int64_t images = linear_ ? Product(x_row_, 0, x_row_.size() - 1) : 1;
    ACTIUM_ASSIGN_OR_RETURN(const auto plan,
                            spec.shared.layer->PlanFor(part_ * images, spec.threads));
    ACTIUM_ASSIGN_OR_RETURN(part_run_, plan->NewRun());
    algorithm_ = plan->algorithm();
    size_t scratchpad = plan->scratch_bytes();
    if (const int64_t rest = rows_ % part_; rest != 0) {
      ACTIUM_ASSIGN_OR_RETURN(const auto rest_plan,
                              spec.shared.layer->PlanFor(rest * images, spec.threads));
      ACTIUM_ASSIGN_OR_RETURN(rest_run_, rest_plan->NewRun());
      scratchpad = std::max(scratchpad, rest_plan->scratch_bytes());
    }
    const auto part_bytes = [&](const Shape& row) {
      const bool moves = linear_ && !graph::IsStoredRowMajor(row);
      return moves ? tensor::RoundUp(static_cast<size_t>(part_ * Elements(row)) * sizeof(float))
                   : 0;
    };
    moved_y_ = part_bytes(x_row_);
    working_ = moved_y_ + part_bytes(y_row_);
    scratch_bytes_ = working_ + std::max(scratchpad, program_->scratch_bytes());
    return absl::OkStatus();
  }

  size_t scratch_bytes() const override { return scratch_bytes_; }
  std::string algorithm() const override { return algorithm_; }

  absl::Status Run(const NodeMemory& memory) override {
    registers_[0] = memory.out();
    for (size_t i = 1; i < registers_.size(); ++i) registers_[i] = memory.floats(i + 2);
    for (int64_t first = 0; first < rows_; first += part_) {
      const int64_t rows = std::min(part_, rows_ - first);
      ConvolutionRun& run = rows == part_ ? *part_run_ : *rest_run_;
      ACTIUM_RETURN_IF_ERROR(RunPart(run, memory, first, rows));
      const int64_t count = Elements(y_row_);
      program_->Run(registers_, memory.out(), first * count, rows * count,
                    reinterpret_cast<float*>(memory.scratch + working_));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status RunPart(ConvolutionRun& run, const NodeMemory& memory, int64_t first,
                       int64_t rows) const {
    const float* x = memory.floats(0) + first * Elements(x_row_);
    float* const y = memory.out() + first * Elements(y_row_);
    if (moved_y_ != 0) {
      auto* const moved = reinterpret_cast<float*>(memory.scratch);
      FromStored(x, moved, rows, x_row_);
      x = moved;
    }
    if (working_ == moved_y_) return run.Run(x, y, memory.scratch + working_);
    auto* const moved = reinterpret_cast<float*>(memory.scratch + moved_y_);
    ACTIUM_RETURN_IF_ERROR(run.Run(x, moved, memory.scratch + working_));
    ToStored(moved, y, rows, y_row_);
    return absl::OkStatus();
  }

  const Shape x_row_, y_row_;
  const int64_t rows_;
  const bool linear_;
  const std::shared_ptr<const PointwiseProgram> program_;
  std::vector<const float*> registers_;  // The result, then the epilogue's other inputs.
  int64_t part_ = 1;                     // Rows at once.
  std::unique_ptr<ConvolutionRun> part_run_, rest_run_;
  std::string algorithm_;
  size_t moved_y_ = 0;  // In the scratch memory: after a copy of x, if any.
  size_t working_ = 0;  // After a copy of y, if any: the convolution's own, then the program's.
  size_t scratch_bytes_ = 0;
};

}  // namespace

ConvolutionSpec ContractionSpec(const Graph& graph, const Node& node) {
  const Shape& x = graph.value(node.inputs[0]).shape;
  const Shape& y = graph.value(node.output).shape;
  ConvolutionSpec spec = {.weight = graph.value(node.inputs[1]).constant,
                          .bias = graph.value(node.inputs[2]).constant};
  const auto* const convolution = std::get_if<graph::Convolution>(&node.op);
  if (convolution == nullptr) {
    spec.in_channels = x.back();
    spec.out_channels = y.back();
    return spec;
  }
  const Shape& weight = graph.value(node.inputs[1]).shape;
  spec.in_channels = x[0];
  spec.in_size = {x[1], x[2]};
  spec.out_channels = y[0];
  spec.out_size = {y[1], y[2]};
  spec.kernel = {weight[2], weight[3]};
  spec.stride = convolution->stride;
  spec.padding = convolution->padding;
  spec.dilation = convolution->dilation;
  spec.groups = convolution->groups;
  return spec;
}

absl::StatusOr<std::unique_ptr<NodeRun>> NewContraction(const NodeSpec& spec) {
  auto run = std::make_unique<Contraction>(spec);
  ACTIUM_RETURN_IF_ERROR(run->Prepare(spec));
  return run;
}

}  // namespace actium::cpu
