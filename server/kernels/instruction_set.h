#ifndef ACTIUM_SERVER_KERNELS_INSTRUCTION_SET_H_
#define ACTIUM_SERVER_KERNELS_INSTRUCTION_SET_H_

#include <span>
#include <string_view>

/// Loops over floats, compiled once for each instruction set and chosen when the program runs.
/// LibTorch and graphs are unknown here.
namespace actium::kernels {

/// What a kernel is compiled for.
enum class InstructionSet {
  kAvx512,    ///< 16 floats at once. AVX-512 F, BW, DQ and VL, as Intel's servers since Skylake.
  kAvx2,      ///< 8 floats at once, with FMA.
  kSse4,      ///< 4 floats at once, without FMA.
  kBaseline,  ///< Whatever the compiler makes of plain C++ for x86-64.
};

/// Returns the instruction sets that this processor has, best first; the last is kBaseline. The
/// same at every call. Thread-safe.
std::span<const InstructionSet> InstructionSets();

/// Returns InstructionSets().front(). Thread-safe.
InstructionSet BestInstructionSet();

/// Returns "avx512", "avx2", "sse4" or "baseline".
std::string_view Name(InstructionSet set);

}  // namespace actium::kernels

#endif  // ACTIUM_SERVER_KERNELS_INSTRUCTION_SET_H_
