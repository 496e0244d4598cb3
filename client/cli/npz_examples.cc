#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "client/cli/example_source.h"
#include "client/cli/exit_status.h"
#include "client/cli/npz_archive.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"

namespace actium::cli {
namespace {

namespace fs = std::filesystem;

// Returns little-endian elements of whole numbers; nothing for another type.
template <class T>
std::vector<int64_t> Widened(std::string_view bytes) {
  std::vector<int64_t> values(bytes.size() / sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    T value = 0;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    // What does not fit is no class either way.
    values[i] = std::in_range<int64_t>(value) ? static_cast<int64_t>(value) : -1;
  }
  return values;
}

std::optional<std::vector<int64_t>> WholeNumbers(std::string_view datatype,
                                                 std::string_view bytes) {
  if (datatype == "UINT8") return Widened<uint8_t>(bytes);
  if (datatype == "INT8") return Widened<int8_t>(bytes);
  if (datatype == "UINT16") return Widened<uint16_t>(bytes);
  if (datatype == "INT16") return Widened<int16_t>(bytes);
  if (datatype == "UINT32") return Widened<uint32_t>(bytes);
  if (datatype == "INT32") return Widened<int32_t>(bytes);
  if (datatype == "UINT64") return Widened<uint64_t>(bytes);
  if (datatype == "INT64") return Widened<int64_t>(bytes);
  return std::nullopt;
}

absl::StatusOr<std::vector<int32_t>> ReadLabels(NpzArchive& archive, const std::string& name,
                                                int64_t rows) {
  ACTIUM_ASSIGN_OR_RETURN(const ArrayHeader header, archive.Begin(name));
  if (header.shape != std::vector<int64_t>{rows}) {
    return absl::InvalidArgumentError(
        fmt::format("must have one label for each of the {} examples, it has shape [{}]", rows,
                    fmt::join(header.shape, ", ")));
  }
  ACTIUM_ASSIGN_OR_RETURN(const std::string bytes, archive.Read(header.bytes));
  const auto values = WholeNumbers(header.datatype, bytes);
  if (!values) {
    return absl::InvalidArgumentError(
        fmt::format("must be integers of 1 to 8 bytes, it is {}", header.datatype));
  }
  std::vector<int32_t> labels;
  labels.reserve(values->size());
  for (const int64_t value : *values) {
    if (value < 0 || value > std::numeric_limits<int32_t>::max()) {
      return absl::InvalidArgumentError(fmt::format(
          "labels must be classes, 0 or more, got {} for example {}", value, labels.size()));
    }
    labels.push_back(static_cast<int32_t>(value));
  }
  return labels;
}

// The first of these names that the archive has; empty: none.
std::string FirstOf(const NpzArchive& archive, std::initializer_list<std::string> names) {
  for (const std::string& name : names) {
    if (!name.empty() && std::ranges::count(archive.names(), name) > 0) return name;
  }
  return "";
}

class NpzExamples final : public ExampleSource {
 public:
  explicit NpzExamples(fs::path file) : file_(std::move(file)) {}

  absl::Status Open(const std::string& input) {
    auto archive = NpzArchive::Open(file_);
    if (!archive.ok()) return Bad("", archive.status());
    archive_ = *std::move(archive);
    name_ = FirstOf(*archive_, {input, "images", "inputs", "x"});
    if (name_.empty()) return NoInputs(input);
    if (absl::Status status = Rewind(); !status.ok()) return Bad(name_, status);
    if (absl::Status status = CheckShape(); !status.ok()) return Bad(name_, status);
    const std::string labels = FirstOf(*archive_, {"labels", "y"});
    if (labels.empty()) return absl::OkStatus();
    auto read = ReadLabels(*archive_, labels, count());
    if (!read.ok()) return Bad(labels, read.status());
    labels_ = *std::move(read);
    next_ = count();  // The archive stands elsewhere.
    return absl::OkStatus();
  }

  std::string kind() const override {
    return labelled() ? "an .npz file with labels" : "an .npz file without labels";
  }
  int64_t count() const override { return header_.shape[0]; }
  bool labelled() const override { return !labels_.empty(); }
  const std::vector<std::string>& class_names() const override { return no_names_; }
  int32_t label(int64_t number) const override { return labels_[static_cast<size_t>(number)]; }
  std::string id(int64_t) const override { return ""; }

  absl::StatusOr<Sample> Read(int64_t number) override {
    auto bytes = ReadRow(number);
    if (!bytes.ok()) {
      next_ = count();
      return Bad(name_, bytes.status());
    }
    Array row{.datatype = header_.datatype,
              .shape = {header_.shape.begin() + 1, header_.shape.end()},
              .bytes = *std::move(bytes)};
    std::optional<Image> image = AsImage(row);
    return Sample{.image = std::move(image), .array = std::move(row)};
  }

 private:
  absl::Status Bad(const std::string& array, const absl::Status& error) const {
    const std::string place = array.empty()
                                  ? file_.string()
                                  : fmt::format("{}: array {}", file_.string(), base::Quote(array));
    return With(ExitStatus::kBadFile, Annotate(error, place));
  }

  absl::Status NoInputs(const std::string& input) const {
    return Bad("", absl::InvalidArgumentError(fmt::format(
                       "must have an array {}images, inputs or x; it has {}",
                       input.empty() ? "" : base::Quote(input) + " (the model's input), ",
                       base::Quote(fmt::format("{}", fmt::join(archive_->names(), ", "))))));
  }

  absl::Status Rewind() {
    ACTIUM_ASSIGN_OR_RETURN(header_, archive_->Begin(name_));
    next_ = 0;
    return absl::OkStatus();
  }

  absl::Status CheckShape() const {
    if (header_.shape.size() < 2 || count() < 1 || count() > kMostExamples ||
        header_.bytes / count() > kMostFileBytes) {
      return absl::InvalidArgumentError(
          fmt::format("must have 1 to {} examples in its first dimension, each with a dimension of "
                      "its own and at most {} MiB, it has shape [{}]",
                      kMostExamples, kMostFileBytes >> 20, fmt::join(header_.shape, ", ")));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> ReadRow(int64_t number) {
    const int64_t row_bytes = header_.bytes / count();
    if (number < next_) ACTIUM_RETURN_IF_ERROR(Rewind());
    if (number > next_) ACTIUM_RETURN_IF_ERROR(archive_->Skip((number - next_) * row_bytes));
    ACTIUM_ASSIGN_OR_RETURN(std::string bytes, archive_->Read(row_bytes));
    next_ = number + 1;
    return bytes;
  }

  const fs::path file_;
  const std::vector<std::string> no_names_;
  std::unique_ptr<NpzArchive> archive_;
  std::string name_;  // Of the array with the examples.
  ArrayHeader header_;
  std::vector<int32_t> labels_;
  int64_t next_ = 0;  // The row that the archive stands at.
};

}  // namespace

absl::StatusOr<std::unique_ptr<ExampleSource>> OpenNpzExamples(const fs::path& file,
                                                               const std::string& input) {
  auto source = std::make_unique<NpzExamples>(file);
  ACTIUM_RETURN_IF_ERROR(source->Open(input));
  return source;
}

}  // namespace actium::cli
