#include <fmt/format.h>
#include <png.h>

#include <memory>

#include "client/cli/image.h"

namespace actium::cli {

bool LooksLikePng(std::string_view bytes) { return bytes.starts_with("\x89PNG\r\n\x1a\n"); }

absl::StatusOr<Image> DecodePng(std::string_view bytes) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  // Frees what libpng holds on every way out; harmless twice.
  const std::unique_ptr<png_image, decltype(&png_image_free)> free(&png, &png_image_free);
  const auto damaged = [&png] {
    return absl::InvalidArgumentError(fmt::format("damaged PNG: {}", png.message));
  };
  if (png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()) == 0) return damaged();
  if (int64_t{png.width} * png.height > kMostPixels) {
    return absl::ResourceExhaustedError(fmt::format(
        "picture of {} x {} pixels: at most {} are read", png.width, png.height, kMostPixels));
  }
  const bool gray = (png.format & PNG_FORMAT_FLAG_COLOR) == 0;
  png.format = gray ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  Image image{.width = static_cast<int>(png.width),
              .height = static_cast<int>(png.height),
              .channels = gray ? 1 : 3,
              .pixels = std::vector<uint8_t>(PNG_IMAGE_SIZE(png))};
  const png_color white = {255, 255, 255};
  if (png_image_finish_read(&png, &white, image.pixels.data(), 0, nullptr) == 0) return damaged();
  return image;
}

}  // namespace actium::cli
