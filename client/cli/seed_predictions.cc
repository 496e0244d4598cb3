#include "client/cli/seed_predictions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "client/cli/element.h"
#include "client/cli/exit_status.h"
#include "client/cli/npz_archive.h"
#include "server/base/status_macros.h"

namespace actium::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kLabels[] = "labels";
constexpr int32_t kNone = 255;

// Most bytes of an array: a thousand seeds of a hundred thousand examples.
constexpr int64_t kMostBytes = int64_t{400} << 20;

absl::Status Wrong(const std::string& what) { return absl::InvalidArgumentError(what); }

struct Column {
  std::string datatype;
  std::vector<int64_t> shape;
  std::string bytes;
};

absl::StatusOr<Column> ReadColumn(NpzArchive& archive, const std::string& name) {
  if (std::ranges::count(archive.names(), name) == 0) {
    return Wrong(
        fmt::format("must have an array {}, has {}", name, fmt::join(archive.names(), ", ")));
  }
  ACTIUM_ASSIGN_OR_RETURN(const ArrayHeader header, archive.Begin(name));
  if (header.bytes > kMostBytes) {
    return Wrong(
        fmt::format("array {} must have at most {} bytes, has {}", name, kMostBytes, header.bytes));
  }
  Column column{.datatype = header.datatype, .shape = header.shape, .bytes = {}};
  ACTIUM_ASSIGN_OR_RETURN(column.bytes, archive.Read(header.bytes));
  return column;
}

absl::Status Check(const Column& column, const std::string& name,
                   const std::vector<std::string>& datatypes, const std::vector<int64_t>& shape) {
  if (std::ranges::count(datatypes, column.datatype) > 0 && column.shape == shape) {
    return absl::OkStatus();
  }
  return Wrong(fmt::format("array {} must be {} of shape [{}], is {} of [{}]", name,
                           fmt::join(datatypes, " or "), fmt::join(shape, ", "), column.datatype,
                           fmt::join(column.shape, ", ")));
}

absl::StatusOr<std::vector<int32_t>> ReadLabels(NpzArchive& archive, const std::string& split) {
  ACTIUM_ASSIGN_OR_RETURN(const Column column, ReadColumn(archive, split));
  ACTIUM_RETURN_IF_ERROR(Check(column, split, {"UINT8"}, {std::ssize(column.bytes)}));
  std::vector<int32_t> labels;
  for (const char label : column.bytes) labels.push_back(static_cast<uint8_t>(label));
  return labels;
}

float Probability(const Column& column, size_t at) {
  if (column.datatype == "FP16") {
    uint16_t bits = 0;
    std::memcpy(&bits, column.bytes.data() + at * sizeof bits, sizeof bits);
    return FromHalf(bits);
  }
  float value = 0;
  std::memcpy(&value, column.bytes.data() + at * sizeof value, sizeof value);
  return value;
}

absl::Status ReadVariant(NpzArchive& archive, const std::string& variant, const std::string& split,
                         size_t examples, std::vector<v1::SeedPredictions>& checkpoints) {
  ACTIUM_ASSIGN_OR_RETURN(const Column seeds, ReadColumn(archive, "seeds"));
  const auto count = seeds.bytes.size() / sizeof(int64_t);
  ACTIUM_RETURN_IF_ERROR(Check(seeds, "seeds", {"INT64", "UINT64"}, {static_cast<int64_t>(count)}));
  const std::vector<int64_t> shape = {static_cast<int64_t>(count), static_cast<int64_t>(examples)};
  const std::string class_name = split + "_class";
  const std::string probability_name = split + "_probability";
  ACTIUM_ASSIGN_OR_RETURN(const Column classes, ReadColumn(archive, class_name));
  ACTIUM_RETURN_IF_ERROR(Check(classes, class_name, {"UINT8"}, shape));
  Column probabilities;
  const bool known = std::ranges::count(archive.names(), probability_name) > 0;
  if (known) {
    ACTIUM_ASSIGN_OR_RETURN(probabilities, ReadColumn(archive, probability_name));
    ACTIUM_RETURN_IF_ERROR(Check(probabilities, probability_name, {"FP16", "FP32"}, shape));
  }
  for (size_t i = 0; i < count; ++i) {
    v1::SeedPredictions& own = checkpoints.emplace_back();
    own.set_variant(variant);
    uint64_t seed = 0;
    std::memcpy(&seed, seeds.bytes.data() + i * sizeof seed, sizeof seed);
    own.set_seed(seed);
    for (size_t k = i * examples; k < (i + 1) * examples; ++k) {
      const int32_t predicted = static_cast<uint8_t>(classes.bytes[k]);
      own.add_predicted(predicted == kNone ? -1 : predicted);
      if (known) own.add_probability(Probability(probabilities, k));
    }
  }
  return absl::OkStatus();
}

absl::Status BadFile(const fs::path& file, const absl::Status& status) {
  return With(ExitStatus::kBadFile, Annotate(status, file.string()));
}

// Names of the variants that the folder has, in order.
std::vector<std::string> VariantsIn(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& file = entry->path();
    if (file.extension() == ".npz" && file.stem() != kLabels) names.push_back(file.stem());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

absl::StatusOr<SeedData> ReadSeedPredictions(const fs::path& folder, const std::string& split,
                                             const std::vector<std::string>& variants) {
  SeedData data;
  const auto read = [&](const std::string& name, const auto& take) -> absl::Status {
    const fs::path file = folder / (name + ".npz");
    const auto archive = NpzArchive::Open(file);
    if (!archive.ok()) return BadFile(file, archive.status());
    const absl::Status status = take(**archive);
    return status.ok() ? status : BadFile(file, status);
  };
  ACTIUM_RETURN_IF_ERROR(read(kLabels, [&](NpzArchive& archive) -> absl::Status {
    ACTIUM_ASSIGN_OR_RETURN(data.labels, ReadLabels(archive, split));
    return absl::OkStatus();
  }));
  for (const std::string& variant : variants.empty() ? VariantsIn(folder) : variants) {
    const std::string name = variant.substr(0, variant.rfind(':'));
    ACTIUM_RETURN_IF_ERROR(read(name, [&](NpzArchive& archive) {
      return ReadVariant(archive, name, split, data.labels.size(), data.checkpoints);
    }));
  }
  return data;
}

}  // namespace actium::cli
