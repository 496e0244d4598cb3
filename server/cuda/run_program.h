#ifndef ACTIUM_SERVER_CUDA_RUN_PROGRAM_H_
#define ACTIUM_SERVER_CUDA_RUN_PROGRAM_H_

#include "server/cuda/formulas.h"
#include "server/cuda/number.h"
#include "server/cuda/program.h"

/// Runs a Program on a chunk of numbers in registers: every kernel's epilogue, and all that the
/// pointwise kernel does.
namespace actium::cuda {

__device__ __forceinline__ uint32_t Quotient(uint32_t dividend, const Divisor& divisor) {
  return (__umulhi(dividend, divisor.multiplier) + dividend) >> divisor.shift;
}
__device__ __forceinline__ uint32_t Remainder(uint32_t dividend, const Divisor& divisor) {
  return dividend - Quotient(dividend, divisor) * divisor.divisor;
}

/// The value type of the formulas for results of type T.
template <class T>
struct ValueOf {
  using type = formulas::Approximate;
};
template <>
struct ValueOf<float> {
  using type = float;
};

__device__ __forceinline__ float Raw(float x) { return x; }
__device__ __forceinline__ float Raw(formulas::Approximate x) { return x.raw; }

template <class V, int kWidth, class Formula>
__device__ __forceinline__ Chunk<kWidth> Map(Chunk<kWidth> x, Formula formula) {
#pragma unroll
  for (int i = 0; i < kWidth; ++i) x.values[i] = Raw(formula(V(x.values[i])));
  return x;
}

template <int kWidth, class Function>
__device__ __forceinline__ Chunk<kWidth> Combine(Chunk<kWidth> a, const Chunk<kWidth>& b,
                                                 Function function) {
#pragma unroll
  for (int i = 0; i < kWidth; ++i) a.values[i] = function(a.values[i], b.values[i]);
  return a;
}

/// One step's function. Which it is, is the same for all threads of a launch, so the branch costs
/// no more than its instructions.
template <class V, int kWidth>
__device__ __forceinline__ Chunk<kWidth> Apply(const Step& step, const Chunk<kWidth>& left,
                                               const Chunk<kWidth>& right) {
  using activation::Activation;
  const float p = step.parameters[0];
  switch (step.function) {
    case static_cast<int>(Arithmetic::kAdd):
      return Combine(left, right, [](float a, float b) { return a + b; });
    case static_cast<int>(Arithmetic::kSubtract):
      return Combine(left, right, [](float a, float b) { return a - b; });
    case static_cast<int>(Arithmetic::kMultiply):
      return Combine(left, right, [](float a, float b) { return a * b; });
    case static_cast<int>(Arithmetic::kDivide):
      return Combine(left, right, [](float a, float b) { return a / b; });
    case static_cast<int>(Activation::kPrelu):
      return Combine(left, right,
                     [](float a, float slope) { return formulas::Prelu<float>{slope}(a); });
    case static_cast<int>(Activation::kSigmoid):
      return Map<V>(left, formulas::Sigmoid());
    case static_cast<int>(Activation::kTanh):
      return Map<V>(left, formulas::Tanh());
    case static_cast<int>(Activation::kRelu):
      return Map<V>(left, formulas::Relu());
    case static_cast<int>(Activation::kLeakyRelu):
      return Map<V>(left, formulas::LeakyRelu<float>{p});
    case static_cast<int>(Activation::kSwish):
      return Map<V>(left, formulas::Swish<float>{p});
    case static_cast<int>(Activation::kMish):
      return Map<V>(left, formulas::Mish());
    case static_cast<int>(Activation::kGelu):
      return Map<V>(left, formulas::Gelu());
    case static_cast<int>(Activation::kGeluTanh):
      return Map<V>(left, formulas::GeluTanh());
    case static_cast<int>(Activation::kElu):
      return Map<V>(left, formulas::Elu<float>{p});
    case static_cast<int>(Activation::kSelu):
      return Map<V>(left, formulas::Selu());
    case static_cast<int>(Activation::kCelu):
      return Map<V>(left, formulas::Celu<float>{p});
    case static_cast<int>(Activation::kHardswish):
      return Map<V>(left, formulas::Hardswish());
    case static_cast<int>(Activation::kHardsigmoid):
      return Map<V>(left, formulas::Hardsigmoid());
    case static_cast<int>(Activation::kHardtanh):
      return Map<V>(left, formulas::Hardtanh<float>{p, step.parameters[1]});
    case static_cast<int>(Activation::kRelu6):
      return Map<V>(left, formulas::Hardtanh<float>{0.0f, 6.0f});
    case static_cast<int>(Activation::kSoftplus):
      return Map<V>(left, formulas::Softplus<float>{p});
    case static_cast<int>(Activation::kSoftsign):
      return Map<V>(left, formulas::Softsign());
    default:
      return left;  // The identity.
  }
}

/// Reads the chunk of an operand that belongs to the results from `first` on. A constant's period
/// is 1 or ends where a chunk ends; so a chunk never wraps.
template <class T, int kWidth>
__device__ __forceinline__ Chunk<kWidth> LoadOperand(const Operand& operand, uint32_t first,
                                                     int count, bool aligned) {
  if (operand.tensor) {
    return LoadChunk<kWidth>(static_cast<const T*>(operand.data) + first, count, aligned);
  }
  const auto* const numbers = static_cast<const float*>(operand.data);
  Chunk<kWidth> chunk;
  if (operand.period.divisor == 1) {
#pragma unroll
    for (int i = 0; i < kWidth; ++i) chunk.values[i] = numbers[0];
    return chunk;
  }
  const float* const from = numbers + Remainder(first, operand.period);
  if constexpr (kWidth % 4 == 0) {
    if (aligned && count >= kWidth) {
#pragma unroll
      for (int i = 0; i < kWidth; i += 4) {
        const float4 four = *reinterpret_cast<const float4*>(from + i);
        chunk.values[i] = four.x;
        chunk.values[i + 1] = four.y;
        chunk.values[i + 2] = four.z;
        chunk.values[i + 3] = four.w;
      }
      return chunk;
    }
  }
#pragma unroll
  for (int i = 0; i < kWidth; ++i) chunk.values[i] = i < count ? from[i] : 0.0f;
  return chunk;
}

/// Returns a program's results for one chunk.
///
/// first: the place of the chunk's first number among all results. count: how many of the chunk
/// there are, >= 1. aligned: first is a multiple of kWidth, and so are all periods but 1. x: what
/// the kernel has computed. Holds all formulas: to be called from one place of a kernel.
template <class T, int kWidth>
__device__ __forceinline__ Chunk<kWidth> RunProgram(const Program& program, uint32_t first,
                                                    int count, bool aligned, Chunk<kWidth> x) {
  Chunk<kWidth> kept[Program::kMostKept];
  if (program.keep_input >= 0) kept[program.keep_input] = x;
  const auto read = [&](const StepInput& place) {
    if (place.source == Source::kKept) return kept[place.index];
    if (place.source != Source::kOperand) return x;
    return LoadOperand<T, kWidth>(program.operands[place.index], first, count, aligned);
  };
  for (int i = 0; i < program.steps; ++i) {
    const Step& step = program.step[i];
    const Chunk<kWidth> left = read(step.left);
    x = Apply<typename ValueOf<T>::type>(step, left, read(step.right));
    if (step.keep >= 0) kept[step.keep] = x;
  }
  return x;
}

}  // namespace actium::cuda

#endif  // ACTIUM_SERVER_CUDA_RUN_PROGRAM_H_
