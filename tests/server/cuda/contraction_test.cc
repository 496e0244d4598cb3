// Every kernel of contractions by itself: each shape that it fits, in each type, against float64.
#include "server/cuda/contraction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/server/cuda/contraction_cases.h"
#include "tests/server/cuda/kernel_test.h"

namespace actium::test {
namespace {

using ::testing::ElementsAreArray;

using cuda::Arithmetic;
using cuda::Arithmetics;
using cuda::ContractionKernel;
using cuda::ContractionShape;
using cuda::Source;
using cuda::Storage;

// A kernel with a type that it takes.
struct Way {
  const ContractionKernel* kernel;
  Arithmetics arithmetics;

  std::string Name() const {
    return std::string(kernel->name) + "_" +
           std::string(arithmetics.tf32 ? "tf32" : NameOf(arithmetics.storage));
  }
};
void PrintTo(const Way& way, std::ostream* out) { *out << way.Name(); }

std::vector<Way> Ways() {
  std::vector<Way> ways;
  for (const Storage storage : kStorages) {
    for (const ContractionKernel& kernel : cuda::kSimtKernels) {
      ways.push_back({&kernel, {.storage = storage}});
    }
    for (const ContractionKernel& kernel : cuda::kDepthwiseKernels) {
      ways.push_back({&kernel, {.storage = storage}});
    }
    for (const ContractionKernel& kernel : cuda::kTensorCoreKernels) {
      ways.push_back({&kernel, {.storage = storage, .tf32 = storage == Storage::kFloat}});
    }
  }
  return ways;
}

cuda::Step StepOf(int function, cuda::StepInput right, int8_t keep = cuda::Step::kNotKept) {
  return {.function = static_cast<uint8_t>(function),
          .keep = keep,
          .left = {.source = Source::kPrevious},
          .right = right};
}

// As many floats as the ten bits of fraction that TF32 keeps.
float CutToTf32(float x) { return std::bit_cast<float>(std::bit_cast<uint32_t>(x) & 0xFFFFE000u); }

class ContractionTest : public KernelTest, public ::testing::WithParamInterface<Way> {
 protected:
  Storage storage() const { return GetParam().arithmetics.storage; }
  bool Fits(const ContractionShape& shape) const {
    return GetParam().kernel->fits(shape, GetParam().arithmetics);
  }
  ContractionShape FirstThatFits() const {
    return *std::ranges::find_if(
        ContractionShapes(), [&](const ContractionShape& candidate) { return Fits(candidate); });
  }

  // ProgramInFloat64() as a kernel takes it.
  cuda::Program UploadProgram(const ContractionNumbers& numbers) {
    using activation::Activation;
    const auto constant = [&](const std::vector<float>& values) {
      return cuda::Operand{.data = UploadNumbers(Storage::kFloat, values),
                           .period = cuda::MakeDivisor(static_cast<uint32_t>(values.size()))};
    };
    const auto operand = [](uint8_t index) {
      return cuda::StepInput{.source = Source::kOperand, .index = index};
    };
    const auto kept = [](uint8_t index) {
      return cuda::StepInput{.source = Source::kKept, .index = index};
    };
    cuda::Program program;
    program.operands[0] = constant(numbers.slopes);
    program.operands[1] = {.data = UploadNumbers(storage(), numbers.residual), .tensor = true};
    program.operands[2] = constant(numbers.factors);
    program.operands[3] = constant({numbers.scale});
    program.keep_input = 7;
    program.steps = 6;
    program.step[0] = StepOf(static_cast<int>(Activation::kPrelu), operand(0), /*keep=*/0);
    program.step[1] = StepOf(static_cast<int>(Arithmetic::kAdd), operand(1));
    program.step[2] = StepOf(static_cast<int>(Arithmetic::kMultiply), operand(2));
    program.step[3] = StepOf(static_cast<int>(Arithmetic::kSubtract), kept(0));
    program.step[4] = StepOf(static_cast<int>(Arithmetic::kAdd), kept(7));
    program.step[5] = StepOf(static_cast<int>(Arithmetic::kMultiply), operand(3));
    return program;
  }

  cuda::ContractionMemory UploadMemory(const ContractionNumbers& numbers) {
    return {.x = UploadNumbers(storage(), numbers.x),
            .weight = UploadNumbers(storage(), numbers.weight),
            .bias = static_cast<const float*>(UploadNumbers(Storage::kFloat, numbers.bias))};
  }

  std::vector<float> Run(const ContractionShape& shape, cuda::ContractionMemory memory,
                         const cuda::Program& program) {
    const Guarded y = AllocateNumbers(storage(), shape.pixels() * shape.out_channels);
    memory.y = y.data;
    EXPECT_EQ(GetParam().kernel->run(shape, storage(), memory, program, nullptr), cudaSuccess);
    return ReadNumbers(storage(), y);
  }

  std::vector<float> ToStorage(const std::vector<double>& exact) const {
    std::vector<float> rounded;
    for (const double x : exact) rounded.push_back(Rounded(storage(), static_cast<float>(x)));
    return rounded;
  }
};

// Fails at the first number that differs; NaN equals NaN.
void ExpectEqual(const std::vector<float>& actual, const std::vector<float>& expected,
                 int channels) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    ASSERT_TRUE(AreSame(actual[i], expected[i]))
        << "pixel " << i / static_cast<size_t>(channels) << ", channel "
        << i % static_cast<size_t>(channels) << ": " << actual[i] << ", not " << expected[i];
  }
}

// Sums of such numbers are the same in every order, so a result is right to the last bit, or wrong.
TEST_P(ContractionTest, EveryShapeWithBiasAndProgramIsExactInEveryLaneOrder) {
  int fitting = 0;
  for (const ContractionShape& shape : ContractionShapes()) {
    if (!Fits(shape)) continue;
    ++fitting;
    SCOPED_TRACE(Describe(shape));
    const ContractionNumbers numbers = ExactNumbers(shape);
    const std::vector<float> expected =
        ToStorage(ProgramInFloat64(shape, numbers, SumsInFloat64(shape, numbers).values));
    const cuda::ContractionMemory memory = UploadMemory(numbers);
    const cuda::Program program = UploadProgram(numbers);
    for (const uint64_t order : LaneOrders()) {
      SetLaneOrder(order);
      SCOPED_TRACE(order);
      ExpectEqual(Run(shape, memory, program), expected, shape.out_channels);
      if (HasFailure()) return;
    }
    FreeAll();
  }
  EXPECT_GE(fitting, 10);
}

// How far the sum of so many products and a bias may be from the exact one, in units of 2^-24 of
// the sum of their absolute values.
//
// Ordinary cores and the stand-in round a product (of floats; others are exact) and every addition
// to the nearest float. A GPU's tensor cores add four or more exact products to the sum so far at
// once: each addend is cut off at 2^-23 of the largest, and so is the result, towards zero. That
// cuts `depth` products, and at most depth / 4 + 4 sums so far and as many results, 2 units each;
// the bias is added by ordinary cores. PTX leaves order and rounding open. Sources: M. Fasi, N.
// Higham, M. Mikaitis and S. Pranesh, "Numerical behavior of NVIDIA tensor cores", PeerJ Computer
// Science 7:e330, 2021; of later GPUs, which cut less off: F. Khattak and M. Mikaitis, "Accurate
// models of NVIDIA tensor cores", arXiv:2512.07004.
int MostErrorOfSum(int depth, bool tensor_cores) {
  return kOnGpu && tensor_cores ? 3 * depth + 17 : depth + 1;
}

// Beside the sums only the result is rounded.
TEST_P(ContractionTest, ErrorsAreThoseOfFloatSumsAndOfOneRounding) {
  const bool tensor_cores = GetParam().kernel >= std::begin(cuda::kTensorCoreKernels) &&
                            GetParam().kernel < std::end(cuda::kTensorCoreKernels);
  double worst = 0.0;  // Of the allowed error.
  for (const ContractionShape& shape : ContractionShapes()) {
    if (!Fits(shape)) continue;
    SCOPED_TRACE(Describe(shape));
    std::mt19937 random(static_cast<unsigned>(shape.depth()));
    ContractionNumbers numbers = ExactNumbers(shape);
    numbers.x = NormalNumbers(storage(), std::ssize(numbers.x), random);
    numbers.weight = NormalNumbers(storage(), std::ssize(numbers.weight), random);
    numbers.bias = NormalNumbers(Storage::kFloat, std::ssize(numbers.bias), random);
    const cuda::ContractionMemory memory = UploadMemory(numbers);

    SetLaneOrder(LaneOrders().front());
    const std::vector<float> actual = Run(shape, memory, cuda::Program());
    SetLaneOrder(LaneOrders().back());
    EXPECT_THAT(Run(shape, memory, cuda::Program()), ElementsAreArray(actual));
    if (tensor_cores && GetParam().arithmetics.tf32) {
      std::ranges::transform(numbers.x, numbers.x.begin(), CutToTf32);
      std::ranges::transform(numbers.weight, numbers.weight.begin(), CutToTf32);
    }
    const ReferenceSums exact = SumsInFloat64(shape, numbers);
    ASSERT_EQ(actual.size(), exact.values.size());
    for (size_t i = 0; i < actual.size(); ++i) {
      const double of_sum =
          MostErrorOfSum(shape.depth(), tensor_cores) * 0x1p-24 * exact.magnitudes[i];
      const double allowed = of_sum + 0.5 * UnitInLastPlace(storage(), exact.values[i]) * 1.01;
      const double error = std::abs(double{actual[i]} - exact.values[i]);
      ASSERT_LE(error, allowed) << i << ": " << actual[i] << ", not " << exact.values[i];
      worst = std::max(worst, error / allowed);
    }
    FreeAll();
  }
  RecordProperty("worst_of_allowed", std::to_string(worst));
}

// A window that only has it as a neighbour in memory, or reads zeros for it as padding, must not
// see it.
TEST_P(ContractionTest, NanReachesExactlyTheWindowsThatContainIt) {
  size_t tried = 0;
  for (const ContractionShape& shape : ContractionShapes()) {
    if (!Fits(shape)) continue;
    ContractionNumbers numbers = ExactNumbers(shape);
    // The first number, one in the middle, the last; then the first again.
    const size_t place = (numbers.x.size() - 1) * (tried++ % 3) / 2;
    SCOPED_TRACE(Describe(shape) + ", NaN at " + std::to_string(place));
    numbers.x[place] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<double> expected = SumsInFloat64(shape, numbers).values;
    ExpectEqual(Run(shape, UploadMemory(numbers), cuda::Program()), ToStorage(expected),
                shape.out_channels);
    if (HasFailure()) return;
    FreeAll();
  }
}

// What a kernel may use is an attribute of the kernel on one device. A server uses them all.
TEST_P(ContractionTest, RunsOnEveryDevice) {
  const ContractionShape shape = FirstThatFits();
  const ContractionNumbers numbers = ExactNumbers(shape);
  const int devices = CountDevices();
  for (int device = 0; device < devices; ++device) {
    SCOPED_TRACE(device);
    ASSERT_EQ(cudaSetDevice(device), cudaSuccess);
    ExpectEqual(Run(shape, UploadMemory(numbers), cuda::Program()),
                ToStorage(SumsInFloat64(shape, numbers).values), shape.out_channels);
  }
}

TEST_P(ContractionTest, RunsAfterAFailure) {
  ACTIUM_SKIP_ON_GPU();
  const ContractionShape shape = FirstThatFits();
  const ContractionNumbers numbers = ExactNumbers(shape);
  cuda::ContractionMemory memory = UploadMemory(numbers);
  memory.y = AllocateNumbers(storage(), shape.pixels() * shape.out_channels).data;
  FailNext("cudaFuncSetAttribute", cudaErrorMemoryAllocation);
  const cudaError_t error =
      GetParam().kernel->run(shape, storage(), memory, cuda::Program(), nullptr);
  EXPECT_TRUE(error == cudaSuccess || error == cudaErrorMemoryAllocation);
  ExpectEqual(Run(shape, memory, cuda::Program()), ToStorage(SumsInFloat64(shape, numbers).values),
              shape.out_channels);
}

INSTANTIATE_TEST_SUITE_P(Kernels, ContractionTest, ::testing::ValuesIn(Ways()),
                         [](const auto& test) { return test.param.Name(); });

}  // namespace
}  // namespace actium::test
