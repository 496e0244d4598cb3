#include "server/libtorch/archive.h"

#include <minizip/unzip.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <system_error>

#include "caffe2/serialize/inline_container.h"
#include "fmt/format.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"
#include "server/libtorch/status_from_torch.h"

namespace actium::libtorch {
namespace {

constexpr size_t kLongestExtraFile = size_t{1} << 20;

absl::Status CheckFile(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return absl::NotFoundError(fmt::format("there is no file {}", name));
  }
  if (!std::filesystem::is_regular_file(file, error)) {
    return absl::InvalidArgumentError(fmt::format("{} must be a file", name));
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return absl::InvalidArgumentError(fmt::format("{} cannot be read", name));
  char magic[4] = {};
  stream.read(magic, sizeof magic);
  if (std::string_view(magic, static_cast<size_t>(stream.gcount())) != "PK\003\004") {
    return absl::InvalidArgumentError(
        fmt::format("{} must be a TorchScript archive as torch.jit.save writes it", name));
  }
  return absl::OkStatus();
}

struct CloseZip {
  void operator()(void* zip) const { unzClose(zip); }
};

/// Reads the record that the zip stands at; false if it is damaged.
bool IsRecordWhole(unzFile zip) {
  std::array<char, 1 << 16> chunk;
  if (unzOpenCurrentFile(zip) != UNZ_OK) return false;
  int got = 0;
  do {
    got = unzReadCurrentFile(zip, chunk.data(), chunk.size());
  } while (got > 0);
  return unzCloseCurrentFile(zip) == UNZ_OK && got == 0;
}

/// Reads every record and compares its checksum.
absl::Status CheckChecksums(const std::filesystem::path& file) {
  const std::string doing = file.filename().string();
  const std::unique_ptr<void, CloseZip> zip(unzOpen64(file.c_str()));
  if (!zip) return absl::InvalidArgumentError(fmt::format("{} is no whole zip archive", doing));
  int more = unzGoToFirstFile(zip.get());
  for (; more == UNZ_OK; more = unzGoToNextFile(zip.get())) {
    if (!IsRecordWhole(zip.get())) {
      std::array<char, 128> record = {};
      unz_file_info64 info = {};
      unzGetCurrentFileInfo64(zip.get(), &info, record.data(), record.size() - 1, nullptr, 0,
                              nullptr, 0);
      return absl::InvalidArgumentError(fmt::format("{} is damaged: the checksum of {} is wrong",
                                                    doing, base::Quote(record.data())));
    }
  }
  if (more == UNZ_END_OF_LIST_OF_FILE) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{} is damaged: its directory is wrong", doing));
}

/// Returns how deep brackets stand within brackets; those in strings and comments count too.
int Nesting(std::string_view source) {
  int depth = 0;
  int deepest = 0;
  for (const char c : source) {
    if (c == '(' || c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if (c == ')' || c == ']' || c == '}') --depth;
  }
  return deepest;
}

absl::Status CheckProgram(caffe2::serialize::PyTorchStreamReader& reader, const std::string& file) {
  if (!reader.hasRecord("constants.pkl") || !reader.hasRecord("data.pkl")) {
    return absl::InvalidArgumentError(fmt::format(
        "{} holds no TorchScript program; write it by torch.jit.save, not by torch.save", file));
  }
  for (const std::string& record : reader.getAllRecords()) {
    const bool source = record.starts_with("code/") && record.ends_with(".py");
    if (!source && !record.ends_with(".pkl")) continue;
    if (reader.getRecordSize(record) > kMostProgramBytes) {
      return absl::InvalidArgumentError(fmt::format("{}: {} must be at most {} bytes", file,
                                                    base::Quote(record), kMostProgramBytes));
    }
    if (!source) continue;
    const auto [data, size] = reader.getRecord(record);
    if (Nesting({static_cast<const char*>(data.get()), size}) > kDeepestNesting) {
      return absl::InvalidArgumentError(
          fmt::format("{}: {} must be nested at most {} brackets deep", file, base::Quote(record),
                      kDeepestNesting));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckArchive(const std::filesystem::path& file) {
  ACTIUM_RETURN_IF_ERROR(CheckFile(file));
  ACTIUM_RETURN_IF_ERROR(CheckChecksums(file));
  const std::string name = file.filename().string();
  auto checked = CatchTorch(name, absl::StatusCode::kInvalidArgument, [&] {
    caffe2::serialize::PyTorchStreamReader reader(file.string());
    return CheckProgram(reader, name);
  });
  ACTIUM_RETURN_IF_ERROR(checked.status());
  return *checked;
}

absl::StatusOr<std::optional<std::string>> ReadExtraFile(const std::filesystem::path& file,
                                                         const std::string& name) {
  ACTIUM_RETURN_IF_ERROR(CheckFile(file));
  const std::string doing = file.filename().string();
  const std::string record = "extra/" + name;
  auto text =
      CatchTorch(doing, absl::StatusCode::kInvalidArgument,
                 [&]() -> absl::StatusOr<std::optional<std::string>> {
                   caffe2::serialize::PyTorchStreamReader reader(file.string());
                   if (!reader.hasRecord(record)) return std::nullopt;
                   if (reader.getRecordSize(record) > kLongestExtraFile) {
                     return absl::InvalidArgumentError(fmt::format(
                         "{}: {} must be at most {} bytes", doing, name, kLongestExtraFile));
                   }
                   const auto [data, size] = reader.getRecord(record);
                   return std::string(static_cast<const char*>(data.get()), size);
                 });
  ACTIUM_RETURN_IF_ERROR(text.status());
  return *std::move(text);
}

}  // namespace actium::libtorch
