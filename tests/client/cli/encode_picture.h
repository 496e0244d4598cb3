#ifndef ACTIUM_TESTS_CLIENT_CLI_ENCODE_PICTURE_H_
#define ACTIUM_TESTS_CLIENT_CLI_ENCODE_PICTURE_H_

#include <cstdint>
#include <string>

#include "client/cli/image.h"

namespace actium::test {

/// A picture whose samples are all different from their neighbours'; `first` is the first of them.
cli::Image Gradient(int width, int height, int channels, int first = 0);

/// Returns a file's bytes. format: of libpng's simplified interface, as PNG_FORMAT_RGBA.
std::string EncodePng(const void* pixels, int width, int height, uint32_t format);
std::string EncodePng(const cli::Image& image);

/// The same in libjpeg's best quality.
std::string EncodeJpeg(const cli::Image& image);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_CLIENT_CLI_ENCODE_PICTURE_H_
