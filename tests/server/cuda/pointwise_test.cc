// The pointwise kernel: lengths, operands, arithmetic, memory. What activations
// compute is in activations_test.cc.
#include "server/cuda/pointwise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/server/cuda/kernel_test.h"

namespace actium::test {
namespace {

using cuda::Arithmetic;
using cuda::Operand;
using cuda::PointwiseArguments;
using cuda::Source;
using cuda::StepInput;
using cuda::Storage;

// Around vectors, threads and blocks.
constexpr int kCounts[] = {1, 3, 4, 5, 7, 8, 9, 255, 256, 257, 2049};

constexpr StepInput kPrevious = {.source = Source::kPrevious};
constexpr StepInput OperandAt(int index) {
  return {.source = Source::kOperand, .index = static_cast<uint8_t>(index)};
}
constexpr StepInput KeptAt(int index) {
  return {.source = Source::kKept, .index = static_cast<uint8_t>(index)};
}

class PointwiseTest : public KernelTest, public ::testing::WithParamInterface<Storage> {
 protected:
  Operand Constant(const std::vector<float>& numbers) {
    return {.data = UploadNumbers(Storage::kFloat, numbers),
            .period = cuda::MakeDivisor(static_cast<uint32_t>(numbers.size()))};
  }
  Operand Tensor(const std::vector<float>& numbers) {
    return {.data = UploadNumbers(GetParam(), numbers), .tensor = true};
  }

  static void AddStep(cuda::Program& program, Arithmetic function, StepInput left, StepInput right,
                      int8_t keep = cuda::Step::kNotKept) {
    program.step[program.steps++] = {
        .function = static_cast<uint8_t>(function), .keep = keep, .left = left, .right = right};
  }

  std::vector<float> Run(PointwiseArguments arguments, int count) {
    const Guarded y = AllocateNumbers(GetParam(), count);
    arguments.y = y.data;
    arguments.count = static_cast<uint32_t>(count);
    EXPECT_EQ(cuda::RunPointwise(GetParam(), arguments, nullptr), cudaSuccess);
    return ReadNumbers(GetParam(), y);
  }
};

// With periods that chunks fit and such that they do not, which are computed number by number. All
// results are exact in every storage.
TEST_P(PointwiseTest, ReadsTensorsAndConstantsOfEveryPeriodAtEveryLength) {
  std::mt19937 random(1);
  for (const int count : kCounts) {
    for (const int period : {1, 4, 8, 16, 24, 64, 2, 3, 5, 7, 9, 12, 65, count}) {
      SCOPED_TRACE(std::to_string(count) + " numbers, period " + std::to_string(period));
      const std::vector<float> x = Multiples(0.25, count, random);
      const std::vector<float> tensor = Multiples(0.25, count, random);
      const std::vector<float> constant = Multiples(0.25, period, random);
      PointwiseArguments arguments = {.x = UploadNumbers(GetParam(), x)};
      arguments.program.operands[0] = Tensor(tensor);
      arguments.program.operands[1] = Constant(constant);
      arguments.program.operands[2] = Constant({0.5f});
      AddStep(arguments.program, Arithmetic::kAdd, kPrevious, OperandAt(0));
      AddStep(arguments.program, Arithmetic::kSubtract, OperandAt(1), kPrevious);
      AddStep(arguments.program, Arithmetic::kMultiply, kPrevious, OperandAt(2));
      const std::vector<float> y = Run(arguments, count);
      for (size_t i = 0; i < y.size(); ++i) {
        ASSERT_EQ(y[i], (constant[i % constant.size()] - (x[i] + tensor[i])) * 0.5f) << i;
      }
      FreeAll();
    }
  }
}

TEST_P(PointwiseTest, WithoutStepsCopiesAndWithoutXReadsOperands) {
  std::mt19937 random(2);
  for (const int count : kCounts) {
    SCOPED_TRACE(count);
    const std::vector<float> x = NormalNumbers(GetParam(), count, random);
    EXPECT_EQ(Run({.x = UploadNumbers(GetParam(), x)}, count), x);
    PointwiseArguments arguments;
    arguments.program.operands[0] = Tensor(x);
    arguments.program.step[0].left = OperandAt(0);  // The identity.
    arguments.program.steps = 1;
    EXPECT_EQ(Run(arguments, count), x);
    FreeAll();
  }
}

TEST_P(PointwiseTest, ResultsMayTakeThePlaceOfXOrOfAnOperand) {
  std::mt19937 random(3);
  for (const int count : kCounts) {
    for (const bool scalar : {false, true}) {
      for (const bool in_place_of_x : {false, true}) {
        SCOPED_TRACE(count);
        const std::vector<float> x = Multiples(0.25, count, random);
        const std::vector<float> tensor = Multiples(0.25, count, random);
        const Guarded y = AllocateNumbers(GetParam(), count);
        Fill(GetParam(), in_place_of_x ? x : tensor, y);
        PointwiseArguments arguments = {.x = y.data, .y = y.data};
        arguments.count = static_cast<uint32_t>(count);
        if (!in_place_of_x) arguments.x = UploadNumbers(GetParam(), x);
        arguments.program.operands[0] = Tensor(tensor);
        if (!in_place_of_x) arguments.program.operands[0].data = y.data;
        arguments.program.operands[1] = Constant(std::vector<float>(scalar ? 3 : 1, 0.5f));
        AddStep(arguments.program, Arithmetic::kSubtract, kPrevious, OperandAt(0));
        AddStep(arguments.program, Arithmetic::kMultiply, kPrevious, OperandAt(1));
        ASSERT_EQ(cuda::RunPointwise(GetParam(), arguments, nullptr), cudaSuccess);
        const std::vector<float> actual = ReadNumbers(GetParam(), y);
        for (size_t i = 0; i < actual.size(); ++i) {
          ASSERT_EQ(actual[i], (x[i] - tensor[i]) * 0.5f) << i;
        }
        FreeAll();
      }
    }
  }
}

// Infinities, NaN, zeros of both signs, the largest and the smallest numbers, each with each.
TEST_P(PointwiseTest, ArithmeticIsThatOfFloatRoundedOnce) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float largest = GetParam() == Storage::kHalf ? 65504.0f : 0x1.FEp127f;
  const float smallest = GetParam() == Storage::kHalf ? 0x1p-24f : 0x1p-133f;
  std::mt19937 random(4);
  std::vector<float> numbers = NormalNumbers(GetParam(), 20, random);
  numbers.insert(numbers.end(), {0.0f, -0.0f, infinity, -infinity, largest, -largest, smallest,
                                 -smallest, 1.0f, std::numeric_limits<float>::quiet_NaN()});
  std::vector<float> left, right;
  for (const float a : numbers) {
    for (const float b : numbers) {
      left.push_back(a);
      right.push_back(b);
    }
  }
  const auto expect = [&](Arithmetic function, auto compute) {
    PointwiseArguments arguments = {.x = UploadNumbers(GetParam(), left)};
    arguments.program.operands[0] = Tensor(right);
    AddStep(arguments.program, function, kPrevious, OperandAt(0));
    const std::vector<float> y = Run(arguments, static_cast<int>(left.size()));
    for (size_t i = 0; i < y.size(); ++i) {
      const float expected = Rounded(GetParam(), compute(left[i], right[i]));
      ASSERT_TRUE(AreSameWithSign(y[i], expected))
          << left[i] << " and " << right[i] << " give " << y[i] << ", not " << expected;
    }
  };
  expect(Arithmetic::kAdd, [](float a, float b) { return a + b; });
  expect(Arithmetic::kSubtract, [](float a, float b) { return a - b; });
  expect(Arithmetic::kMultiply, [](float a, float b) { return a * b; });
  expect(Arithmetic::kDivide, [](float a, float b) { return a / b; });
}

// As many steps, operands and kept results as a program may have: a sum of rows, each of which
// waits in a register for its turn.
TEST_P(PointwiseTest, RunsProgramsOfTheLargestSize) {
  std::mt19937 random(5);
  for (const int count : {7, 257}) {
    PointwiseArguments arguments;
    cuda::Program& program = arguments.program;
    const std::vector<float> x = Multiples(0.25, count, random);
    std::vector<std::vector<float>> tensors;
    for (int i = 0; i < cuda::Program::kMostOperands; ++i) {
      tensors.push_back(Multiples(0.25, count, random));
      program.operands[i] = Tensor(tensors.back());
    }
    arguments.x = UploadNumbers(GetParam(), x);
    // x + t_0, x + t_0 + t_1, ... stay in registers 0 to 7, again and again; then all are added.
    for (int i = 0; i < cuda::Program::kMostOperands; ++i) {
      AddStep(program, Arithmetic::kAdd, kPrevious, OperandAt(i),
              static_cast<int8_t>(i % cuda::Program::kMostKept));
    }
    while (program.steps < cuda::Program::kMostSteps) {
      const int i = program.steps % cuda::Program::kMostKept;
      AddStep(program, program.steps % 3 == 0 ? Arithmetic::kAdd : Arithmetic::kSubtract, kPrevious,
              KeptAt(i));
    }
    const std::vector<float> y = Run(arguments, count);
    for (size_t n = 0; n < y.size(); ++n) {
      float value = x[n];
      float kept[cuda::Program::kMostKept] = {};
      for (size_t i = 0; i < tensors.size(); ++i) {
        value += tensors[i][n];
        kept[i % std::size(kept)] = value;
      }
      for (size_t i = tensors.size(); i < cuda::Program::kMostSteps; ++i) {
        value += (i % 3 == 0 ? 1.0f : -1.0f) * kept[i % std::size(kept)];
      }
      ASSERT_EQ(y[n], Rounded(GetParam(), value)) << n;
    }
    FreeAll();
  }
}

INSTANTIATE_TEST_SUITE_P(Storages, PointwiseTest, ::testing::ValuesIn(kStorages),
                         [](const auto& test) { return std::string(NameOf(test.param)); });

}  // namespace
}  // namespace actium::test
