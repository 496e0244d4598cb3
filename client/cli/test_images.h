#ifndef ACTIUM_CLIENT_CLI_TEST_IMAGES_H_
#define ACTIUM_CLIENT_CLI_TEST_IMAGES_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace actium::cli {

/// Pictures of one size with their classes, as in Fashion-MNIST's test set.
struct TestImages {
  int64_t count = 0;
  int64_t height = 0;
  int64_t width = 0;
  std::string pixels;            ///< [count, height, width], 8 bits each.
  std::vector<uint8_t> classes;  ///< count.

  std::string_view image(int64_t number) const {
    const auto size = static_cast<size_t>(height * width);
    return std::string_view(pixels).substr(static_cast<size_t>(number) * size, size);
  }
};

/// Reads <prefix>-images-idx3-ubyte and <prefix>-labels-idx1-ubyte from a folder, with or without
/// ".gz". prefix: "t10k" or "train".
///
/// Errors name the file and carry the exit status of a bad file.
absl::StatusOr<TestImages> ReadIdxImages(const std::filesystem::path& folder,
                                         const std::string& prefix);

/// The same of "t10k".
absl::StatusOr<TestImages> ReadTestImages(const std::filesystem::path& folder);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_TEST_IMAGES_H_
