#include "models/train/idx_file.h"

#include <fmt/format.h>
#include <zlib.h>

#include <memory>
#include <string>

#include "server/base/status_macros.h"

namespace actium::train {
namespace {

constexpr uint8_t kUnsignedByte = 0x08;
// Far above any data set of this family; below it the product of the dimensions cannot overflow.
constexpr int64_t kMaxBytes = int64_t{1} << 31;

// Reads exactly size bytes; false at the end of the file or when its compressed data is damaged.
bool ReadExactly(gzFile file, uint8_t* data, int64_t size) {
  return gzread(file, data, static_cast<unsigned>(size)) == size;
}

}  // namespace

absl::StatusOr<IdxFile> ReadIdx(const std::filesystem::path& path, int rank) {
  const auto invalid = [&path](const std::string& why) {
    return absl::InvalidArgumentError(fmt::format("'{}': {}", path.string(), why));
  };
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), &gzclose);
  if (file == nullptr) {
    return absl::UnavailableError(fmt::format("'{}' cannot be opened", path.string()));
  }

  // Two zero bytes, the type, the rank; then each dimension as four bytes, most significant first.
  uint8_t magic[4];
  if (!ReadExactly(file.get(), magic, 4) || magic[0] != 0 || magic[1] != 0 ||
      magic[2] != kUnsignedByte) {
    return invalid("not an IDX file of unsigned bytes");
  }
  if (magic[3] != rank) {
    return invalid(fmt::format("must have {} dimensions, got {}", rank, magic[3]));
  }
  IdxFile idx;
  int64_t size = 1;
  for (int i = 0; i < rank; ++i) {
    uint8_t dim[4];
    if (!ReadExactly(file.get(), dim, 4)) return invalid("cut off in its header");
    idx.dims.push_back(int64_t{dim[0]} << 24 | dim[1] << 16 | dim[2] << 8 | dim[3]);
    if (idx.dims.back() < 1 || idx.dims.back() > kMaxBytes / size) {
      return invalid(fmt::format("dimension {} is out of range: {}", i, idx.dims.back()));
    }
    size *= idx.dims.back();
  }
  idx.bytes.resize(static_cast<size_t>(size));
  if (!ReadExactly(file.get(), idx.bytes.data(), size)) {
    return invalid(fmt::format("cut off or damaged: its header promises {} bytes", size));
  }
  if (uint8_t extra; gzread(file.get(), &extra, 1) != 0) {
    return invalid(fmt::format("longer than the {} bytes that its header promises", size));
  }
  return idx;
}

}  // namespace actium::train
