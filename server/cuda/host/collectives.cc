// What the lanes of a warp do together: the last to come does it for all, on what the others have
// on their stacks.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "server/cuda/host/block.h"
#include "server/cuda/host/device.h"
#include "server/cuda/host/half_bits.h"
#include "server/cuda/host/races.h"

namespace actium::cuda::host {
namespace {

constexpr uint32_t kWholeWarp = 0xFFFFFFFF;

struct ShuffleOperands {
  uint32_t value;
  int source;
  uint32_t result;
};

void CompleteShuffle(void* const (&operands)[kWarpLanes], uint32_t lanes) {
  for (uint32_t rest = lanes; rest != 0; rest &= rest - 1) {
    auto& own = *static_cast<ShuffleOperands*>(operands[std::countr_zero(rest)]);
    own.result = lanes >> own.source & 1
                     ? static_cast<const ShuffleOperands*>(operands[own.source])->value
                     : 0x01010101u * kGarbage;
  }
}

constexpr Collective kShuffles[] = {{"__shfl_sync", false, false, &CompleteShuffle},
                                    {"__shfl_xor_sync", false, false, &CompleteShuffle},
                                    {"__shfl_down_sync", false, false, &CompleteShuffle}};

constexpr Collective kSyncWarp = {"__syncwarp", false, true,
                                  [](void* const (&)[kWarpLanes], uint32_t) {}};

// The lane whose value a lane gets.
int ShuffleSource(ShuffleKind kind, int lane, int argument, int width) {
  const int last = lane | (width - 1);
  switch (kind) {
    case ShuffleKind::kIndex:
      return (lane & ~(width - 1)) | (argument & (width - 1));
    case ShuffleKind::kXor: {
      const int source = lane ^ (argument & (kWarpLanes - 1));
      return source <= last ? source : lane;
    }
    case ShuffleKind::kDown: {
      const int source = lane + (argument & (kWarpLanes - 1));
      return source <= last ? source : lane;
    }
  }
  return lane;
}

struct LoadMatrixOperands {
  uint32_t* fragment;
  const unsigned char* row;
};

void CompleteLoadMatrix(void* const (&operands)[kWarpLanes], uint32_t) {
  for (int lane = 0; lane < kWarpLanes; ++lane) {
    uint32_t* const fragment = static_cast<LoadMatrixOperands*>(operands[lane])->fragment;
    for (int matrix = 0; matrix < 4; ++matrix) {
      const auto& source = *static_cast<LoadMatrixOperands*>(operands[8 * matrix + lane / 4]);
      std::memcpy(&fragment[matrix], source.row + std::ptrdiff_t{4} * (lane % 4), 4);
    }
  }
}

constexpr Collective kLoadMatrix = {"ldmatrix", true, false, &CompleteLoadMatrix};

struct MultiplyOperands {
  float* d;
  const uint32_t* a;
  const uint32_t* b;
};

constexpr int kRows = 16, kColumns = 8;

// Unpacks 32 bits of a fragment into floats.
struct Fp16 {
  static constexpr int kInRegister = 2;
  static float Get(uint32_t bits, int i) {
    return Fp16ToFloat(static_cast<uint16_t>(bits >> (16 * i)));
  }
};
struct Bf16 {
  static constexpr int kInRegister = 2;
  static float Get(uint32_t bits, int i) {
    return Bf16ToFloat(static_cast<uint16_t>(bits >> (16 * i)));
  }
};
struct Tf32 {
  static constexpr int kInRegister = 1;
  static float Get(uint32_t bits, int) { return std::bit_cast<float>(bits & 0xFFFFE000u); }
};

// Registers of a: row lane/4 and 8 below it, then the same in the right half of k; of b: column
// lane/4, the upper and the lower half of k; of d: the columns 2 * (lane % 4) and the next of the
// two rows.
template <class Type>
void CompleteMultiply(void* const (&operands)[kWarpLanes], uint32_t) {
  constexpr int kDepth = 8 * Type::kInRegister;
  float a[kRows][kDepth], b[kDepth][kColumns], d[kRows][kColumns];
  for (int lane = 0; lane < kWarpLanes; ++lane) {
    const auto& own = *static_cast<const MultiplyOperands*>(operands[lane]);
    const int row = lane / 4, column = lane % 4;
    for (int i = 0; i < Type::kInRegister; ++i) {
      const int k = Type::kInRegister * column + i;
      a[row][k] = Type::Get(own.a[0], i);
      a[row + 8][k] = Type::Get(own.a[1], i);
      a[row][k + kDepth / 2] = Type::Get(own.a[2], i);
      a[row + 8][k + kDepth / 2] = Type::Get(own.a[3], i);
      b[k][row] = Type::Get(own.b[0], i);
      b[k + kDepth / 2][row] = Type::Get(own.b[1], i);
    }
    for (int i = 0; i < 4; ++i) d[row + 8 * (i / 2)][2 * column + i % 2] = own.d[i];
  }
  for (int m = 0; m < kRows; ++m) {
    for (int k = 0; k < kDepth; ++k) {
      for (int n = 0; n < kColumns; ++n) d[m][n] += a[m][k] * b[k][n];
    }
  }
  for (int lane = 0; lane < kWarpLanes; ++lane) {
    const auto& own = *static_cast<const MultiplyOperands*>(operands[lane]);
    for (int i = 0; i < 4; ++i) own.d[i] = d[lane / 4 + 8 * (i / 2)][2 * (lane % 4) + i % 2];
  }
}

constexpr Collective kMultiplyFp16 = {"mma.m16n8k16.f16", true, false, &CompleteMultiply<Fp16>};
constexpr Collective kMultiplyBf16 = {"mma.m16n8k16.bf16", true, false, &CompleteMultiply<Bf16>};
constexpr Collective kMultiplyTf32 = {"mma.m16n8k8.tf32", true, false, &CompleteMultiply<Tf32>};

}  // namespace

void SyncWarp(uint32_t mask, Place place) { Meet(kSyncWarp, mask, nullptr, place); }

uint32_t Shuffle(ShuffleKind kind, uint32_t mask, uint32_t value, int lane_or_distance, int width,
                 Place place) {
  if (width < 1 || width > kWarpLanes || (width & (width - 1)) != 0) {
    DieInLane("a shuffle's width must be a power of two up to 32", place);
  }
  const int source = ShuffleSource(kind, LaneInWarp(), lane_or_distance, width);
  ShuffleOperands operands{.value = value, .source = source, .result = 0};
  Meet(kShuffles[static_cast<int>(kind)], mask, &operands, place);
  return operands.result;
}

void LoadMatrix4(uint32_t (&fragment)[4], const void* row, Place place) {
  if (reinterpret_cast<uintptr_t>(row) % 16 != 0) {
    DieInLane("an address of ldmatrix must be a multiple of 16", place);
  }
  SeeRead(row, 16);
  LoadMatrixOperands operands{.fragment = fragment, .row = static_cast<const unsigned char*>(row)};
  Meet(kLoadMatrix, kWholeWarp, &operands, place);
}

void MultiplyAccumulateFp16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                            Place place) {
  MultiplyOperands operands{.d = d, .a = a, .b = b};
  Meet(kMultiplyFp16, kWholeWarp, &operands, place);
}

void MultiplyAccumulateBf16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                            Place place) {
  MultiplyOperands operands{.d = d, .a = a, .b = b};
  Meet(kMultiplyBf16, kWholeWarp, &operands, place);
}

void MultiplyAccumulateTf32(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                            Place place) {
  MultiplyOperands operands{.d = d, .a = a, .b = b};
  Meet(kMultiplyTf32, kWholeWarp, &operands, place);
}

}  // namespace actium::cuda::host
