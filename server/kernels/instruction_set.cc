#include "server/kernels/instruction_set.h"

#include <vector>

#include "server/kernels/highway_target.h"

namespace actium::kernels {

std::span<const InstructionSet> InstructionSets() {
  static const std::vector<InstructionSet> kSets = [] {
    std::vector<InstructionSet> found;
    const int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
    for (const InstructionSet set :
         {InstructionSet::kAvx512, InstructionSet::kAvx2, InstructionSet::kSse4}) {
      if ((targets & HighwayTarget(set)) != 0) found.push_back(set);
    }
    found.push_back(InstructionSet::kBaseline);
    return found;
  }();
  return kSets;
}

InstructionSet BestInstructionSet() { return InstructionSets().front(); }

std::string_view Name(InstructionSet set) {
  switch (set) {
    case InstructionSet::kAvx512:
      return "avx512";
    case InstructionSet::kAvx2:
      return "avx2";
    case InstructionSet::kSse4:
      return "sse4";
    case InstructionSet::kBaseline:
      break;
  }
  return "baseline";
}

}  // namespace actium::kernels
