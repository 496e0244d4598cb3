#ifndef ACTIUM_TESTS_MODELS_TRAIN_SYNTHETIC_DATA_H_
#define ACTIUM_TESTS_MODELS_TRAIN_SYNTHETIC_DATA_H_

#include <cstdint>
#include <string>
#include <vector>

#include "models/train/dataset.h"

namespace actium::test {

/// Returns `count` noisy 28x28 images of ten easy classes: class c has a bright bar in row 2 c + 4.
train::Dataset BarImages(int64_t count, uint64_t seed);

/// Returns the bytes of an IDX file of unsigned bytes.
std::string IdxBytes(const std::vector<uint32_t>& dims, const std::string& data);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_MODELS_TRAIN_SYNTHETIC_DATA_H_
