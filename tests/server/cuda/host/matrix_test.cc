// A product of matrices as a tensor core does it: cp.async into shared memory, ldmatrix, mma.

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "server/cuda/host/device.h"
#include "tests/server/cuda/host/stand_in.h"

namespace actium::test {
namespace {

namespace device = cuda::host;

struct Fp16 {
  using Storage = __half;
  static __half From(float value) { return __float2half_rn(value); }
  static float ToFloat(__half value) { return __half2float(value); }
  template <class... Fragments>
  static void MultiplyAccumulate(Fragments&... fragments) {
    device::MultiplyAccumulateFp16(fragments...);
  }
};
struct Bf16 {
  using Storage = __nv_bfloat16;
  static __nv_bfloat16 From(float value) { return __float2bfloat16_rn(value); }
  static float ToFloat(__nv_bfloat16 value) { return __bfloat162float(value); }
  template <class... Fragments>
  static void MultiplyAccumulate(Fragments&... fragments) {
    device::MultiplyAccumulateBf16(fragments...);
  }
};
struct Tf32 {
  using Storage = float;
  static float From(float value) { return value; }
  static float ToFloat(float value) {
    return std::bit_cast<float>(std::bit_cast<uint32_t>(value) & 0xFFFFE000u);
  }
  template <class... Fragments>
  static void MultiplyAccumulate(Fragments&... fragments) {
    device::MultiplyAccumulateTf32(fragments...);
  }
};

constexpr int kTile = 16;      // Rows of a and columns of b that a block takes.
constexpr int kRowBytes = 32;  // Of both, in a step: 16 halves or 8 floats.
constexpr int kStageBytes = 2 * kTile * kRowBytes;

// What is left out of a kernel that is right otherwise.
enum class Flaw { kNone, kNoWait, kNoBarrier };

// a: [rows, depth]. b: [columns, depth]. c: [rows, columns]. depth: a multiple of 16 bytes.
template <class Type>
struct Args {
  const typename Type::Storage* a;
  const typename Type::Storage* b;
  float* c;
  int rows, columns, depth;
};

// Each lane copies 16 bytes of a row of a and 16 of b; lanes past the end make zeros.
template <class Type>
__device__ void CopyStage(const Args<Type>& args, unsigned char* stage, int step) {
  constexpr int kWidth = 16 / sizeof(typename Type::Storage);
  const int row = static_cast<int>(threadIdx.x) / 2, part = static_cast<int>(threadIdx.x) % 2;
  const int k = (2 * step + part) * kWidth;
  const int a_row = static_cast<int>(blockIdx.y) * kTile + row;
  const int b_row = static_cast<int>(blockIdx.x) * kTile + row;
  unsigned char* const target = stage + row * kRowBytes + 16 * part;
  const bool a_valid = a_row < args.rows && k < args.depth;
  const bool b_valid = b_row < args.columns && k < args.depth;
  device::CopyAsync16(target, args.a + (a_valid ? a_row * args.depth + k : 0), a_valid);
  device::CopyAsync16(target + kTile * kRowBytes, args.b + (b_valid ? b_row * args.depth + k : 0),
                      b_valid);
  device::CommitCopies();
}

// One warp, two stages: while one is multiplied, the next is on its way.
template <class Type, Flaw kFlaw>
__global__ void Multiply(Args<Type> args) {
  constexpr int kStepDepth = kRowBytes / sizeof(typename Type::Storage);
  unsigned char* const shared = device::DynamicShared();
  const int lane = static_cast<int>(threadIdx.x);
  float d[2][4] = {};
  const int steps = (args.depth + kStepDepth - 1) / kStepDepth;
  CopyStage(args, shared, 0);
  for (int step = 0; step < steps; ++step) {
    const unsigned char* const stage = shared + step % 2 * kStageBytes;
    if (step + 1 < steps) {
      CopyStage(args, shared + (step + 1) % 2 * kStageBytes, step + 1);
    } else {
      device::CommitCopies();
    }
    if constexpr (kFlaw != Flaw::kNoWait) device::WaitCopies(1);
    if constexpr (kFlaw != Flaw::kNoBarrier) __syncthreads();
    uint32_t a[4], b[4];
    device::LoadMatrix4(a, stage + lane % 16 * kRowBytes + lane / 16 * 16);
    device::LoadMatrix4(b,
                        stage + (kTile + lane % 8 + lane / 16 * 8) * kRowBytes + lane / 8 % 2 * 16);
    for (int n = 0; n < 2; ++n) {
      const uint32_t half[2] = {b[2 * n], b[2 * n + 1]};
      Type::MultiplyAccumulate(d[n], a, half);
    }
    __syncthreads();
  }
  for (int n = 0; n < 2; ++n) {
    for (int i = 0; i < 4; ++i) {
      const int row = static_cast<int>(blockIdx.y) * kTile + lane / 4 + 8 * (i / 2);
      const int column = static_cast<int>(blockIdx.x) * kTile + 8 * n + lane % 4 * 2 + i % 2;
      if (row < args.rows && column < args.columns) args.c[row * args.columns + column] = d[n][i];
    }
  }
}

template <class Type>
class MatrixTest : public StandInTest {
 protected:
  std::vector<typename Type::Storage> RandomMatrix(int rows, int columns) {
    std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
    std::vector<typename Type::Storage> matrix;
    for (int i = 0; i < rows * columns; ++i) matrix.push_back(Type::From(uniform(random_)));
    return matrix;
  }

  // The largest error against float64.
  template <Flaw kFlaw>
  double WorstError(int rows, int columns, int depth) {
    const auto a = RandomMatrix(rows, depth), b = RandomMatrix(columns, depth);
    const auto size = static_cast<size_t>(rows * columns);
    const Args<Type> args{.a = this->Upload(a),
                          .b = this->Upload(b),
                          .c = this->template Allocate<float>(size),
                          .rows = rows,
                          .columns = columns,
                          .depth = depth};
    const dim3 grid(static_cast<unsigned int>(columns + kTile - 1) / kTile,
                    static_cast<unsigned int>(rows + kTile - 1) / kTile);
    EXPECT_EQ(RunKernel(Sizes(grid, 32, 2 * kStageBytes), Multiply<Type, kFlaw>, args),
              cudaSuccess);
    const std::vector<float> c = this->Download(args.c, size);
    double worst = 0;
    for (int i = 0; i < rows * columns; ++i) {
      double expected = 0;
      for (int k = 0; k < depth; ++k) {
        expected +=
            static_cast<double>(Type::ToFloat(a[static_cast<size_t>(i / columns * depth + k)])) *
            Type::ToFloat(b[static_cast<size_t>(i % columns * depth + k)]);
      }
      const double error = std::abs(c[static_cast<size_t>(i)] - expected);
      if (!(error <= worst)) worst = error;  // NaN is the worst.
      if (std::isnan(error)) return error;
    }
    return worst;
  }

  std::mt19937 random_{11};
};

struct TypeName {
  template <class Type>
  static std::string GetName(int) {
    if (std::is_same_v<Type, Fp16>) return "Fp16";
    return std::is_same_v<Type, Bf16> ? "Bf16" : "Tf32";
  }
};
using Types = ::testing::Types<Fp16, Bf16, Tf32>;
TYPED_TEST_SUITE(MatrixTest, Types, TypeName);

TYPED_TEST(MatrixTest, MultipliesInEveryOrder) {
  for (const uint64_t seed : {0u, 1u, 2u, 3u}) {
    device::SetLaneOrder(seed);
    EXPECT_LT(this->template WorstError<Flaw::kNone>(16, 16, 16), 1e-5);
    EXPECT_LT(this->template WorstError<Flaw::kNone>(37, 50, 72), 2e-5);
    EXPECT_LT(this->template WorstError<Flaw::kNone>(1, 3, 8), 1e-5);
  }
}

TYPED_TEST(MatrixTest, AForgottenWaitShows) {
  EXPECT_FALSE(this->template WorstError<Flaw::kNoWait>(16, 16, 48) < 0.1);
}

TYPED_TEST(MatrixTest, AForgottenBarrierShows) {
  // Of one warp, ldmatrix is a barrier itself: what it reads has arrived.
  EXPECT_LT(this->template WorstError<Flaw::kNoBarrier>(16, 16, 48), 1e-5);
}

using CopiesTest = StandInTest;

__global__ void CopyInGroups(const uint4* source, unsigned int* out) {
  auto* const shared = reinterpret_cast<uint4*>(device::DynamicShared());
  for (int group = 0; group < 3; ++group) {
    device::CopyAsync16(shared + group, source + group, group != 1);
    device::CommitCopies();
  }
  device::CopyAsync16(shared + 3, source + 3, true);  // In no group.
  int noted = 0;
  for (const int pending : {3, 2, 1, 0}) {
    device::WaitCopies(pending);
    for (int i = 0; i < 4; ++i) out[noted++] = shared[i].y;
  }
  device::CommitCopies();
  device::WaitCopies(0);
  out[noted] = shared[3].y;
}

TEST_F(CopiesTest, HappenInOrderOfTheirGroupsAndNotBefore) {
  std::vector<uint4> source;
  for (unsigned int i = 1; i <= 4; ++i) source.push_back(make_uint4(0, i, 0, 0));
  unsigned int* const out = Allocate<unsigned int>(17);
  ASSERT_EQ(RunKernel(Sizes(1, 1, 64), CopyInGroups, Upload(source), out), cudaSuccess);
  constexpr unsigned int kNotYet = 0xFBFBFBFB;
  EXPECT_EQ(Download(out, 17), (std::vector<unsigned int>{kNotYet, kNotYet, kNotYet, kNotYet,  //
                                                          1, kNotYet, kNotYet, kNotYet,        //
                                                          1, 0, kNotYet, kNotYet,              //
                                                          1, 0, 3, kNotYet, 4}));
}

__global__ void ReadSourceAtTheWait(uint4* source, unsigned int* out) {
  auto* const shared = reinterpret_cast<uint4*>(device::DynamicShared());
  shared->x = 4;
  device::CopyAsync16(shared, source, true);
  device::CommitCopies();
  out[0] = shared->x;
  source->x = 5;
  device::WaitCopies(0);
  out[1] = shared->x;
}

TEST_F(CopiesTest, SpoilTheirTargetAtOnceAndReadTheirSourceAsLateAsTheyMay) {
  unsigned int* const out = Allocate<unsigned int>(2);
  uint4* const source = Upload<uint4>({make_uint4(1, 2, 3, 4)});
  ASSERT_EQ(RunKernel(Sizes(1, 1, 16), ReadSourceAtTheWait, source, out), cudaSuccess);
  EXPECT_EQ(Download(out, 2), (std::vector<unsigned int>{0xFBFBFBFB, 5}));
}

// Of four matrices, each element is 100 times its matrix plus 10 times its row plus its column.
__global__ void LoadMatrices(const uint4* rows, uint4* fragments) {
  auto* const shared = reinterpret_cast<uint4*>(device::DynamicShared());
  shared[threadIdx.x] = rows[threadIdx.x];
  __syncwarp();
  uint32_t fragment[4];
  device::LoadMatrix4(fragment, shared + threadIdx.x);
  fragments[threadIdx.x] = make_uint4(fragment[0], fragment[1], fragment[2], fragment[3]);
}

TEST_F(CopiesTest, LoadMatrixGivesTheLayoutOfThePtxManual) {
  std::vector<uint16_t> elements;
  for (int matrix = 0; matrix < 4; ++matrix) {
    for (int i = 0; i < 64; ++i) {
      elements.push_back(static_cast<uint16_t>(100 * matrix + i / 8 * 10 + i % 8));
    }
  }
  uint4* const fragments = Allocate<uint4>(32);
  const auto* const rows = reinterpret_cast<const uint4*>(Upload(elements));
  ASSERT_EQ(RunKernel(Sizes(1, 32, 512), LoadMatrices, rows, fragments), cudaSuccess);
  const std::vector<uint4> loaded = Download(fragments, 32);
  for (unsigned int lane = 0; lane < 32; ++lane) {
    const unsigned int first = lane / 4 * 10 + lane % 4 * 2;
    const unsigned int pair = first | (first + 1) << 16;
    const unsigned int matrix = 100u | 100u << 16;
    EXPECT_EQ(loaded[lane].x, pair);
    EXPECT_EQ(loaded[lane].y, pair + matrix);
    EXPECT_EQ(loaded[lane].z, pair + 2 * matrix);
    EXPECT_EQ(loaded[lane].w, pair + 3 * matrix);
  }
}

}  // namespace
}  // namespace actium::test
