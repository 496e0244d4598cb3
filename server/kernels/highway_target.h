#ifndef ACTIUM_SERVER_KERNELS_HIGHWAY_TARGET_H_
#define ACTIUM_SERVER_KERNELS_HIGHWAY_TARGET_H_

#include <hwy/targets.h>

#include <cstddef>
#include <cstdint>

#include "server/kernels/instruction_set.h"

/// Highway's numbers for our names; for the sources of this folder only.
namespace actium::kernels {

/// Returns Highway's bit of an instruction set.
constexpr int64_t HighwayTarget(InstructionSet set) {
  switch (set) {
    case InstructionSet::kAvx512:
      return HWY_AVX3;
    case InstructionSet::kAvx2:
      return HWY_AVX2;
    case InstructionSet::kSse4:
      return HWY_SSE4;
    case InstructionSet::kBaseline:
      break;
  }
  // gcc 12's fallback is HWY_SCALAR, clang's HWY_EMU128.
  return HWY_STATIC_TARGET;
}

/// Returns the place of an instruction set in the tables that HWY_EXPORT makes. Highway's own
/// dispatch looks in one place for the whole process; a place for each call needs no global state.
inline size_t HighwayIndex(InstructionSet set) {
  hwy::ChosenTarget chosen;
  chosen.Update(HighwayTarget(set));
  return chosen.GetIndex();
}

}  // namespace actium::kernels

#endif  // ACTIUM_SERVER_KERNELS_HIGHWAY_TARGET_H_
