#ifndef ACTIUM_CLIENT_CLI_IMAGE_H_
#define ACTIUM_CLIENT_CLI_IMAGE_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace actium::cli {

/// A picture of 8-bit samples, rows from the top, channels of a pixel together.
struct Image {
  int width = 0;                ///< >= 1.
  int height = 0;               ///< >= 1.
  int channels = 0;             ///< 1 (gray) or 3 (red, green, blue).
  std::vector<uint8_t> pixels;  ///< height * width * channels.
};

/// Largest picture that is decoded, pixels: a small file may claim a huge one.
inline constexpr int64_t kMostPixels = int64_t{64} << 20;
/// Largest file that is read, bytes.
inline constexpr int64_t kMostFileBytes = int64_t{256} << 20;

/// Reads a whole file.
///
/// Errors: NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED (over kMostFileBytes); all name the
/// file.
absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path);

/// Decode a PNG or JPEG file's bytes. Gray stays gray, everything else becomes RGB; transparent
/// pixels are laid on white; a PNG of 16 bits a sample is reduced to 8.
///
/// Errors: INVALID_ARGUMENT (damaged or truncated), RESOURCE_EXHAUSTED (over kMostPixels).
absl::StatusOr<Image> DecodePng(std::string_view bytes);
absl::StatusOr<Image> DecodeJpeg(std::string_view bytes);

/// True if the bytes start like a file of that format.
bool LooksLikePng(std::string_view bytes);
bool LooksLikeJpeg(std::string_view bytes);

/// Returns the picture with 1 or 3 channels; gray from colours by ITU-R BT.601's weights.
Image WithChannels(const Image& image, int channels);

/// Returns the picture resampled to another size (>= 1), without keeping its proportions.
Image Resized(const Image& image, int width, int height);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_IMAGE_H_
