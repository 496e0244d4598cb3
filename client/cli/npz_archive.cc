#include "client/cli/npz_archive.h"

#include <fmt/format.h>
#include <minizip/unzip.h>

#include <algorithm>
#include <array>
#include <vector>

#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/tensor/npy_header.h"

namespace actium::cli {
namespace {

constexpr size_t kMostFiles = 1000;
constexpr size_t kMostNameBytes = 256;
constexpr std::string_view kEnding = ".npy";

absl::Status Damaged() { return absl::InvalidArgumentError("damaged or truncated zip archive"); }

// Of the file that the archive stands at.
absl::StatusOr<std::string> CurrentName(unzFile zip, unz_file_info64& info) {
  std::array<char, kMostNameBytes + 1> name = {};
  if (unzGetCurrentFileInfo64(zip, &info, name.data(), name.size(), nullptr, 0, nullptr, 0) !=
      UNZ_OK) {
    return Damaged();
  }
  if (info.size_filename > kMostNameBytes) {
    return absl::InvalidArgumentError(
        fmt::format("names in the archive must be at most {} bytes, one has {}", kMostNameBytes,
                    info.size_filename));
  }
  return std::string(name.data());
}

}  // namespace

absl::StatusOr<std::unique_ptr<NpzArchive>> NpzArchive::Open(const std::filesystem::path& file) {
  void* const zip = unzOpen64(file.c_str());
  if (zip == nullptr) return absl::InvalidArgumentError("no .npz file: it is no whole zip archive");
  std::unique_ptr<NpzArchive> archive(new NpzArchive(zip));
  ACTIUM_RETURN_IF_ERROR(archive->List());
  return archive;
}

NpzArchive::~NpzArchive() {
  unzCloseCurrentFile(zip_);
  unzClose(zip_);
}

absl::Status NpzArchive::List() {
  size_t files = 0;
  int more = unzGoToFirstFile(zip_);
  for (; more == UNZ_OK; more = unzGoToNextFile(zip_)) {
    if (++files > kMostFiles) {
      return absl::InvalidArgumentError(
          fmt::format("the archive must hold at most {} files", kMostFiles));
    }
    unz_file_info64 info = {};
    ACTIUM_ASSIGN_OR_RETURN(const std::string name, CurrentName(zip_, info));
    if (!name.ends_with(kEnding)) continue;
    names_.push_back(name.substr(0, name.size() - kEnding.size()));
  }
  return more == UNZ_END_OF_LIST_OF_FILE ? absl::OkStatus() : Damaged();
}

absl::StatusOr<ArrayHeader> NpzArchive::Begin(const std::string& name) {
  constexpr int kCaseSensitive = 1;
  if (reading_) unzCloseCurrentFile(zip_);
  reading_ = false;
  unz_file_info64 info = {};
  if (unzLocateFile(zip_, (name + std::string(kEnding)).c_str(), kCaseSensitive) != UNZ_OK ||
      !CurrentName(zip_, info).ok()) {
    return Damaged();
  }
  if ((info.flag & 1) != 0) return absl::InvalidArgumentError("it is encrypted");
  if (unzOpenCurrentFile(zip_) != UNZ_OK) {
    return absl::InvalidArgumentError(
        fmt::format("it is damaged, or packed by method {}: stored (0) and deflated (8) are read",
                    info.compression_method));
  }
  reading_ = true;
  left_ = static_cast<int64_t>(std::min<uint64_t>(info.uncompressed_size, INT64_MAX));
  const int64_t length = left_;
  pending_.clear();
  ACTIUM_ASSIGN_OR_RETURN(std::string first, Read(std::min(length, tensor::kMostNpyHeaderBytes)));
  ACTIUM_ASSIGN_OR_RETURN(const tensor::NpyHeader header, tensor::ParseNpyHeader(first));
  if (length - header.header_bytes != header.array_bytes) {
    return absl::InvalidArgumentError(fmt::format("its header announces {} bytes, it has {}",
                                                  header.array_bytes,
                                                  length - header.header_bytes));
  }
  pending_ = first.substr(static_cast<size_t>(header.header_bytes));
  left_ += std::ssize(pending_);
  return ArrayHeader{.datatype = std::string(tensor::Name(header.dtype)),
                     .shape = {header.shape.begin(), header.shape.end()},
                     .bytes = header.array_bytes};
}

absl::StatusOr<std::string> NpzArchive::Read(int64_t bytes) {
  std::string read;
  ACTIUM_RETURN_IF_ERROR(Take(bytes, &read));
  return read;
}

absl::Status NpzArchive::Skip(int64_t bytes) { return Take(bytes, nullptr); }

absl::Status NpzArchive::Take(int64_t bytes, std::string* to) {
  if (bytes > left_) return Damaged();
  const bool to_end = bytes == left_;
  const size_t ready = std::min(pending_.size(), static_cast<size_t>(bytes));
  if (to != nullptr) to->append(pending_, 0, ready);
  pending_.erase(0, ready);
  left_ -= bytes;
  std::vector<char> chunk(1 << 16);
  for (int64_t wanted = bytes - static_cast<int64_t>(ready); wanted > 0;) {
    const auto most = static_cast<unsigned>(std::min<int64_t>(wanted, std::ssize(chunk)));
    const int got = unzReadCurrentFile(zip_, chunk.data(), most);
    if (got <= 0) return Damaged();
    if (to != nullptr) to->append(chunk.data(), static_cast<size_t>(got));
    wanted -= got;
  }
  return to_end ? CheckEnd() : absl::OkStatus();
}

absl::Status NpzArchive::CheckEnd() {
  if (!reading_) return absl::OkStatus();  // It was read to its end with the header.
  char more = 0;
  reading_ = false;
  const bool at_end = unzReadCurrentFile(zip_, &more, 1) == 0;
  if (unzCloseCurrentFile(zip_) == UNZ_OK && at_end) return absl::OkStatus();
  return absl::InvalidArgumentError("damaged: its checksum or its length is wrong");
}

}  // namespace actium::cli
