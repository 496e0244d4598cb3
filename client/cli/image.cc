#include "client/cli/image.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#include <stb/stb_image_resize.h>

namespace actium::cli {

absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::NotFoundError(fmt::format("{} is a folder, not a file", path.string()));
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const std::string message =
        fmt::format("cannot read {}: {}", path.string(), std::strerror(errno));
    return errno == EACCES ? absl::PermissionDeniedError(message) : absl::NotFoundError(message);
  }
  // One byte over the limit tells, also for a pipe, which has no size to ask for.
  std::string bytes;
  std::vector<char> chunk(1 << 16);
  while (file.read(chunk.data(), std::ssize(chunk)), file.gcount() > 0) {
    bytes.append(chunk.data(), static_cast<size_t>(file.gcount()));
    if (std::ssize(bytes) > kMostFileBytes) {
      return absl::ResourceExhaustedError(
          fmt::format("{} has more than {} MiB", path.string(), kMostFileBytes >> 20));
    }
  }
  return bytes;
}

Image WithChannels(const Image& image, int channels) {
  if (image.channels == channels) return image;
  Image result{.width = image.width, .height = image.height, .channels = channels, .pixels = {}};
  const size_t count = static_cast<size_t>(image.width) * static_cast<size_t>(image.height);
  result.pixels.reserve(count * static_cast<size_t>(channels));
  for (size_t i = 0; i < count; ++i) {
    if (channels == 3) {
      result.pixels.insert(result.pixels.end(), 3, image.pixels[i]);
    } else {
      const uint8_t* rgb = &image.pixels[3 * i];
      // 0.299, 0.587 and 0.114 in 1/1000; their sum is 1000, so white stays 255.
      const int weighted = 299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2];
      result.pixels.push_back(static_cast<uint8_t>((weighted + 500) / 1000));
    }
  }
  return result;
}

Image Resized(const Image& image, int width, int height) {
  if (image.width == width && image.height == height) return image;
  Image result{.width = width, .height = height, .channels = image.channels, .pixels = {}};
  result.pixels.resize(static_cast<size_t>(width) * static_cast<size_t>(height) *
                       static_cast<size_t>(image.channels));
  stbir_resize_uint8(image.pixels.data(), image.width, image.height, 0, result.pixels.data(), width,
                     height, 0, image.channels);
  return result;
}

}  // namespace actium::cli
