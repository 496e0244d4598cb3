#include "server/kernels/instruction_set.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace actium::test {
namespace {

using kernels::InstructionSet;
using kernels::InstructionSets;

bool Has(InstructionSet set) { return std::ranges::count(InstructionSets(), set) == 1; }

// By the compiler's own run-time detection.
TEST(InstructionSetsTest, AreThoseOfTheProcessor) {
  // Highway asks for these as well before it uses SSE4 or AVX2.
  const bool aes = __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
  const bool avx2 = aes && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi2");
  EXPECT_EQ(Has(InstructionSet::kSse4), aes && __builtin_cpu_supports("sse4.2"));
  EXPECT_EQ(Has(InstructionSet::kAvx2), avx2);
  EXPECT_EQ(Has(InstructionSet::kAvx512),
            avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"));
}

TEST(InstructionSetsTest, BestIsFirstAndTheBaselineIsLast) {
  EXPECT_TRUE(std::ranges::is_sorted(InstructionSets()));
  EXPECT_EQ(kernels::BestInstructionSet(), InstructionSets().front());
  EXPECT_EQ(InstructionSets().back(), InstructionSet::kBaseline);
}

TEST(InstructionSetsTest, HaveNames) {
  EXPECT_EQ(Name(InstructionSet::kAvx512), "avx512");
  EXPECT_EQ(Name(InstructionSet::kAvx2), "avx2");
  EXPECT_EQ(Name(InstructionSet::kSse4), "sse4");
  EXPECT_EQ(Name(InstructionSet::kBaseline), "baseline");
}

}  // namespace
}  // namespace actium::test
