#ifndef ACTIUM_MODELS_TRAIN_IDX_FILE_H_
#define ACTIUM_MODELS_TRAIN_IDX_FILE_H_

#include <cstdint>
#include <filesystem>
#include <vector>

#include "absl/status/statusor.h"

namespace actium::train {

/// An array of unsigned bytes, as the MNIST family of data sets stores images and labels.
struct IdxFile {
  std::vector<int64_t> dims;   ///< Outermost first.
  std::vector<uint8_t> bytes;  ///< Their product.
};

/// Reads an IDX file of unsigned bytes, gzip-compressed or not.
///
/// rank: how many dimensions it must have, >= 1.
/// Errors: UNAVAILABLE if it cannot be read; INVALID_ARGUMENT if it is no IDX file of bytes, has
/// another rank, or is shorter or longer than its dimensions say. All name the path.
/// Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database", section on file formats.
absl::StatusOr<IdxFile> ReadIdx(const std::filesystem::path& path, int rank);

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_IDX_FILE_H_
