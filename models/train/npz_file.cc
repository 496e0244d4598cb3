#include "models/train/npz_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <minizip/zip.h>
#include <zlib.h>

#include <string_view>
#include <system_error>

#include "server/base/status_macros.h"

namespace actium::train {
namespace {

namespace fs = std::filesystem;

std::string_view DescriptionOf(torch::ScalarType type) {
  switch (type) {
    case torch::kUInt8:
      return "|u1";
    case torch::kInt64:
      return "<i8";
    case torch::kFloat16:
      return "<f2";
    case torch::kFloat32:
      return "<f4";
    default:
      ACTIUM_CHECK(false);
  }
}

// The header, padded with blanks so that the array begins at a multiple of 64 bytes.
// Source: NumPy Enhancement Proposal 1.
std::string NpyHeader(const torch::Tensor& values) {
  constexpr size_t kPrefix = 10;
  constexpr size_t kAlignment = 64;
  std::string shape = fmt::format("{}", fmt::join(values.sizes(), ", "));
  if (values.dim() == 1) shape += ",";
  std::string dictionary = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                       DescriptionOf(values.scalar_type()), shape);
  const size_t unpadded = kPrefix + dictionary.size() + 1;
  dictionary.append((kAlignment - unpadded % kAlignment) % kAlignment, ' ');
  dictionary += '\n';
  std::string header = "\x93NUMPY\x01";
  header += '\0';
  header += static_cast<char>(dictionary.size() & 0xff);
  header += static_cast<char>(dictionary.size() >> 8);
  return header + dictionary;
}

bool WriteArray(zipFile zip, const NamedArray& array) {
  // Without a time of day, so that equal arrays give equal files.
  zip_fileinfo info = {};
  info.tmz_date = {
      .tm_sec = 0, .tm_min = 0, .tm_hour = 0, .tm_mday = 1, .tm_mon = 0, .tm_year = 1980};
  const torch::Tensor values = array.values.contiguous();
  const std::string header = NpyHeader(values);
  const auto write = [&](const void* bytes, size_t count) {
    return zipWriteInFileInZip(zip, bytes, static_cast<unsigned>(count)) == ZIP_OK;
  };
  return zipOpenNewFileInZip(zip, (array.name + ".npy").c_str(), &info, nullptr, 0, nullptr, 0,
                             nullptr, Z_DEFLATED, Z_BEST_COMPRESSION) == ZIP_OK &&
         write(header.data(), header.size()) && write(values.data_ptr(), values.nbytes()) &&
         zipCloseFileInZip(zip) == ZIP_OK;
}

}  // namespace

absl::Status WriteNpz(const fs::path& path, const std::vector<NamedArray>& arrays) {
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  const fs::path unfinished = path.string() + ".unfinished";
  zipFile const zip = zipOpen64(unfinished.c_str(), APPEND_STATUS_CREATE);
  bool written = zip != nullptr;
  for (const NamedArray& array : arrays) written = written && WriteArray(zip, array);
  if (zip != nullptr) written = zipClose(zip, nullptr) == ZIP_OK && written;
  if (written) fs::rename(unfinished, path, error);
  if (written && !error) return absl::OkStatus();
  fs::remove(unfinished, error);
  return absl::UnavailableError(fmt::format("'{}' cannot be written", path.string()));
}

}  // namespace actium::train
