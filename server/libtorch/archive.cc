#include "server/libtorch/archive.h"

#include <fstream>
#include <system_error>

#include "caffe2/serialize/inline_container.h"
#include "fmt/format.h"
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

}  // namespace

absl::Status CheckArchive(const std::filesystem::path& file) {
  ACTIUM_RETURN_IF_ERROR(CheckFile(file));
  const std::string name = file.filename().string();
  auto has_program = CatchTorch(name, absl::StatusCode::kInvalidArgument, [&] {
    caffe2::serialize::PyTorchStreamReader reader(file.string());
    return reader.hasRecord("constants.pkl") && reader.hasRecord("data.pkl");
  });
  ACTIUM_RETURN_IF_ERROR(has_program.status());
  if (!*has_program) {
    return absl::InvalidArgumentError(fmt::format(
        "{} holds no TorchScript program; write it by torch.jit.save, not by torch.save", name));
  }
  return absl::OkStatus();
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
