#include "server/compare/data_set.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include "fmt/format.h"
#include "server/base/path_inside.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"

namespace actium::compare {
namespace {

namespace fs = std::filesystem;
using base::Quote;

constexpr char kLabels[] = "labels";

// A name that is one visible entry of a folder, so that a path made of it stays there.
absl::Status CheckName(std::string_view what, const std::string& name) {
  constexpr size_t kMostBytes = 255;
  const bool plain = !name.empty() && name.size() <= kMostBytes && name.front() != '.' &&
                     name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
  if (plain) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{} must be a name of 1 to {} bytes without slash, not beginning with a dot; got "
                  "{}",
                  what, kMostBytes, Quote(name)));
}

absl::Status InFile(const std::string& name, const absl::Status& status) {
  return absl::Status(status.code(), fmt::format("data_set: {}.npy: {}", Quote(name),
                                                 std::string(status.message())));
}

// One element of an array of whole numbers, if it is one of Integer's size and sign.
template <class Integer>
std::optional<int64_t> Element(const char* at) {
  Integer value;
  std::memcpy(&value, at, sizeof value);
  if (!std::in_range<int64_t>(value)) return std::nullopt;
  return static_cast<int64_t>(value);
}

std::optional<int64_t> WholeNumber(tensor::DType dtype, const char* at) {
  using tensor::DType;
  switch (dtype) {
    case DType::kUint8:
      return Element<uint8_t>(at);
    case DType::kInt8:
      return Element<int8_t>(at);
    case DType::kUint16:
      return Element<uint16_t>(at);
    case DType::kInt16:
      return Element<int16_t>(at);
    case DType::kUint32:
      return Element<uint32_t>(at);
    case DType::kInt32:
      return Element<int32_t>(at);
    case DType::kUint64:
      return Element<uint64_t>(at);
    case DType::kInt64:
      return Element<int64_t>(at);
    default:
      return std::nullopt;
  }
}

bool FitsInput(const tensor::Shape& shape, const tensor::Shape& declared) {
  return shape.size() == declared.size() + 1 &&
         std::equal(declared.begin(), declared.end(), shape.begin() + 1,
                    [](int64_t wanted, int64_t size) {
                      return wanted == tensor::kAnySize || wanted == size;
                    });
}

}  // namespace

absl::StatusOr<DataSet> DataSet::Open(const fs::path& root, const std::string& name,
                                      const engine::Signature& signature) {
  ACTIUM_RETURN_IF_ERROR(CheckName("data_set", name));
  if (signature.max_batch_size == 0) {
    return absl::InvalidArgumentError("data_set: the models must have a batch dimension");
  }
  std::error_code error;
  const fs::path real_root = fs::canonical(root, error);
  const fs::path folder = real_root / name;
  if (error || !base::LiesInside(real_root, folder) || !fs::is_directory(folder, error)) {
    return absl::NotFoundError(fmt::format("data_set: there is no {}", Quote(name)));
  }
  DataSet data;
  for (const tensor::TensorSpec& input : signature.inputs) {
    ACTIUM_RETURN_IF_ERROR(CheckName("data_set: an input", input.name));
    ACTIUM_ASSIGN_OR_RETURN(Array array, OpenArray(real_root, folder, input.name));
    data.inputs_.push_back(std::move(array));
  }
  absl::StatusOr<Array> labels = OpenArray(real_root, folder, kLabels);
  if (labels.ok()) {
    data.labels_.push_back(*std::move(labels));
  } else if (!absl::IsNotFound(labels.status())) {
    return labels.status();
  }
  data.examples_ = data.inputs_.front().rows();
  ACTIUM_RETURN_IF_ERROR(data.Check(signature));
  return data;
}

absl::StatusOr<DataSet::Array> DataSet::OpenArray(const fs::path& root, const fs::path& folder,
                                                  const std::string& name) {
  const fs::path path = folder / (name + ".npy");
  std::error_code error;
  if (!base::LiesInside(root, path) || !fs::is_regular_file(path, error)) {
    return InFile(name, absl::NotFoundError("there is no such file"));
  }
  Array array{.name = name, .file = std::ifstream(path, std::ios::binary), .header = {}};
  std::string begin(static_cast<size_t>(tensor::kMostNpyHeaderBytes), '\0');
  array.file.read(begin.data(), std::ssize(begin));
  begin.resize(static_cast<size_t>(array.file.gcount()));
  array.file.clear();
  auto header = tensor::ParseNpyHeader(begin);
  if (!header.ok()) {
    return InFile(name, absl::FailedPreconditionError(header.status().message()));
  }
  array.header = *std::move(header);
  const auto size = fs::file_size(path, error);
  const auto expected = static_cast<uintmax_t>(array.header.header_bytes) +
                        static_cast<uintmax_t>(array.header.array_bytes);
  if (error || size != expected) {
    return InFile(name, absl::FailedPreconditionError(
                            fmt::format("must have {} bytes, has {}", expected, size)));
  }
  return array;
}

absl::Status DataSet::Check(const engine::Signature& signature) const {
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const tensor::NpyHeader& header = inputs_[i].header;
    const tensor::TensorSpec& input = signature.inputs[i];
    if (header.dtype != input.dtype || !FitsInput(header.shape, input.shape)) {
      return InFile(inputs_[i].name,
                    absl::FailedPreconditionError(
                        fmt::format("must be {} of rows of {}, is {} {}", tensor::Name(input.dtype),
                                    tensor::ToString(input.shape), tensor::Name(header.dtype),
                                    tensor::ToString(header.shape))));
    }
    if (inputs_[i].rows() == examples_ && examples_ >= 1) continue;
    return InFile(inputs_[i].name, absl::FailedPreconditionError(fmt::format(
                                       "must have as many rows as the first input, at least 1, "
                                       "has {}",
                                       inputs_[i].rows())));
  }
  for (const Array& labels : labels_) {
    if (labels.header.shape.size() == 1 && labels.rows() == examples_) continue;
    return InFile(labels.name, absl::FailedPreconditionError(
                                   fmt::format("must have shape [{}], has {}", examples_,
                                               tensor::ToString(labels.header.shape))));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> DataSet::ReadRows(Array& array, int64_t first, int count) {
  const int64_t row_bytes = array.header.array_bytes / array.rows();
  std::string bytes(static_cast<size_t>(row_bytes * count), '\0');
  array.file.seekg(array.header.header_bytes + first * row_bytes);
  array.file.read(bytes.data(), std::ssize(bytes));
  if (array.file.good()) return bytes;
  return InFile(array.name, absl::FailedPreconditionError("it was cut off while it was read"));
}

absl::StatusOr<std::vector<int32_t>> DataSet::ReadLabels(int64_t first, int count) {
  std::vector<int32_t> labels;
  for (Array& array : labels_) {
    ACTIUM_ASSIGN_OR_RETURN(const std::string bytes, ReadRows(array, first, count));
    const size_t element = tensor::ElementBytes(array.header.dtype);
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      const auto label = WholeNumber(array.header.dtype, bytes.data() + i * element);
      if (!label || *label < 0 || *label > std::numeric_limits<int32_t>::max()) {
        return InFile(array.name, absl::FailedPreconditionError(fmt::format(
                                      "must hold whole numbers from 0 on; example {} is none",
                                      first + static_cast<int64_t>(i))));
      }
      labels.push_back(static_cast<int32_t>(*label));
    }
  }
  return labels;
}

absl::StatusOr<DataSetPart> DataSet::Read(int64_t first, int count) {
  DataSetPart part;
  const auto rows = std::make_shared<std::vector<std::string>>();
  for (Array& array : inputs_) {
    ACTIUM_ASSIGN_OR_RETURN(rows->emplace_back(), ReadRows(array, first, count));
  }
  for (size_t i = 0; i < inputs_.size(); ++i) {
    batching::InputView input;
    input.name = inputs_[i].name;
    input.dtype = inputs_[i].header.dtype;
    input.shape = inputs_[i].header.shape;
    input.shape[0] = count;
    input.pieces.push_back({.bytes = std::as_bytes(std::span((*rows)[i]))});
    part.inputs.inputs.push_back(std::move(input));
  }
  part.inputs.keepalive = rows;
  ACTIUM_ASSIGN_OR_RETURN(part.labels, ReadLabels(first, count));
  return part;
}

}  // namespace actium::compare
