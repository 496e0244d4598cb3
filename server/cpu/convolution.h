#ifndef ACTIUM_SERVER_CPU_CONVOLUTION_H_
#define ACTIUM_SERVER_CPU_CONVOLUTION_H_

// Internal to server/cpu.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/graph/graph.h"
#include "server/graph/ops.h"

/// Convolutions, and linear layers as convolutions of one pixel: the sums of products only. What
/// follows them, an activation or a residual addition, runs on their results while these are still
/// in the cache (contraction.h). Measured with oneDNN 3.2 on AVX-512, one thread: its own Mish or
/// Swish after a convolution takes 1.5 to 2 times as long as a pass of server/kernels over the
/// result of a few images, and leaves the numeric contract; its ReLU is 2 % of a small network
/// faster than such a pass, but makes 0 of NaN.
namespace actium::cpu {

/// y = weight * x + bias.
struct ConvolutionSpec {
  int64_t in_channels = 1;
  graph::Pair in_size = {1, 1};  ///< Height, width.
  int64_t out_channels = 1;
  graph::Pair out_size = {1, 1};
  graph::Pair kernel = {1, 1};
  graph::Pair stride = {1, 1};
  graph::Pair padding = {0, 0};
  graph::Pair dilation = {1, 1};
  int64_t groups = 1;
  std::shared_ptr<const graph::Numbers> weight;  ///< [K, C / groups, R, S], row-major.
  std::shared_ptr<const graph::Numbers> bias;    ///< [K].
};

/// A convolution for a number of images, with the state of one stream of work; used by one thread
/// at a time.
class ConvolutionRun {
 public:
  virtual ~ConvolutionRun() = default;

  /// Computes y [images, H', W', K] from x [images, H, W, C]; all are 64-byte aligned or better
  /// than that of float, do not overlap, and scratch has scratch_bytes(). Errors: INTERNAL.
  virtual absl::Status Run(const float* x, float* y, std::byte* scratch) = 0;
};

/// A convolution for a number of images and threads. Immutable and thread-safe.
class ConvolutionPlan {
 public:
  virtual ~ConvolutionPlan() = default;

  virtual size_t scratch_bytes() const = 0;

  /// Which implementation runs, for people: "brgconv:avx512_core".
  virtual std::string algorithm() const = 0;

  /// Errors: RESOURCE_EXHAUSTED, INTERNAL.
  virtual absl::StatusOr<std::unique_ptr<ConvolutionRun>> NewRun() const = 0;
};

/// A convolution with its packed weights, which all plans share. Thread-safe.
class ConvolutionLayer {
 public:
  virtual ~ConvolutionLayer() = default;

  /// Returns the plan for so many images, made when first asked for. images, threads: >= 1.
  /// Errors: RESOURCE_EXHAUSTED, INTERNAL.
  virtual absl::StatusOr<std::shared_ptr<const ConvolutionPlan>> PlanFor(int64_t images,
                                                                         int threads) = 0;
};

/// Chooses an algorithm for a layer. Nothing is computed yet.
std::unique_ptr<ConvolutionLayer> NewConvolution(ConvolutionSpec spec);

}  // namespace actium::cpu

#endif  // ACTIUM_SERVER_CPU_CONVOLUTION_H_
