#ifndef ACTIUM_SERVER_CPU_POINTWISE_H_
#define ACTIUM_SERVER_CPU_POINTWISE_H_

// Internal to server/cpu.

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "server/graph/graph.h"
#include "server/graph/ops.h"
#include "server/kernels/activation.h"
#include "server/kernels/binary.h"

namespace actium::cpu {

/// A graph::Program made ready: runs any chain of pointwise operations over blocks that stay in the
/// first-level cache, so that memory is read and written once. Immutable and thread-safe.
class PointwiseProgram {
 public:
  /// Numbers of a block.
  static constexpr int64_t kBlock = 1024;

  /// registers: the program's inputs; null for one that is no constant, which has the row's shape.
  /// row: of the result. Constants are laid out here as rows are stored (graph/plan.h).
  PointwiseProgram(const graph::Program& program, std::span<const graph::Value* const> registers,
                   const tensor::Shape& row);

  bool empty() const { return instructions_.empty(); }

  /// What Run() needs for results in between.
  size_t scratch_bytes() const { return temporaries_ * kBlock * sizeof(float); }

  /// Computes the numbers [first, first + count) of a batch's result.
  ///
  /// registers: where each input's batch begins; ignored for constants. out: where the result's
  /// batch begins; may be one of them.
  void Run(std::span<const float* const> registers, float* out, int64_t first, int64_t count,
           float* scratch) const;

 private:
  struct Operand {
    enum class Kind { kNone, kRegister, kConstant, kTemporary, kOut };
    Kind kind = Kind::kNone;
    size_t index = 0;
  };
  struct Ready {
    std::variant<kernels::ActivationKernel, kernels::BinaryKernel> function;
    Operand left, right, out;
  };
  // A constant repeats itself along a batch. It is kept with one block more than its period, so
  // that a block may begin anywhere in it.
  struct Constant {
    int64_t period = 1;
    std::vector<float> numbers;
  };
  struct Block;
  struct Building;

  Operand AddConstant(const graph::Value& value, const tensor::Shape& row, bool slopes);
  Operand Take(int index, bool slopes, Building& building);
  void AddInstruction(const graph::Instruction& instruction, bool last, Building& building);
  const float* Read(const Operand& operand, const Block& block) const;

  std::vector<Ready> instructions_;
  std::vector<Constant> constants_;
  size_t temporaries_ = 0;
};

}  // namespace actium::cpu

#endif  // ACTIUM_SERVER_CPU_POINTWISE_H_
