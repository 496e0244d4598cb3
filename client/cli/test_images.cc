#include "client/cli/test_images.h"

#include <fmt/format.h>

#include <utility>

#include "client/cli/exit_status.h"
#include "client/cli/sample_file.h"

namespace actium::cli {
namespace {

absl::StatusOr<Array> ReadBytes(const std::filesystem::path& folder, const std::string& name,
                                size_t rank) {
  std::filesystem::path path = folder / (name + ".gz");
  if (!std::filesystem::exists(path)) path = folder / name;
  auto array = ReadIdxFile(path);
  if (!array.ok()) return array.status();
  if (array->datatype != "UINT8" || array->shape.size() != rank) {
    return With(ExitStatus::kBadFile,
                absl::InvalidArgumentError(
                    fmt::format("{}: must hold UINT8 in {} dimensions", path.string(), rank)));
  }
  return array;
}

}  // namespace

absl::StatusOr<TestImages> ReadTestImages(const std::filesystem::path& folder) {
  return ReadIdxImages(folder, "t10k");
}

absl::StatusOr<TestImages> ReadIdxImages(const std::filesystem::path& folder,
                                         const std::string& prefix) {
  auto images = ReadBytes(folder, prefix + "-images-idx3-ubyte", 3);
  if (!images.ok()) return images.status();
  auto labels = ReadBytes(folder, prefix + "-labels-idx1-ubyte", 1);
  if (!labels.ok()) return labels.status();
  if (images->shape[0] != labels->shape[0] || images->bytes.empty()) {
    return With(ExitStatus::kBadFile, absl::InvalidArgumentError(fmt::format(
                                          "{}: must hold as many labels as images, got {} and {}",
                                          folder.string(), labels->shape[0], images->shape[0])));
  }
  return TestImages{.count = images->shape[0],
                    .height = images->shape[1],
                    .width = images->shape[2],
                    .pixels = std::move(images->bytes),
                    .classes = {labels->bytes.begin(), labels->bytes.end()}};
}

}  // namespace actium::cli
