#ifndef ACTIUM_SERVER_CUDA_COMPILE_PROGRAM_H_
#define ACTIUM_SERVER_CUDA_COMPILE_PROGRAM_H_

#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "server/cuda/constant_pool.h"
#include "server/cuda/program.h"
#include "server/graph/graph.h"

namespace actium::cuda {

/// A program whose operands have no addresses yet.
class CompiledProgram {
 public:
  /// program: of a node. registers: its inputs by register; null stands for what the kernel itself
  /// computes, which only register 0 may be. row: the shape of a result's row. Constants go to the
  /// pool.
  ///
  /// Errors: UNIMPLEMENTED beyond the limits of Program.
  static absl::StatusOr<CompiledProgram> Make(const graph::Program& program,
                                              std::span<const graph::Value* const> registers,
                                              const tensor::Shape& row, ConstantPool& pool);

  /// Returns the program for one place in memory. tensors: where each register's numbers begin;
  /// those of constants do not count.
  Program At(std::span<const void* const> tensors, const ConstantPool& pool) const;

 private:
  class Compiler;

  // Where an operand's numbers come from.
  struct Origin {
    int tensor = 0;       // Which register.
    size_t constant = 0;  // Which place in the pool, if it is no tensor.
  };

  Program program_;
  std::vector<Origin> origins_;  // By operand.
};

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_COMPILE_PROGRAM_H_
