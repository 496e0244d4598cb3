#ifndef ACTIUM_SERVER_ENGINE_MADE_UP_NUMBERS_H_
#define ACTIUM_SERVER_ENGINE_MADE_UP_NUMBERS_H_

#include <cstddef>
#include <random>
#include <span>

#include "server/tensor/dtype.h"

namespace actium::engine {

/// Makes up the numbers of an input: bytes at random for whole numbers and BOOL (0 or 1), values of
/// a standard normal distribution for FP32 and FP64; nothing for all others.
///
/// bytes: of whole elements.
void MakeUpNumbers(tensor::DType dtype, std::mt19937& random, std::span<std::byte> bytes);

}  // namespace actium::engine

#endif  // ACTIUM_SERVER_ENGINE_MADE_UP_NUMBERS_H_
