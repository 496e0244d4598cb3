#include "server/inference/validate_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "server/base/quote.h"
#include "server/base/status_macros.h"

namespace actium::inference {
namespace {

using base::Quote;
using batching::InputView;
using tensor::TensorSpec;

// Names shown of a model's inputs or outputs; a longer list helps nobody.
constexpr size_t kMostNamesShown = 8;

std::string NamesOf(const std::vector<TensorSpec>& specs) {
  std::string names;
  for (size_t i = 0; i < std::min(specs.size(), kMostNamesShown); ++i) {
    names += (i == 0 ? "" : ", ") + Quote(specs[i].name);
  }
  return specs.size() > kMostNamesShown ? names + ", ..." : names;
}

// Returns the place of a name among the specs, or -1.
int IndexOf(const std::vector<TensorSpec>& specs, std::string_view name) {
  for (size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

absl::Status BadInput(const InputView& input, const std::string& rule) {
  return absl::InvalidArgumentError(fmt::format("input {}: {}", Quote(input.name), rule));
}

absl::Status CheckRows(const InputView& input, int max_batch_size) {
  const int64_t rows = input.shape[0];
  if (rows < 1) {
    return BadInput(input,
                    fmt::format("dimension 0 (the batch size) must be at least 1, got {}", rows));
  }
  if (rows > max_batch_size) {
    return BadInput(
        input, fmt::format("dimension 0 (the batch size) must be at most max_batch_size {}, got {}",
                           max_batch_size, rows));
  }
  return absl::OkStatus();
}

absl::Status CheckShape(const InputView& input, const TensorSpec& spec, int max_batch_size) {
  const size_t leading = max_batch_size > 0 ? 1 : 0;
  if (input.shape.size() != spec.shape.size() + leading) {
    return BadInput(input, fmt::format("shape must have {} dimensions{}, got {}: {}",
                                       spec.shape.size() + leading,
                                       leading > 0 ? " (the first is the batch)" : "",
                                       input.shape.size(), tensor::ToString(input.shape)));
  }
  if (leading > 0) ACTIUM_RETURN_IF_ERROR(CheckRows(input, max_batch_size));
  for (size_t i = 0; i < spec.shape.size(); ++i) {
    const int64_t expected = spec.shape[i];
    const int64_t given = input.shape[i + leading];
    if (expected == tensor::kAnySize ? given >= 1 : given == expected) continue;
    return BadInput(
        input,
        fmt::format("dimension {} must be {}, got {}", i + leading,
                    expected == tensor::kAnySize ? "at least 1" : fmt::to_string(expected), given));
  }
  return absl::OkStatus();
}

absl::Status CheckBytes(const InputView& input) {
  const std::optional<int64_t> expected = tensor::ByteCount(input.dtype, input.shape);
  if (!expected.has_value()) {
    return BadInput(
        input, fmt::format("shape {} has more than 2^63 bytes", tensor::ToString(input.shape)));
  }
  size_t given = 0;
  for (const batching::Piece& piece : input.pieces) given += piece.bytes.size();
  if (given != static_cast<size_t>(*expected)) {
    return BadInput(input,
                    fmt::format("contents must be {} bytes for {} of shape {}, got {}", *expected,
                                tensor::Name(input.dtype), tensor::ToString(input.shape), given));
  }
  return absl::OkStatus();
}

absl::Status CheckInput(const InputView& input, const TensorSpec& spec, int max_batch_size) {
  if (input.dtype != spec.dtype) {
    return BadInput(input, fmt::format("datatype must be {}, got {}", tensor::Name(spec.dtype),
                                       tensor::Name(input.dtype)));
  }
  ACTIUM_RETURN_IF_ERROR(CheckShape(input, spec, max_batch_size));
  return CheckBytes(input);
}

absl::Status PlaceInputs(const engine::Signature& signature, const std::vector<InputView>& inputs,
                         CheckedRequest& checked) {
  checked.inputs.assign(signature.inputs.size(), -1);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const int place = IndexOf(signature.inputs, inputs[i].name);
    if (place < 0) {
      return BadInput(inputs[i], fmt::format("the model has no such input; its inputs: {}",
                                             NamesOf(signature.inputs)));
    }
    int& slot = checked.inputs[static_cast<size_t>(place)];
    if (slot >= 0) return BadInput(inputs[i], "given twice");
    slot = static_cast<int>(i);
  }
  const auto missing = std::find(checked.inputs.begin(), checked.inputs.end(), -1);
  if (missing == checked.inputs.end()) return absl::OkStatus();
  const TensorSpec& spec = signature.inputs[static_cast<size_t>(missing - checked.inputs.begin())];
  return absl::InvalidArgumentError(fmt::format("input {} is missing", Quote(spec.name)));
}

absl::Status PlaceOutputs(const engine::Signature& signature,
                          const std::vector<batching::OutputSpec>& outputs,
                          CheckedRequest& checked) {
  for (size_t i = 0; outputs.empty() && i < signature.outputs.size(); ++i) {
    checked.outputs.push_back(static_cast<int>(i));
  }
  for (const batching::OutputSpec& output : outputs) {
    const int place = IndexOf(signature.outputs, output.name);
    if (place < 0) {
      return absl::InvalidArgumentError(
          fmt::format("output {}: the model has no such output; its outputs: {}",
                      Quote(output.name), NamesOf(signature.outputs)));
    }
    if (std::find(checked.outputs.begin(), checked.outputs.end(), place) != checked.outputs.end()) {
      return absl::InvalidArgumentError(
          fmt::format("output {}: requested twice", Quote(output.name)));
    }
    checked.outputs.push_back(place);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CheckedRequest> CheckRequest(const engine::Signature& signature,
                                            const batching::InferRequest& request) {
  CheckedRequest checked;
  ACTIUM_RETURN_IF_ERROR(PlaceInputs(signature, request.inputs, checked));
  const InputView* first = nullptr;
  for (size_t i = 0; i < signature.inputs.size(); ++i) {
    const InputView& input = request.inputs[static_cast<size_t>(checked.inputs[i])];
    ACTIUM_RETURN_IF_ERROR(CheckInput(input, signature.inputs[i], signature.max_batch_size));
    if (first == nullptr) first = &input;
    if (signature.max_batch_size == 0) continue;
    if (input.shape[0] != first->shape[0]) {
      return BadInput(input,
                      fmt::format("dimension 0 (the batch size) must be {} as in input {}, got {}",
                                  first->shape[0], Quote(first->name), input.shape[0]));
    }
    checked.rows = static_cast<int>(input.shape[0]);
  }
  ACTIUM_RETURN_IF_ERROR(PlaceOutputs(signature, request.outputs, checked));
  return checked;
}

}  // namespace actium::inference
