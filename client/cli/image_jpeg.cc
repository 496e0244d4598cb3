#include <fmt/format.h>

#include <csetjmp>
#include <cstdio>

// After <cstdio>, which it needs and does not include.
#include <jpeglib.h>

#include "client/cli/image.h"

namespace actium::cli {
namespace {

// libjpeg reports errors by a function that must not return.
struct Decoder {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  std::jmp_buf failed{};
  char message[JMSG_LENGTH_MAX] = {};
};

void Fail(j_common_ptr jpeg) {
  auto* decoder = static_cast<Decoder*>(jpeg->client_data);
  jpeg->err->format_message(jpeg, decoder->message);
  std::longjmp(decoder->failed, 1);
}

// A warning is a damaged file: the rest of the picture would be invented.
void FailOnWarning(j_common_ptr jpeg, int level) {
  if (level < 0) Fail(jpeg);
}

// The part between setjmp and longjmp: it holds no object that has a destructor. Sets `image`
// and returns true, or leaves the reason in decoder.message; an empty one is "too large".
bool Decode(Decoder& decoder, std::string_view bytes, Image& image) {
  if (setjmp(decoder.failed) != 0) return false;
  jpeg_decompress_struct& jpeg = decoder.jpeg;
  jpeg_create_decompress(&jpeg);
  jpeg.client_data = &decoder;
  jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&jpeg, TRUE);
  image.width = static_cast<int>(jpeg.image_width);
  image.height = static_cast<int>(jpeg.image_height);
  if (int64_t{image.width} * image.height > kMostPixels) return false;
  const bool gray = jpeg.jpeg_color_space == JCS_GRAYSCALE;
  jpeg.out_color_space = gray ? JCS_GRAYSCALE : JCS_RGB;
  image.channels = gray ? 1 : 3;
  jpeg_start_decompress(&jpeg);
  const size_t stride = static_cast<size_t>(image.width) * static_cast<size_t>(image.channels);
  image.pixels.resize(stride * static_cast<size_t>(image.height));
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = image.pixels.data() + stride * jpeg.output_scanline;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  return true;
}

}  // namespace

bool LooksLikeJpeg(std::string_view bytes) { return bytes.starts_with("\xff\xd8\xff"); }

absl::StatusOr<Image> DecodeJpeg(std::string_view bytes) {
  Decoder decoder;
  decoder.jpeg.err = jpeg_std_error(&decoder.errors);
  decoder.jpeg.client_data = &decoder;
  decoder.errors.error_exit = Fail;
  decoder.errors.emit_message = FailOnWarning;
  Image image;
  const bool decoded = Decode(decoder, bytes, image);
  jpeg_destroy_decompress(&decoder.jpeg);
  if (decoded) return image;
  if (decoder.message[0] != '\0') {
    return absl::InvalidArgumentError(fmt::format("damaged JPEG: {}", decoder.message));
  }
  return absl::ResourceExhaustedError(fmt::format("picture of {} x {} pixels: at most {} are read",
                                                  image.width, image.height, kMostPixels));
}

}  // namespace actium::cli
