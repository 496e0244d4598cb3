#include "server/repository/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <system_error>

#include "absl/status/status.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"

namespace actium::repository {
namespace {

// Removes and returns the first line, without its end.
std::string_view TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

absl::Status CheckLabel(std::string_view label, std::string_view where, size_t line) {
  if (label.size() > kMostLabelBytes) {
    return absl::InvalidArgumentError(fmt::format("{}:{}: label must have at most {} bytes, got {}",
                                                  where, line, kMostLabelBytes, label.size()));
  }
  if (!base::IsPlainText(label)) {
    return absl::InvalidArgumentError(
        fmt::format("{}:{}: label must be UTF-8 without control characters, got {}", where, line,
                    base::Quote(label)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ReadLabelFile(const std::filesystem::path& file,
                                                       std::string_view where) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) {
    return absl::NotFoundError(fmt::format("label_filename {}: no such file", base::Quote(where)));
  }
  if (!std::filesystem::is_regular_file(status)) {
    return absl::InvalidArgumentError(
        fmt::format("label_filename {}: must be a regular file", base::Quote(where)));
  }
  // One byte more than its size or the limit shows a file that is too long, even one that grows.
  const uintmax_t size = std::filesystem::file_size(file, error);
  std::string text(
      static_cast<size_t>(std::min<uintmax_t>(error ? 0 : size, kMostLabelFileBytes)) + 1, '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || !stream.is_open()) {
    return absl::InvalidArgumentError(
        fmt::format("label_filename {}: cannot be read", base::Quote(where)));
  }
  text.resize(static_cast<size_t>(stream.gcount()));
  return ParseLabels(text, where);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ParseLabels(std::string_view text,
                                                     std::string_view where) {
  if (text.size() > kMostLabelFileBytes) {
    return absl::InvalidArgumentError(
        fmt::format("{}: must have at most {} bytes", where, kMostLabelFileBytes));
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<std::string> labels;
  while (!text.empty()) {
    const std::string_view label = TakeLine(text);
    ACTIUM_RETURN_IF_ERROR(CheckLabel(label, where, labels.size() + 1));
    if (labels.size() == kMostLabels) {
      return absl::InvalidArgumentError(
          fmt::format("{}: must have at most {} labels", where, kMostLabels));
    }
    labels.emplace_back(label);
  }
  return labels;
}

absl::StatusOr<std::vector<std::vector<std::string>>> ReadLabels(
    const ModelSettings& settings, const std::filesystem::path& model_folder) {
  std::vector<std::vector<std::string>> labels;
  for (const std::string& name : settings.label_filenames) {
    auto& of_output = labels.emplace_back();
    if (name.empty()) continue;
    ACTIUM_ASSIGN_OR_RETURN(of_output, ReadLabelFile(model_folder / name, name));
  }
  return labels;
}

}  // namespace actium::repository
