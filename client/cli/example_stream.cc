#include "client/cli/example_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/cli/exit_status.h"
#include "server/base/status_macros.h"

namespace actium::cli {
namespace {

// Many enough that messages cost nothing, few enough that progress moves.
constexpr int64_t kMostRows = 256;
constexpr size_t kMostMessageBytes = size_t{8} << 20;
constexpr int64_t kMostTimingBytes = int64_t{16} << 20;

absl::StatusOr<Array> ReadTensor(ExampleSource& source, const ExampleTarget& target,
                                 int64_t number) {
  ACTIUM_ASSIGN_OR_RETURN(const Sample sample, source.Read(number));
  auto tensor = FromSample(sample, target.input, target.layout, target.scale);
  if (tensor.ok() && target.input.batched && tensor->shape[0] != 1) {
    tensor = absl::InvalidArgumentError(
        fmt::format("must be one row of the batch, has {}", tensor->shape[0]));
  }
  if (tensor.ok()) return tensor;
  const std::string id = source.id(number);
  return Annotate(tensor.status(), id.empty() ? fmt::format("example {}", number) : id);
}

// Appends the tensor's row to those of the only input.
void AppendRow(const ModelInput& input, Array tensor, inference::ModelInferRequest& inputs) {
  if (inputs.inputs_size() == 0) {
    auto& added = *inputs.add_inputs();
    added.set_name(input.name);
    added.set_datatype(tensor.datatype);
    for (const int64_t size : tensor.shape) added.add_shape(size);
    inputs.add_raw_input_contents(std::move(tensor.bytes));
    return;
  }
  auto& rows = *inputs.mutable_inputs(0);
  rows.set_shape(0, rows.shape(0) + 1);
  inputs.mutable_raw_input_contents(0)->append(tensor.bytes);
}

bool SameRow(const inference::ModelInferRequest& inputs, const Array& tensor) {
  const auto& shape = inputs.inputs(0).shape();
  return std::equal(shape.begin() + 1, shape.end(), tensor.shape.begin() + 1, tensor.shape.end());
}

}  // namespace

absl::Status ExampleStream::Convert() {
  if (converted_) return absl::OkStatus();
  ACTIUM_ASSIGN_OR_RETURN(converted_, ReadTensor(source_, target_, next_));
  return absl::OkStatus();
}

bool ExampleStream::Fits(const inference::ModelInferRequest& inputs) const {
  if (inputs.inputs_size() == 0) return true;
  return target_.input.batched && inputs.inputs(0).shape(0) < kMostRows &&
         SameRow(inputs, *converted_) &&
         inputs.raw_input_contents(0).size() + converted_->bytes.size() <= kMostMessageBytes;
}

void ExampleStream::Append(v1::LabelledExamples& examples) {
  AppendRow(target_.input, *std::move(converted_), *examples.mutable_inputs());
  converted_.reset();
  if (source_.labelled()) {
    const int32_t label = source_.label(next_);
    examples.add_labels(classes_.empty() ? label : classes_[static_cast<size_t>(label)]);
  }
  if (std::string id = source_.id(next_); !id.empty()) examples.add_ids(std::move(id));
  ++next_;
}

absl::StatusOr<std::optional<v1::LabelledExamples>> ExampleStream::Next() {
  if (next_ == source_.count()) return std::nullopt;
  v1::LabelledExamples examples;
  while (next_ < source_.count()) {
    ACTIUM_RETURN_IF_ERROR(Convert());
    if (!Fits(examples.inputs())) break;
    Append(examples);
  }
  return examples;
}

absl::StatusOr<inference::ModelInferRequest> TimingRows(ExampleSource& source,
                                                        const ExampleTarget& target, int64_t least,
                                                        int64_t rows) {
  inference::ModelInferRequest inputs;
  ACTIUM_ASSIGN_OR_RETURN(const Array first, ReadTensor(source, target, 0));
  if (!target.input.batched) {
    AppendRow(target.input, first, inputs);
    return inputs;
  }
  const int64_t fitting = kMostTimingBytes / std::max<int64_t>(1, std::ssize(first.bytes));
  rows = std::clamp(fitting, least, rows);
  std::vector<Array> read;
  const int64_t different = std::min(source.count(), rows);
  for (int64_t i = 0; i < different; ++i) {
    ACTIUM_ASSIGN_OR_RETURN(Array tensor,
                            ReadTensor(source, target, i * source.count() / different));
    if (tensor.shape == first.shape) read.push_back(std::move(tensor));
  }
  for (int64_t i = 0; i < rows; ++i) {
    AppendRow(target.input, read[static_cast<size_t>(i) % read.size()], inputs);
  }
  return inputs;
}

}  // namespace actium::cli
