#ifndef ACTIUM_CLIENT_CLI_SAMPLE_FILE_H_
#define ACTIUM_CLIENT_CLI_SAMPLE_FILE_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/array_file.h"
#include "client/cli/image.h"

namespace actium::cli {

/// What a file holds for one request: a picture, an array, or (8-bit arrays that can be either)
/// both.
struct Sample {
  std::optional<Image> image;
  std::optional<Array> array;
};

/// Returns an array as a picture if it can be one: UINT8 of [height, width], [height, width, 1 or
/// 3] or [1 or 3, height, width], none of them 0.
std::optional<Image> AsImage(const Array& array);

/// Reads a PNG, JPEG, IDX or .npy file; the last two may be packed with gzip. The format is told by
/// the contents, not by the name.
///
/// index: which element of the first dimension is meant. Unset: the first one of an IDX file with
/// more than two dimensions, and the whole of a .npy file. Not allowed for PNG and JPEG.
/// Errors name the file and carry the exit status of a bad file, or of bad arguments if the index
/// is out of range.
absl::StatusOr<Sample> ReadSample(const std::filesystem::path& path, std::optional<int64_t> index);

/// Reads a whole IDX file, packed with gzip or not. Errors: as ReadSample().
absl::StatusOr<Array> ReadIdxFile(const std::filesystem::path& path);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_SAMPLE_FILE_H_
