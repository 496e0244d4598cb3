#include "tests/server/cuda/contraction_cases.h"

#include <fmt/format.h>

#include <cmath>
#include <random>

#include "tests/server/cuda/kernel_test.h"

namespace actium::test {
namespace {

using cuda::ContractionShape;
using cuda::Extent;

ContractionShape Linear(int rows, int in_channels, int out_channels) {
  return {.rows = rows, .in_channels = in_channels, .out_channels = out_channels};
}

// Sets the extent of y by that of x.
ContractionShape Convolution(ContractionShape shape) {
  const auto size = [](int in, int kernel, int stride, int padding, int dilation) {
    return (in + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
  };
  shape.out = {
      .h = size(shape.in.h, shape.kernel.h, shape.stride.h, shape.padding.h, shape.dilation.h),
      .w = size(shape.in.w, shape.kernel.w, shape.stride.w, shape.padding.w, shape.dilation.w)};
  return shape;
}

ContractionShape Depthwise(int channels, const Extent& in, const Extent& stride) {
  return Convolution({.rows = 2,
                      .in_channels = channels,
                      .in = in,
                      .out_channels = channels,
                      .kernel = {3, 2},
                      .stride = stride,
                      .padding = {1, 0},
                      .groups = channels});
}

std::vector<ContractionShape> Build() {
  return {
      // Pixels and output channels around the edges of tiles; vectors of input channels.
      Linear(1, 8, 1),
      Linear(31, 16, 7),
      Linear(32, 8, 8),
      Linear(33, 24, 9),
      Linear(63, 40, 15),
      Linear(64, 32, 16),
      Linear(65, 72, 17),
      Linear(127, 8, 63),
      Linear(128, 8, 64),
      Linear(129, 16, 65),
      Linear(3, 8, 127),
      Linear(2, 16, 128),
      Linear(129, 8, 129),
      // Of TF32 only.
      Linear(65, 4, 33),
      Linear(7, 12, 65),
      Linear(64, 20, 7),
      // The depth around a step, and around the ring of steps.
      Linear(5, 1, 31),
      Linear(2, 3, 33),
      Linear(3, 15, 17),
      Linear(3, 17, 16),
      Linear(9, 96, 24),
      Linear(9, 128, 24),
      Linear(9, 136, 24),
      Linear(9, 264, 9),
      // Convolutions of odd channels.
      Convolution({.rows = 2,
                   .in_channels = 3,
                   .in = {7, 5},
                   .out_channels = 8,
                   .kernel = {3, 2},
                   .stride = {2, 1},
                   .padding = {1, 0},
                   .dilation = {1, 2}}),
      Convolution({.rows = 3,
                   .in_channels = 1,
                   .in = {9, 9},
                   .out_channels = 17,
                   .kernel = {5, 3},
                   .stride = {1, 2},
                   .padding = {0, 2},
                   .dilation = {2, 1}}),
      // Of whole vectors.
      Convolution({.rows = 2,
                   .in_channels = 8,
                   .in = {9, 6},
                   .out_channels = 16,
                   .kernel = {3, 3},
                   .padding = {1, 1}}),
      Convolution({.rows = 1,
                   .in_channels = 16,
                   .in = {13, 11},
                   .out_channels = 65,
                   .kernel = {3, 2},
                   .stride = {1, 2},
                   .padding = {2, 1},
                   .dilation = {2, 3}}),
      Convolution({.rows = 3,
                   .in_channels = 24,
                   .in = {5, 8},
                   .out_channels = 7,
                   .kernel = {1, 4},
                   .stride = {3, 1},
                   .padding = {0, 3}}),
      Convolution({.rows = 5,
                   .in_channels = 4,
                   .in = {4, 7},
                   .out_channels = 9,
                   .kernel = {2, 3},
                   .stride = {1, 2},
                   .padding = {1, 1},
                   .dilation = {1, 2}}),
      // An image of one pixel; windows that lie in the padding as a whole.
      Convolution(
          {.rows = 4, .in_channels = 8, .out_channels = 8, .kernel = {3, 3}, .padding = {1, 1}}),
      Convolution({.rows = 2, .in_channels = 16, .out_channels = 9, .padding = {2, 1}}),
      Convolution({.rows = 2,
                   .in_channels = 5,
                   .in = {2, 1},
                   .out_channels = 3,
                   .kernel = {2, 1},
                   .padding = {3, 2}}),
      // Groups.
      Convolution({.rows = 2,
                   .in_channels = 6,
                   .in = {5, 4},
                   .out_channels = 9,
                   .kernel = {2, 3},
                   .padding = {1, 1},
                   .groups = 3}),
      Convolution({.rows = 3,
                   .in_channels = 16,
                   .in = {4, 6},
                   .out_channels = 66,
                   .kernel = {1, 2},
                   .stride = {2, 1},
                   .groups = 2}),
      Convolution({.rows = 1,
                   .in_channels = 34,
                   .in = {6, 6},
                   .out_channels = 130,
                   .kernel = {2, 2},
                   .groups = 2}),
      Convolution({.rows = 2,
                   .in_channels = 3,
                   .in = {4, 5},
                   .out_channels = 6,
                   .kernel = {2, 2},
                   .padding = {1, 0},
                   .groups = 3}),
      // Depthwise: channels around vectors.
      Depthwise(2, {5, 4}, {1, 1}),
      Depthwise(3, {6, 5}, {2, 1}),
      Depthwise(7, {4, 7}, {1, 2}),
      Depthwise(8, {5, 5}, {1, 1}),
      Depthwise(9, {3, 4}, {1, 1}),
      Depthwise(16, {7, 9}, {2, 3}),
      Depthwise(17, {4, 3}, {1, 1}),
      Depthwise(64, {3, 3}, {1, 1}),
      Depthwise(65, {5, 6}, {2, 2}),
      Convolution({.rows = 3,
                   .in_channels = 12,
                   .in = {8, 6},
                   .out_channels = 12,
                   .kernel = {2, 3},
                   .stride = {1, 2},
                   .padding = {3, 2},
                   .dilation = {3, 2},
                   .groups = 12}),
  };
}

}  // namespace

std::span<const ContractionShape> ContractionShapes() {
  static const std::vector<ContractionShape> shapes = Build();
  return shapes;
}

std::string Describe(const ContractionShape& shape) {
  return fmt::format(
      "[{}, {}, {}, {}] to [{}, {}, {}], kernel {}x{}, stride {}x{}, padding {}x{}, dilation "
      "{}x{}, {} groups",
      shape.rows, shape.in.h, shape.in.w, shape.in_channels, shape.out.h, shape.out.w,
      shape.out_channels, shape.kernel.h, shape.kernel.w, shape.stride.h, shape.stride.w,
      shape.padding.h, shape.padding.w, shape.dilation.h, shape.dilation.w, shape.groups);
}

// Multiples of 1/64 below 2^10 need 16 bits, a slope two more, a factor one more and its sign.
ContractionNumbers ExactNumbers(const ContractionShape& shape) {
  std::mt19937 random(static_cast<unsigned>(shape.depth() * 1009 + shape.out_channels));
  const int64_t in = int64_t{shape.rows} * shape.in.h * shape.in.w * shape.in_channels;
  const int64_t of_row = int64_t{shape.out.h} * shape.out.w * shape.out_channels;
  return {.x = Multiples(0.125, in, random),
          .weight = Multiples(0.125, int64_t{shape.out_channels} * shape.depth(), random),
          .bias = Multiples(0.125, shape.out_channels, random),
          .slopes = Multiples(0.25, shape.out_channels, random),
          .residual = Multiples(0.125, of_row * shape.rows, random),
          .factors = Multiples(0.5, of_row, random)};
}

ReferenceSums SumsInFloat64(const ContractionShape& shape, const ContractionNumbers& numbers) {
  ReferenceSums sums;
  const int inputs = shape.group_inputs();
  for (int row = 0; row < shape.rows; ++row) {
    for (int p = 0; p < shape.out.h; ++p) {
      for (int q = 0; q < shape.out.w; ++q) {
        for (int k = 0; k < shape.out_channels; ++k) {
          const double bias = numbers.bias[static_cast<size_t>(k)];
          double sum = bias;
          double magnitude = std::abs(bias);
          for (int r = 0; r < shape.kernel.h; ++r) {
            for (int s = 0; s < shape.kernel.w; ++s) {
              const int h = p * shape.stride.h - shape.padding.h + r * shape.dilation.h;
              const int w = q * shape.stride.w - shape.padding.w + s * shape.dilation.w;
              if (h < 0 || h >= shape.in.h || w < 0 || w >= shape.in.w) continue;
              const int pixel = (row * shape.in.h + h) * shape.in.w + w;
              const int first = k / shape.group_outputs() * inputs;
              const float* const x =
                  &numbers.x[static_cast<size_t>(pixel * shape.in_channels + first)];
              const int tap = (k * shape.kernel.h + r) * shape.kernel.w + s;
              const float* const weight = &numbers.weight[static_cast<size_t>(tap * inputs)];
              for (int c = 0; c < inputs; ++c) {
                const double product = double{x[c]} * double{weight[c]};
                sum += product;
                magnitude += std::abs(product);
              }
            }
          }
          sums.values.push_back(sum);
          sums.magnitudes.push_back(magnitude);
        }
      }
    }
  }
  return sums;
}

std::vector<double> ProgramInFloat64(const ContractionShape& shape,
                                     const ContractionNumbers& numbers,
                                     const std::vector<double>& sums) {
  std::vector<double> results;
  const auto channels = static_cast<size_t>(shape.out_channels);
  for (size_t i = 0; i < sums.size(); ++i) {
    const double sum = sums[i];
    const double activated = sum < 0 ? sum * double{numbers.slopes[i % channels]} : sum;
    const double scaled = (activated + double{numbers.residual[i]}) *
                          double{numbers.factors[i % numbers.factors.size()]};
    results.push_back((scaled - activated + sum) * double{numbers.scale});
  }
  return results;
}

}  // namespace actium::test
