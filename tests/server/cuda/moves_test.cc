// The kernels that only move numbers: every type, odd sizes, all bits.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "server/cuda/layout.h"
#include "tests/server/cuda/kernel_test.h"

namespace actium::test {
namespace {

using cuda::Layout;
using cuda::Storage;
using tensor::DType;

// Below, at and above a block of threads, together with the rows.
constexpr Layout kLayouts[] = {{1, 1},  {1, 5},   {5, 1},   {3, 7},
                               {8, 16}, {17, 15}, {16, 16}, {64, 9}};
constexpr int kRows[] = {1, 2, 3};

class MovesTest : public KernelTest, public ::testing::WithParamInterface<Storage> {
 protected:
  void ExpectNumbers(const Guarded& memory, const std::vector<float>& expected) {
    const std::vector<float> actual = ReadNumbers(GetParam(), memory);
    ASSERT_EQ(actual.size(), expected.size());
    for (size_t i = 0; i < actual.size(); ++i) {
      ASSERT_TRUE(AreSameWithSign(actual[i], expected[i]))
          << i << ": " << actual[i] << ", not " << expected[i];
    }
  }

  // Loads a tensor of one row and one channel.
  template <class T>
  void ExpectLoads(DType dtype, const std::vector<T>& values, const std::vector<float>& expected) {
    SCOPED_TRACE(std::string(tensor::Name(dtype)));
    ASSERT_EQ(sizeof(T), tensor::ElementBytes(dtype));
    const auto count = static_cast<int>(values.size());
    const Guarded to = AllocateNumbers(GetParam(), count);
    ASSERT_EQ(
        cuda::RunLoad(dtype, Upload(values), GetParam(), to.data, {.pixels = count}, 1, nullptr),
        cudaSuccess);
    std::vector<float> rounded;
    for (const float number : expected) rounded.push_back(Rounded(GetParam(), number));
    ExpectNumbers(to, rounded);
  }

  template <class T>
  void ExpectLoadsIntegers(DType dtype) {
    using Limits = std::numeric_limits<T>;
    std::vector<T> values = {0,
                             1,
                             2,
                             100,
                             Limits::min(),
                             Limits::max(),
                             Limits::max() / 3,
                             static_cast<T>(Limits::max() - 1)};
    if constexpr (sizeof(T) >= 4) {  // Around where floats have no odd numbers any more.
      for (T offset = 0; offset < 8; ++offset) {
        values.push_back(static_cast<T>((T{1} << 24) - 2 + offset));
      }
    }
    if constexpr (sizeof(T) == 8) {  // Ties, and what float64 would round first.
      values.insert(values.end(), {(T{1} << 53) + 1, (T{1} << 60) + (T{1} << 36) + 1,
                                   (T{1} << 60) + (T{1} << 36), (T{1} << 60) + (T{3} << 36)});
    }
    if constexpr (Limits::is_signed) {
      for (size_t i = values.size(); i-- > 1;) {
        if (values[i] != Limits::min()) values.push_back(static_cast<T>(-values[i]));
      }
    }
    std::vector<float> expected;
    for (const T value : values) expected.push_back(static_cast<float>(value));
    ExpectLoads(dtype, values, expected);
  }
};

std::vector<uint16_t> AllBits() {
  std::vector<uint16_t> bits(0x10000);
  for (size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<uint16_t>(i);
  return bits;
}

// A number's place in memory, given its place row-major.
size_t Stored(const Layout& layout, int row, int place) {
  const int channel = place / layout.pixels;
  const int pixel = place % layout.pixels;
  return static_cast<size_t>((row * layout.pixels + pixel) * layout.channels + channel);
}

TEST_P(MovesTest, LoadsEveryInteger) {
  ExpectLoadsIntegers<uint8_t>(DType::kUint8);
  ExpectLoadsIntegers<uint16_t>(DType::kUint16);
  ExpectLoadsIntegers<uint32_t>(DType::kUint32);
  ExpectLoadsIntegers<uint64_t>(DType::kUint64);
  ExpectLoadsIntegers<int8_t>(DType::kInt8);
  ExpectLoadsIntegers<int16_t>(DType::kInt16);
  ExpectLoadsIntegers<int32_t>(DType::kInt32);
  ExpectLoadsIntegers<int64_t>(DType::kInt64);
}

TEST_P(MovesTest, ABoolIsOneIfAnyBitIs) {
  std::vector<uint8_t> bytes;
  std::vector<float> expected;
  for (int byte = 0; byte < 256; ++byte) {
    bytes.push_back(static_cast<uint8_t>(byte));
    expected.push_back(byte == 0 ? 0.0f : 1.0f);
  }
  ExpectLoads(DType::kBool, bytes, expected);
}

TEST_P(MovesTest, LoadsAllBitsOfSixteen) {
  for (const auto& [dtype, storage] :
       {std::pair{DType::kFp16, Storage::kHalf}, {DType::kBf16, Storage::kBfloat16}}) {
    std::vector<float> expected;
    for (const uint16_t bits : AllBits()) expected.push_back(NumberOfBits(storage, bits));
    for (float& number : expected) {
      if (std::isnan(number)) number = std::numeric_limits<float>::quiet_NaN();
    }
    SCOPED_TRACE(NameOf(storage));
    const auto count = static_cast<int>(expected.size());
    const Guarded to = AllocateNumbers(GetParam(), count);
    ASSERT_EQ(
        cuda::RunLoad(dtype, Upload(AllBits()), GetParam(), to.data, {.pixels = count}, 1, nullptr),
        cudaSuccess);
    const std::vector<float> actual = ReadNumbers(GetParam(), to);
    for (size_t i = 0; i < actual.size(); ++i) {
      ASSERT_TRUE(AreSameWithSign(actual[i], Rounded(GetParam(), expected[i])))
          << i << ": " << actual[i];
    }
  }
}

TEST_P(MovesTest, LoadsFloatsOfBothSizes) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> floats = {0.0f,   -0.0f,    1.0f / 3,  -65519.0f, 65520.0f,  1e-45f,
                                     -3e38f, infinity, -infinity, 0x1p-25f,  0x1.8p-25f};
  ExpectLoads(DType::kFp32, floats, floats);
  std::vector<double> doubles = {1.0 / 3, 1e300, -1e300, 1e-300, 1 + 0x1p-24, 1 + 0x1.8p-23};
  std::vector<float> expected;
  for (const double number : doubles) expected.push_back(static_cast<float>(number));
  ExpectLoads(DType::kFp64, doubles, expected);
}

TEST_P(MovesTest, LoadsRowMajorAndStoresRowMajorInEveryLayout) {
  std::mt19937 random(1);
  for (const Layout& layout : kLayouts) {
    for (const int rows : kRows) {
      SCOPED_TRACE(std::to_string(layout.channels) + " channels, " + std::to_string(layout.pixels) +
                   " pixels, " + std::to_string(rows) + " rows");
      const int of_row = layout.channels * layout.pixels;
      const std::vector<float> numbers = NormalNumbers(GetParam(), rows * of_row, random);
      std::vector<float> stored(numbers.size());
      for (int i = 0; i < rows * of_row; ++i) {
        stored[Stored(layout, i / of_row, i % of_row)] = numbers[static_cast<size_t>(i)];
      }
      const Guarded to = AllocateNumbers(GetParam(), rows * of_row);
      ASSERT_EQ(
          cuda::RunLoad(DType::kFp32, Upload(numbers), GetParam(), to.data, layout, rows, nullptr),
          cudaSuccess);
      ExpectNumbers(to, stored);
      const Guarded back = AllocateNumbers(Storage::kFloat, rows * of_row);
      ASSERT_EQ(cuda::RunStore(GetParam(), to.data, layout, reinterpret_cast<float*>(back.data),
                               rows, nullptr),
                cudaSuccess);
      EXPECT_EQ(ReadNumbers(Storage::kFloat, back), numbers);
      FreeAll();
    }
  }
}

TEST_P(MovesTest, MovesBetweenLayoutsOfTheSameOrder) {
  std::mt19937 random(2);
  for (const Layout& in : {Layout{12, 35}, Layout{1, 420}, Layout{420, 1}, Layout{21, 20}}) {
    for (const Layout& out : {Layout{12, 35}, Layout{420, 1}, Layout{7, 60}, Layout{1, 420}}) {
      for (const int rows : kRows) {
        const std::vector<float> from = NormalNumbers(GetParam(), rows * 420, random);
        std::vector<float> expected(from.size());
        for (int i = 0; i < rows * 420; ++i) {
          expected[Stored(out, i / 420, i % 420)] = from[Stored(in, i / 420, i % 420)];
        }
        const Guarded to = AllocateNumbers(GetParam(), rows * 420);
        ASSERT_EQ(cuda::RunMove(GetParam(), UploadNumbers(GetParam(), from), in, to.data, out, rows,
                                nullptr),
                  cudaSuccess);
        ExpectNumbers(to, expected);
        FreeAll();
      }
    }
  }
}

// A block's numbers only: what lies between them stays.
TEST_P(MovesTest, CopiesBlocksApart) {
  std::mt19937 random(3);
  for (const int blocks : {1, 3, 100}) {
    for (const int width : {1, 2, 7, 8, 33}) {
      for (const int gap : {0, 1, 5}) {
        SCOPED_TRACE(std::to_string(blocks) + " of " + std::to_string(width));
        const int stride = width + gap;
        const std::vector<float> from = NormalNumbers(GetParam(), blocks * width, random);
        std::vector<float> expected = NormalNumbers(GetParam(), blocks * stride, random);
        const Guarded to = AllocateNumbers(GetParam(), blocks * stride - gap);
        expected.resize(expected.size() - static_cast<size_t>(gap));
        Fill(GetParam(), expected, to);
        for (int i = 0; i < blocks * width; ++i) {
          expected[static_cast<size_t>(i / width * stride + i % width)] =
              from[static_cast<size_t>(i)];
        }
        ASSERT_EQ(cuda::RunCopyBlocks(GetParam(), UploadNumbers(GetParam(), from), to.data, blocks,
                                      width, stride, nullptr),
                  cudaSuccess);
        ExpectNumbers(to, expected);
        FreeAll();
      }
    }
  }
}

TEST_P(MovesTest, PadsEverySideByItself) {
  std::mt19937 random(4);
  for (const auto& [above, below, left, right] : {std::tuple{0, 0, 0, 0},
                                                  {1, 0, 0, 0},
                                                  {0, 2, 0, 0},
                                                  {0, 0, 3, 0},
                                                  {0, 0, 0, 1},
                                                  {3, 1, 2, 4}}) {
    for (const int channels : {1, 3, 8, 17}) {
      cuda::PadArguments arguments = {.rows = 2,
                                      .h = 3,
                                      .w = 5,
                                      .channels = channels,
                                      .above = above,
                                      .left = left,
                                      .out_h = 3 + above + below,
                                      .out_w = 5 + left + right,
                                      .value = -0.3f};
      const std::vector<float> x = NormalNumbers(GetParam(), 2 * 3 * 5 * channels, random);
      std::vector<float> expected;
      for (int row = 0; row < 2; ++row) {
        for (int h = -above; h < 3 + below; ++h) {
          for (int w = -left; w < 5 + right; ++w) {
            for (int c = 0; c < channels; ++c) {
              const bool inside = h >= 0 && h < 3 && w >= 0 && w < 5;
              const int at = ((row * 3 + h) * 5 + w) * channels + c;
              expected.push_back(inside ? x[static_cast<size_t>(at)]
                                        : Rounded(GetParam(), arguments.value));
            }
          }
        }
      }
      const Guarded y = AllocateNumbers(GetParam(), std::ssize(expected));
      arguments.x = UploadNumbers(GetParam(), x);
      arguments.y = y.data;
      ASSERT_EQ(cuda::RunPad(GetParam(), arguments, nullptr), cudaSuccess);
      ExpectNumbers(y, expected);
      FreeAll();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Storages, MovesTest, ::testing::ValuesIn(kStorages),
                         [](const auto& test) { return std::string(NameOf(test.param)); });

}  // namespace
}  // namespace actium::test
