// What nvcc made of the kernels, from the plug-in's machine code: memory is accessed 128 bits at a
// time where it shall be, and products are the tensor cores'. (That nothing spills is a condition
// of the build: ptxas ends with an error.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <map>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "fmt/format.h"

namespace actium::test {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

// Machine code by kernel, as "TensorCoreKernelI6__half...".
using Code = std::map<std::string, std::string>;

std::string OutputOf(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string output;
  std::array<char, 1 << 16> part;
  while (const size_t length = fread(part.data(), 1, part.size(), pipe.get())) {
    output.append(part.data(), length);
  }
  return output;
}

Code ReadCode() {
  const std::string sass =
      OutputOf("PATH=" ACTIUM_CUDA_BIN ":$PATH cuobjdump -sass " ACTIUM_CUDA_PLUGIN);
  constexpr std::string_view kFunction = "Function : ";
  // The compiler's name of the anonymous namespace, which ends with a file's name and a hash.
  const std::regex space("^_ZN6actium4cuda[0-9]+_GLOBAL__N__.*_cu_[0-9a-f]{8}[0-9]{1,2}");
  Code code;
  for (size_t at = sass.find(kFunction); at != std::string::npos;) {
    const size_t name = at + kFunction.size();
    const size_t end = sass.find('\n', name);
    const size_t next = sass.find(kFunction, end);
    code[std::regex_replace(sass.substr(name, end - name), space, "")] =
        sass.substr(end, next == std::string::npos ? next : next - end);
    at = next;
  }
  return code;
}

int Count(const std::string& text, std::string_view what) {
  int count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

class SassTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { code_ = ReadCode(); }

  // Expects instructions, any one of each alternative, in all kernels whose names begin so.
  static void ExpectIn(const std::string& kernel, int kernels,
                       const std::vector<std::vector<std::string>>& instructions) {
    int found = 0;
    for (const auto& [name, code] : code_) {
      if (!name.starts_with(kernel)) continue;
      ++found;
      for (const std::vector<std::string>& alternatives : instructions) {
        int count = 0;
        for (const std::string& instruction : alternatives) count += Count(code, instruction);
        fmt::print("{:<60.60} {:<24} {:>3} (>= 1)  {}\n", name, alternatives.front(), count,
                   count >= 1 ? "PASS" : "FAIL");
        EXPECT_GE(count, 1) << name << " has no " << alternatives.front();
      }
    }
    EXPECT_EQ(found, kernels) << kernel;
  }

  static inline Code code_;
};

TEST_F(SassTest, PointwiseKernelsAccess128BitsAtATime) {
  for (const char* const wide : {"PointwiseKernelI6__halfLi8", "PointwiseKernelI13__nv_bfloat16Li8",
                                 "PointwiseKernelIfLi4"}) {
    ExpectIn(wide, 1, {{"LDG.E.128"}, {"STG.E.128"}});
  }
  ExpectIn("PoolKernel", 3, {{"LDG.E.128"}, {"STG.E.128"}});
}

TEST_F(SassTest, ContractionsStore128BitsAtATime) {
  ExpectIn("SimtKernel", 9, {{"ST.E.128", "STG.E.128"}});
  ExpectIn("DepthwiseKernel", 3, {{"LDG.E.128"}, {"ST.E.128", "STG.E.128"}});
}

TEST_F(SassTest, TensorCoreKernelsMultiplyOnTheTensorCoresAndCopyPastTheRegisters) {
  const std::vector<std::vector<std::string>> common = {
      {"LDGSTS.E.BYPASS.128"}, {"LDSM.16.M88.4"}, {"ST.E.128", "STG.E.128"}};
  const std::map<std::string, std::string> products = {
      {"TensorCoreKernelI6__half", "HMMA.16816.F32 "},
      {"TensorCoreKernelI13__nv_bfloat16", "HMMA.16816.F32.BF16"},
      {"TensorCoreKernelIf", "HMMA.1688.F32.TF32"}};
  for (const auto& [kernel, product] : products) {
    auto instructions = common;
    instructions.push_back({product});
    ExpectIn(kernel, 5, instructions);
  }
}

TEST_F(SassTest, ExactFloat32NeverUsesTheTensorCores) {
  ASSERT_THAT(code_, Not(IsEmpty()));
  for (const auto& [name, code] : code_) {
    if (name.starts_with("TensorCoreKernel")) continue;
    EXPECT_EQ(Count(code, "HMMA"), 0) << name;
  }
}

}  // namespace
}  // namespace actium::test
