#ifndef ACTIUM_TESTS_BENCH_TORCH_ACTIVATION_H_
#define ACTIUM_TESTS_BENCH_TORCH_ACTIVATION_H_

#include <cstddef>
#include <functional>

#include "server/activation/table.h"

namespace actium::bench {

/// Returns LibTorch's op of an activation with its default parameters, on one thread: a call
/// computes `out` from `in`. Both hold `count` floats and outlive the function.
///
/// The op writes into `out` where LibTorch has such a variant; PReLU and Softsign, which have none,
/// make a new tensor.
std::function<void()> TorchActivation(activation::Activation id, float* in, float* out,
                                      size_t count);

}  // namespace actium::bench

#endif  // ACTIUM_TESTS_BENCH_TORCH_ACTIVATION_H_
