#include "server/cuda/compile_program.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "server/cuda/pointwise.h"
#include "tests/server/cuda/kernel_test.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using ::testing::HasSubstr;

using cuda::CompiledProgram;
using cuda::Storage;
using graph::ArithmeticKind;
using graph::Instruction;

constexpr int kCount = 37;  // Numbers of a row.

graph::Value Tensor() { return {.name = "tensor", .shape = {kCount}, .constant = nullptr}; }
graph::Value Constant(std::vector<float> numbers) {
  const auto count = static_cast<int64_t>(numbers.size());
  return {.name = "constant",
          .shape = {count},
          .constant = std::make_shared<const graph::Numbers>(std::move(numbers))};
}

// The value of a program for one number of a row.
float Evaluate(const graph::Program& program, std::vector<float> registers) {
  for (const Instruction& instruction : program) {
    const float left = registers[static_cast<size_t>(instruction.left)];
    const float right = registers[static_cast<size_t>(instruction.right)];
    switch (std::get<ArithmeticKind>(instruction.step)) {
      case ArithmeticKind::kAdd:
        registers.push_back(left + right);
        break;
      case ArithmeticKind::kSubtract:
        registers.push_back(left - right);
        break;
      case ArithmeticKind::kMultiply:
        registers.push_back(left * right);
        break;
      case ArithmeticKind::kDivide:
        registers.push_back(left / right);
        break;
    }
  }
  return registers.back();
}

class CompileProgramTest : public KernelTest {
 protected:
  static absl::StatusOr<CompiledProgram> Compile(const graph::Program& program,
                                                 const std::vector<graph::Value>& inputs,
                                                 cuda::ConstantPool& pool) {
    std::vector<const graph::Value*> registers;
    for (const graph::Value& input : inputs) registers.push_back(&input);
    return CompiledProgram::Make(program, registers, {kCount}, pool);
  }

  static absl::Status StatusOf(const graph::Program& program,
                               const std::vector<graph::Value>& inputs) {
    cuda::ConstantPool pool;
    return Compile(program, inputs, pool).status();
  }

  // Compiles a program over so many tensors, runs it and compares it with Evaluate().
  void ExpectRuns(const graph::Program& program, int inputs);
};

void CompileProgramTest::ExpectRuns(const graph::Program& program, int inputs) {
  std::mt19937 random(7);
  std::vector<std::vector<float>> numbers;
  std::vector<graph::Value> values;
  std::vector<const void*> tensors;
  for (int i = 0; i < inputs; ++i) {
    numbers.push_back(NormalNumbers(Storage::kFloat, kCount, random));
    // Every third is a constant.
    values.push_back(i % 3 == 2 ? Constant(numbers.back()) : Tensor());
    tensors.push_back(i % 3 == 2 ? nullptr : UploadNumbers(Storage::kFloat, numbers.back()));
  }
  cuda::ConstantPool pool;
  const absl::StatusOr<CompiledProgram> compiled = Compile(program, values, pool);
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  ASSERT_TRUE(pool.Upload().ok());
  const Guarded y = AllocateNumbers(Storage::kFloat, kCount);
  const cuda::PointwiseArguments arguments = {
      .program = compiled->At(tensors, pool), .y = y.data, .count = kCount};
  ASSERT_EQ(cuda::RunPointwise(Storage::kFloat, arguments, nullptr), cudaSuccess);
  const std::vector<float> actual = ReadNumbers(Storage::kFloat, y);
  for (size_t n = 0; n < actual.size(); ++n) {
    std::vector<float> registers;
    for (const std::vector<float>& input : numbers) registers.push_back(input[n]);
    ASSERT_TRUE(AreSame(actual[n], Evaluate(program, registers))) << n;
  }
}

// r_0 + r_0 + ... + r_0, so many steps.
graph::Program Chain(int steps) {
  graph::Program program;
  for (int i = 0; i < steps; ++i) {
    program.push_back({.step = ArithmeticKind::kAdd, .left = i, .right = i});
  }
  return program;
}

// The sum of so many inputs.
graph::Program SumOf(int inputs) {
  graph::Program program = {{.step = ArithmeticKind::kAdd, .left = 0, .right = 1}};
  for (int i = 2; i < inputs; ++i) {
    program.push_back({.step = ArithmeticKind::kAdd, .left = inputs + i - 2, .right = i});
  }
  return program;
}

// So many products of a lone input wait while the last one is computed; then they are summed up.
graph::Program Waiting(int products) {
  graph::Program program;
  for (int i = 0; i <= products; ++i) {
    program.push_back({.step = ArithmeticKind::kMultiply, .left = i == 0 ? 0 : i, .right = 0});
  }
  for (int i = 0; i < products; ++i) {
    program.push_back(
        {.step = ArithmeticKind::kAdd, .left = products + 1 + i, .right = products - i});
  }
  return program;
}

TEST_F(CompileProgramTest, TakesAsManyStepsAsALaunchHolds) {
  ExpectRuns(Chain(cuda::Program::kMostSteps), 1);
  EXPECT_THAT(StatusOf(Chain(cuda::Program::kMostSteps + 1), {Tensor()}),
              StatusIs(absl::StatusCode::kUnimplemented,
                       HasSubstr("a pointwise program with more than 64 steps")));
}

TEST_F(CompileProgramTest, TakesAsManyOperandsAsALaunchHolds) {
  constexpr int kMost = cuda::Program::kMostOperands;
  ExpectRuns(SumOf(kMost), kMost);
  EXPECT_THAT(StatusOf(SumOf(kMost + 1), std::vector<graph::Value>(kMost + 1, Tensor())),
              StatusIs(absl::StatusCode::kUnimplemented,
                       HasSubstr("a pointwise program with more than 32 operands")));
}

TEST_F(CompileProgramTest, KeepsAsManyResultsAsThereAreRegisters) {
  constexpr int kMost = cuda::Program::kMostKept;
  ExpectRuns(Waiting(kMost), 1);
  EXPECT_THAT(
      StatusOf(Waiting(kMost + 1), {Tensor()}),
      StatusIs(absl::StatusCode::kUnimplemented,
               HasSubstr("a pointwise program with more than 8 results that are needed later")));
}

TEST_F(CompileProgramTest, WithoutInstructionsCopiesTheFirstRegister) { ExpectRuns({}, 1); }

// Registers are freed and taken again in every way. Those programs that need too many are refused.
TEST_F(CompileProgramTest, ComputesWhatRandomProgramsSay) {
  std::mt19937 random(11);
  const auto below = [&](int most) { return std::uniform_int_distribution(0, most - 1)(random); };
  int compiled = 0;
  for (int i = 0; i < 300; ++i) {
    SCOPED_TRACE(i);
    const int inputs = 1 + below(6);
    const int steps = 1 + below(20);
    graph::Program program;
    for (int step = 0; step < steps; ++step) {
      const int registers = inputs + step;
      program.push_back({.step = static_cast<ArithmeticKind>(below(4)),
                         .left = below(registers),
                         .right = below(registers)});
    }
    if (!StatusOf(program, std::vector<graph::Value>(static_cast<size_t>(inputs), Tensor())).ok()) {
      continue;
    }
    ++compiled;
    ExpectRuns(program, inputs);
    if (HasFailure()) return;
    FreeAll();
  }
  EXPECT_GE(compiled, 250);
}

}  // namespace
}  // namespace actium::test
