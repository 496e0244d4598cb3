#include "tests/client/cli/encode_picture.h"

#include <gtest/gtest.h>
#include <png.h>

#include <cstdio>
#include <cstdlib>

// After <cstdio>, which it needs and does not include.
#include <jpeglib.h>

namespace actium::test {

using cli::Image;

Image Gradient(int width, int height, int channels, int first) {
  Image image{.width = width, .height = height, .channels = channels, .pixels = {}};
  for (int i = 0; i < width * height * channels; ++i) {
    image.pixels.push_back(static_cast<uint8_t>(first + i * 7));
  }
  return image;
}

std::string EncodePng(const void* pixels, int width, int height, uint32_t format) {
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<uint32_t>(width);
  png.height = static_cast<uint32_t>(height);
  png.format = format;
  size_t size = 0;
  png_image_write_to_memory(&png, nullptr, &size, 0, pixels, 0, nullptr);
  std::string bytes(size, '\0');
  EXPECT_NE(png_image_write_to_memory(&png, bytes.data(), &size, 0, pixels, 0, nullptr), 0);
  return bytes.substr(0, size);
}

std::string EncodePng(const Image& image) {
  return EncodePng(image.pixels.data(), image.width, image.height,
                   image.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB);
}

std::string EncodeJpeg(const Image& image) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* memory = nullptr;
  unsigned long size = 0;  // libjpeg's type.
  jpeg_mem_dest(&jpeg, &memory, &size);
  jpeg.image_width = static_cast<JDIMENSION>(image.width);
  jpeg.image_height = static_cast<JDIMENSION>(image.height);
  jpeg.input_components = image.channels;
  jpeg.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 100, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    auto* row = const_cast<JSAMPLE*>(image.pixels.data()) +
                jpeg.next_scanline * jpeg.image_width * static_cast<size_t>(image.channels);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  std::string bytes(reinterpret_cast<char*>(memory), size);
  jpeg_destroy_compress(&jpeg);
  std::free(memory);
  return bytes;
}

}  // namespace actium::test
