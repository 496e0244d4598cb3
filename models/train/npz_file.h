#ifndef ACTIUM_MODELS_TRAIN_NPZ_FILE_H_
#define ACTIUM_MODELS_TRAIN_NPZ_FILE_H_

#include <torch/torch.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace actium::train {

/// An array of a .npz file.
struct NamedArray {
  std::string name;      ///< Without ".npy".
  torch::Tensor values;  ///< uint8, int64, float16 or float32, of any shape, on the CPU.
};

/// Writes arrays as numpy.savez_compressed() does. Equal arrays give equal files. A reader sees the
/// old file or the whole new one.
///
/// Errors: UNAVAILABLE with the path; then the old file is unchanged.
absl::Status WriteNpz(const std::filesystem::path& path, const std::vector<NamedArray>& arrays);

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_NPZ_FILE_H_
