#include "client/cli/sample_file.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "client/cli/exit_status.h"
#include "server/tensor/npy_header.h"

namespace actium::cli {
namespace {

absl::Status BadFile(const std::filesystem::path& path, const absl::Status& error) {
  return With(ExitStatus::kBadFile, Annotate(error, path.string()));
}

// Reads a file and unpacks it if it is packed.
absl::StatusOr<std::string> ReadUnpacked(const std::filesystem::path& path) {
  auto bytes = ReadFile(path);
  if (!bytes.ok()) return With(ExitStatus::kBadFile, bytes.status());  // Names the file already.
  if (!LooksLikeGzip(*bytes)) return bytes;
  auto unpacked = Gunzip(*bytes, kMostFileBytes);
  if (!unpacked.ok()) return BadFile(path, unpacked.status());
  return unpacked;
}

absl::StatusOr<Sample> FromImage(const std::filesystem::path& path, absl::StatusOr<Image> image,
                                 std::optional<int64_t> index) {
  if (!image.ok()) return BadFile(path, image.status());
  if (index) {
    return absl::InvalidArgumentError(
        fmt::format("{}: --index is for IDX and .npy files, this is one picture", path.string()));
  }
  return Sample{.image = *std::move(image), .array = std::nullopt};
}

// Every dimension is as large as an int, since an array lies in memory.
Image MakeImage(int64_t height, int64_t width, int channels) {
  return {.width = static_cast<int>(width),
          .height = static_cast<int>(height),
          .channels = channels,
          .pixels = {}};
}

// [channels, height, width] to [height, width, channels].
std::vector<uint8_t> Interleaved(std::string_view planes, size_t channels) {
  std::vector<uint8_t> pixels(planes.size());
  const size_t plane = planes.size() / channels;
  for (size_t c = 0; c < channels; ++c) {
    for (size_t i = 0; i < plane; ++i) {
      pixels[i * channels + c] = static_cast<uint8_t>(planes[c * plane + i]);
    }
  }
  return pixels;
}

}  // namespace

std::optional<Image> AsImage(const Array& array) {
  if (array.datatype != "UINT8" || array.bytes.empty()) return std::nullopt;
  const auto& shape = array.shape;
  const auto is_channels = [](int64_t size) { return size == 1 || size == 3; };
  std::optional<Image> image;
  if (shape.size() == 2) {
    image = MakeImage(shape[0], shape[1], 1);
  } else if (shape.size() == 3 && is_channels(shape[2])) {
    image = MakeImage(shape[0], shape[1], static_cast<int>(shape[2]));
  } else if (shape.size() == 3 && is_channels(shape[0])) {
    image = MakeImage(shape[1], shape[2], static_cast<int>(shape[0]));
    image->pixels = Interleaved(array.bytes, static_cast<size_t>(shape[0]));
    return image;
  } else {
    return std::nullopt;
  }
  image->pixels.assign(array.bytes.begin(), array.bytes.end());
  return image;
}

absl::StatusOr<Sample> ReadSample(const std::filesystem::path& path, std::optional<int64_t> index) {
  const auto bytes = ReadUnpacked(path);
  if (!bytes.ok()) return bytes.status();
  if (LooksLikePng(*bytes)) return FromImage(path, DecodePng(*bytes), index);
  if (LooksLikeJpeg(*bytes)) return FromImage(path, DecodeJpeg(*bytes), index);

  const bool npy = tensor::LooksLikeNpy(*bytes);
  if (!npy && !LooksLikeIdx(*bytes)) {
    return BadFile(path, absl::InvalidArgumentError("no PNG, JPEG, IDX or .npy file"));
  }
  auto array = npy ? ParseNpy(*bytes) : ParseIdx(*bytes);
  if (!array.ok()) return BadFile(path, array.status());
  if (!index && !npy && array->shape.size() > 2) index = 0;
  if (index) {
    array = Slice(*array, *index);
    if (!array.ok()) return Annotate(array.status(), path.string());
  }
  return Sample{.image = AsImage(*array), .array = *std::move(array)};
}

absl::StatusOr<Array> ReadIdxFile(const std::filesystem::path& path) {
  const auto bytes = ReadUnpacked(path);
  if (!bytes.ok()) return bytes.status();
  auto array = ParseIdx(*bytes);
  if (!array.ok()) return BadFile(path, array.status());
  return array;
}

}  // namespace actium::cli
