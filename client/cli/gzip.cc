#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <memory>

#include "client/cli/array_file.h"

namespace actium::cli {

bool LooksLikeGzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

absl::StatusOr<std::string> Gunzip(std::string_view bytes, int64_t most) {
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  z_stream stream{};
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) {
    return absl::ResourceExhaustedError("no memory to unpack gzip");
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, &inflateEnd);
  // zlib does not write to its input but takes it as not const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());

  std::string unpacked;
  std::string chunk(1 << 16, '\0');
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    result = inflate(&stream, Z_NO_FLUSH);
    unpacked.append(chunk, 0, chunk.size() - stream.avail_out);
    if (std::ssize(unpacked) > most) {
      return absl::ResourceExhaustedError(
          fmt::format("gzip unpacks to more than {} MiB", most >> 20));
    }
  }
  if (result == Z_BUF_ERROR) return absl::InvalidArgumentError("truncated gzip");
  if (result != Z_STREAM_END) {
    return absl::InvalidArgumentError(
        fmt::format("damaged gzip: {}", stream.msg != nullptr ? stream.msg : zError(result)));
  }
  return unpacked;
}

}  // namespace actium::cli
