#ifndef ACTIUM_SERVER_CUDA_PROGRAM_H_
#define ACTIUM_SERVER_CUDA_PROGRAM_H_

#include <cstdint>

// No header of ours or of a library's but these few: nvcc reads it in every kernel.
#include "server/activation/activation.h"

/// A graph::Program as kernels take it: plain data, passed by value with a launch.
/// compile_program.h makes it, run_program.h runs it.
namespace actium::cuda {

/// Division by a number that is known before the launch, in three instructions instead of twenty.
/// Source: T. Granlund and P. Montgomery, "Division by Invariant Integers using Multiplication",
/// PLDI 1994, figure 4.1.
struct Divisor {
  uint32_t divisor = 1;  ///< >= 1.
  uint32_t multiplier = 0;
  uint32_t shift = 0;
};

/// Returns the divisor for dividends below 2^31. value: in [1, 2^31).
inline Divisor MakeDivisor(uint32_t value) {
  uint32_t shift = 0;
  while ((uint64_t{1} << shift) < value) ++shift;
  const uint64_t excess = (uint64_t{1} << shift) - value;
  return {value, static_cast<uint32_t>((excess << 32) / value + 1), shift};
}

/// What a step can do besides the activations, whose numbers are those of activation::Activation.
/// kPrelu with a right operand takes the slopes from there.
enum class Arithmetic : uint8_t {
  kAdd = activation::kActivations,
  kSubtract,
  kMultiply,
  kDivide,
};

/// Where a step reads from.
enum class Source : uint8_t {
  kNone,
  kPrevious,  ///< The step before; of the first step what the kernel itself has computed.
  kKept,      ///< A register that an earlier step has filled.
  kOperand,   ///< Memory: Program::operands.
};

struct StepInput {
  Source source = Source::kNone;
  uint8_t index = 0;
};

struct Step {
  static constexpr int8_t kNotKept = -1;

  uint8_t function = 0;    ///< An Activation's number or an Arithmetic's.
  int8_t keep = kNotKept;  ///< Which register gets the result for a later step.
  StepInput left, right;
  float parameters[2] = {};  ///< Of the activation, in its row's order.
};

/// Numbers in device memory. Those of a tensor have the model's type, one for each of the result;
/// constants are floats that repeat: result i takes number i % period.
struct Operand {
  const void* data = nullptr;  ///< On 16 bytes.
  bool tensor = false;
  Divisor period = {};  ///< Of a constant.
};

/// Limits keep a launch's arguments below the 4 KiB that every device takes.
struct Program {
  static constexpr int kMostSteps = 64;
  static constexpr int kMostOperands = 32;
  static constexpr int kMostKept = 8;

  int steps = 0;
  int8_t keep_input = Step::kNotKept;  ///< Which register gets what the kernel has computed.
  Step step[kMostSteps] = {};
  Operand operands[kMostOperands] = {};
};

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_PROGRAM_H_
