// Pools, averages and softmax, against float64.
#include "server/cuda/reductions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/server/cuda/kernel_test.h"

namespace actium::test {
namespace {

using cuda::PoolArguments;
using cuda::Storage;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class ReductionsTest : public KernelTest, public ::testing::WithParamInterface<Storage> {
 protected:
  // Within `relative` of the exact value (a step, if it is a subnormal float) and one rounding to
  // the storage's type. NaN is NaN.
  void ExpectNear(const Guarded& memory, const std::vector<double>& exact, double relative) {
    const std::vector<float> actual = ReadNumbers(GetParam(), memory);
    ASSERT_EQ(actual.size(), exact.size());
    for (size_t i = 0; i < actual.size(); ++i) {
      if (!std::isfinite(exact[i])) {
        ASSERT_TRUE(AreSame(actual[i], static_cast<float>(exact[i]))) << i << ": " << actual[i];
        continue;
      }
      const double allowed =
          relative * std::abs(exact[i]) + 0x1p-149 + 0.501 * UnitInLastPlace(GetParam(), exact[i]);
      ASSERT_NEAR(actual[i], exact[i], allowed) << i;
    }
  }

  void ExpectPools(PoolArguments arguments, const std::vector<float>& x);
};

// The pool by its definition. What lies in the padding is not read; windows end where it ends.
std::vector<double> PoolInFloat64(const PoolArguments& pool, const std::vector<float>& x) {
  std::vector<double> y;
  for (int row = 0; row < pool.rows; ++row) {
    for (int p = 0; p < pool.out_h; ++p) {
      for (int q = 0; q < pool.out_w; ++q) {
        for (int c = 0; c < pool.channels; ++c) {
          double most = -kInfinity, sum = 0.0;
          int inside = 0, padded = 0;
          for (int r = 0; r < pool.kernel_h; ++r) {
            for (int s = 0; s < pool.kernel_w; ++s) {
              const int h = p * pool.stride_h - pool.padding_h + r;
              const int w = q * pool.stride_w - pool.padding_w + s;
              if (h < pool.h + pool.padding_h && w < pool.w + pool.padding_w) ++padded;
              if (h < 0 || h >= pool.h || w < 0 || w >= pool.w) continue;
              ++inside;
              const int at = ((row * pool.h + h) * pool.w + w) * pool.channels + c;
              const double number = x[static_cast<size_t>(at)];
              sum += number;
              if (std::isnan(number) || number > most) most = number;
              if (std::isnan(sum) && pool.maximum) most = sum;
            }
          }
          const int divisor = pool.count_padding ? padded : inside;
          y.push_back(pool.maximum ? most : sum / divisor);
        }
      }
    }
  }
  return y;
}

void ReductionsTest::ExpectPools(PoolArguments arguments, const std::vector<float>& x) {
  arguments.x = UploadNumbers(GetParam(), x);
  const std::vector<double> exact = PoolInFloat64(arguments, x);
  const Guarded y = AllocateNumbers(GetParam(), std::ssize(exact));
  arguments.y = y.data;
  ASSERT_EQ(cuda::RunPool(GetParam(), arguments, nullptr), cudaSuccess);
  // Multiples of 1/8 add up exactly; the quotient is rounded to float, then to the type.
  ExpectNear(y, exact, arguments.maximum ? 0.0 : 0x1p-24);
}

// As a graph allows: padding at most half of the kernel; with ceil_mode a last window that begins
// inside, and ends outside of all padding.
std::vector<PoolArguments> Pools() {
  return {
      {.h = 4,
       .w = 4,
       .out_h = 2,
       .out_w = 2,
       .kernel_h = 2,
       .kernel_w = 2,
       .stride_h = 2,
       .stride_w = 2},
      {.h = 7,
       .w = 5,
       .out_h = 4,
       .out_w = 5,
       .kernel_h = 3,
       .kernel_w = 2,
       .stride_h = 2,
       .stride_w = 1,
       .padding_h = 1,
       .padding_w = 0},
      {.h = 6,
       .w = 8,
       .out_h = 6,
       .out_w = 4,
       .kernel_h = 1,
       .kernel_w = 3,
       .stride_h = 1,
       .stride_w = 2,
       .padding_h = 0,
       .padding_w = 1},
      // Windows beyond the end, by one and by two.
      {.h = 6,
       .w = 7,
       .out_h = 3,
       .out_w = 3,
       .kernel_h = 3,
       .kernel_w = 3,
       .stride_h = 2,
       .stride_w = 3},
      {.h = 5,
       .w = 6,
       .out_h = 3,
       .out_w = 3,
       .kernel_h = 4,
       .kernel_w = 3,
       .stride_h = 3,
       .stride_w = 3,
       .padding_h = 2,
       .padding_w = 1},
      // The last window lies in the padding but for one line.
      {.h = 4,
       .w = 4,
       .out_h = 3,
       .out_w = 3,
       .kernel_h = 3,
       .kernel_w = 3,
       .stride_h = 2,
       .stride_w = 2,
       .padding_h = 1,
       .padding_w = 1},
      {.h = 1,
       .w = 1,
       .out_h = 1,
       .out_w = 1,
       .kernel_h = 3,
       .kernel_w = 3,
       .padding_h = 1,
       .padding_w = 1},
  };
}

TEST_P(ReductionsTest, PoolsTakeTheMaximumOrTheAverageOfEveryWindow) {
  std::mt19937 random(1);
  for (PoolArguments pool : Pools()) {
    for (const int channels : {1, 3, 4, 7, 8, 9, 16, 65}) {
      for (const int kind : {0, 1, 2}) {
        SCOPED_TRACE(std::to_string(pool.h) + " x " + std::to_string(pool.w) + ", " +
                     std::to_string(channels) + " channels, kind " + std::to_string(kind));
        pool.rows = 3;
        pool.channels = channels;
        pool.maximum = kind == 0;
        pool.count_padding = kind == 2;
        ExpectPools(pool, Multiples(0.125, pool.rows * pool.h * pool.w * channels, random));
        if (HasFailure()) return;
        FreeAll();
      }
    }
  }
}

TEST_P(ReductionsTest, NanIsTheMaximumAndTheAverageOfItsWindowsOnly) {
  std::mt19937 random(2);
  for (PoolArguments pool : Pools()) {
    pool.rows = 2;
    pool.channels = 9;
    std::vector<float> x = Multiples(0.125, pool.rows * pool.h * pool.w * pool.channels, random);
    for (const size_t place : {size_t{0}, x.size() / 2, x.size() - 1}) {
      const float before = std::exchange(x[place], kNan);
      for (const bool maximum : {true, false}) {
        pool.maximum = maximum;
        ExpectPools(pool, x);
        if (HasFailure()) return;
      }
      x[place] = before;
      FreeAll();
    }
  }
}

TEST_P(ReductionsTest, TheMaximumOfInfinitiesIsOne) {
  const PoolArguments pool = {.h = 2, .w = 1, .channels = 3, .kernel_h = 2};
  ExpectPools(pool, {-kInfinity, kInfinity, -kInfinity, -kInfinity, 1.0f, 2.0f});
}

TEST_P(ReductionsTest, GlobalAverageAddsManyNumbersWithoutLosingDigits) {
  std::mt19937 random(3);
  for (const int rows : {1, 3}) {
    for (const int pixels : {1, 2, 49, 3001}) {
      for (const int channels : {1, 7, 8, 33, 257}) {
        if (pixels > 49 && channels > 33) continue;
        SCOPED_TRACE(std::to_string(pixels) + " pixels, " + std::to_string(channels));
        std::vector<float> x = NormalNumbers(GetParam(), rows * pixels * channels, random);
        // A large number that a small mean is left of.
        if (pixels > 1) {
          for (int c = 0; c < channels; ++c) {
            x[static_cast<size_t>(c)] = 2048.0f;
            x[static_cast<size_t>((pixels - 1) * channels + c)] = -2048.0f;
          }
        }
        std::vector<double> exact;
        for (int row = 0; row < rows; ++row) {
          for (int c = 0; c < channels; ++c) {
            double sum = 0.0;
            for (int p = 0; p < pixels; ++p) {
              sum += x[static_cast<size_t>((row * pixels + p) * channels + c)];
            }
            exact.push_back(sum / pixels);
          }
        }
        const Guarded y = AllocateNumbers(GetParam(), rows * channels);
        ASSERT_EQ(cuda::RunGlobalAverage(GetParam(), UploadNumbers(GetParam(), x), y.data, rows,
                                         pixels, channels, nullptr),
                  cudaSuccess);
        ExpectNear(y, exact, 0x1p-24);
        if (HasFailure()) return;
        FreeAll();
      }
    }
  }
}

struct Softmax {
  int outer, count, inner;
};

std::vector<double> SoftmaxInFloat64(const Softmax& shape, const std::vector<float>& x) {
  std::vector<double> y(x.size());
  for (int o = 0; o < shape.outer; ++o) {
    for (int n = 0; n < shape.inner; ++n) {
      const auto at = [&](int k) {
        return static_cast<size_t>((o * shape.count + k) * shape.inner + n);
      };
      double most = -kInfinity, sum = 0.0;
      for (int k = 0; k < shape.count; ++k) most = std::max(most, double{x[at(k)]});
      for (int k = 0; k < shape.count; ++k) sum += std::exp(x[at(k)] - most);
      for (int k = 0; k < shape.count; ++k) y[at(k)] = std::exp(x[at(k)] - most) / sum;
    }
  }
  return y;
}

constexpr Softmax kSoftmaxes[] = {{1, 1, 1},  {3, 2, 1},    {2, 31, 1},  {9, 32, 1},  {2, 33, 1},
                                  {1, 65, 1}, {2, 1000, 1}, {3, 1, 5},   {2, 31, 3},  {1, 32, 7},
                                  {2, 33, 2}, {1, 1000, 3}, {33, 10, 1}, {2, 10, 129}};

TEST_P(ReductionsTest, SoftmaxOfEveryCountAndMagnitude) {
  std::mt19937 random(4);
  for (const Softmax& shape : kSoftmaxes) {
    for (const float magnitude : {1.0f, 20.0f, 10000.0f}) {
      for (const uint64_t order : LaneOrders()) {
        SCOPED_TRACE(std::to_string(shape.outer) + " x " + std::to_string(shape.count) + " x " +
                     std::to_string(shape.inner) + " of " + std::to_string(magnitude));
        SetLaneOrder(order);
        std::vector<float> x =
            NormalNumbers(GetParam(), shape.outer * shape.count * shape.inner, random);
        for (float& number : x) number = Rounded(GetParam(), number * magnitude);
        const Guarded y = AllocateNumbers(GetParam(), std::ssize(x));
        ASSERT_EQ(cuda::RunSoftmax(GetParam(), UploadNumbers(GetParam(), x), y.data, shape.outer,
                                   shape.count, shape.inner, nullptr),
                  cudaSuccess);
        // Differences round to 2^-24 of themselves, and e^x multiplies that: of 88, 5e-6.
        ExpectNear(y, SoftmaxInFloat64(shape, x), 1e-5);
        if (HasFailure()) return;
        FreeAll();
      }
    }
  }
}

// As masks make them.
TEST_P(ReductionsTest, MinusInfinityHasNoPartInASoftmax) {
  const std::vector<float> x = {-kInfinity, 3.0f, -kInfinity, 3.0f, -kInfinity};
  const Guarded y = AllocateNumbers(GetParam(), 5);
  ASSERT_EQ(cuda::RunSoftmax(GetParam(), UploadNumbers(GetParam(), x), y.data, 1, 5, 1, nullptr),
            cudaSuccess);
  ExpectNear(y, {0.0, 0.5, 0.0, 0.5, 0.0}, 0.0);
}

TEST_P(ReductionsTest, NanInASoftmaxReachesItsLineAsAWhole) {
  for (const Softmax& shape : kSoftmaxes) {
    std::mt19937 random(5);
    std::vector<float> x =
        NormalNumbers(GetParam(), shape.outer * shape.count * shape.inner, random);
    std::vector<double> exact = SoftmaxInFloat64(shape, x);
    // In the middle of line 0 of the first matrix.
    x[static_cast<size_t>(shape.count / 2 * shape.inner)] = kNan;
    for (int k = 0; k < shape.count; ++k) exact[static_cast<size_t>(k * shape.inner)] = kNan;
    const Guarded y = AllocateNumbers(GetParam(), std::ssize(x));
    ASSERT_EQ(cuda::RunSoftmax(GetParam(), UploadNumbers(GetParam(), x), y.data, shape.outer,
                               shape.count, shape.inner, nullptr),
              cudaSuccess);
    ExpectNear(y, exact, 1e-5);
    if (HasFailure()) return;
    FreeAll();
  }
}

INSTANTIATE_TEST_SUITE_P(Storages, ReductionsTest, ::testing::ValuesIn(kStorages),
                         [](const auto& test) { return std::string(NameOf(test.param)); });

}  // namespace
}  // namespace actium::test
