#include "server/repository/check_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "server/base/quote.h"

namespace actium::repository {
namespace {

using tensor::TensorSpec;

constexpr int kMostDims = 16;

// TYPE_STRING and unset types have none.
std::optional<tensor::DType> ToDType(::inference::DataType type) {
  constexpr std::string_view kPrefix = "TYPE_";
  const std::string& name = ::inference::DataType_Name(type);  // Empty for unknown numbers.
  if (!name.starts_with(kPrefix)) return std::nullopt;
  return tensor::ParseDType(std::string_view(name).substr(kPrefix.size()));
}

// Whether the largest batch with every free dimension at 1 has a size that can be told in bytes.
bool HasByteCount(const TensorSpec& spec, int max_batch_size) {
  tensor::Shape least = {std::max(max_batch_size, 1)};
  for (const int64_t dim : spec.shape) least.push_back(dim == tensor::kAnySize ? 1 : dim);
  return tensor::ByteCount(spec.dtype, least).has_value();
}

// One of the repeated messages ModelInput and ModelOutput, which share these fields.
template <class Tensor>
class TensorCheck {
 public:
  TensorCheck(std::string_view kind, const Tensor& tensor, int index, Problems& problems)
      : tensor_(tensor),
        what_(tensor.name().empty() ? fmt::format("{}[{}]", kind, index)
                                    : fmt::format("{} {}", kind, base::Quote(tensor.name()))),
        problems_(problems) {}

  TensorSpec Check(int max_batch_size, std::set<std::string>& names) {
    TensorSpec spec;
    spec.name = tensor_.name();
    CheckName(names);
    if (const auto dtype = ToDType(tensor_.data_type())) {
      spec.dtype = *dtype;
    } else {
      problems_.Add("{}: data_type must be set, and a number's type, got {}", what_, TypeText());
    }
    if (CheckDims()) {
      spec.shape.assign(tensor_.dims().begin(), tensor_.dims().end());
      if (!HasByteCount(spec, max_batch_size)) {
        problems_.Add("{}: dims {} has more than 2^63 bytes", what_, tensor::ToString(spec.shape));
      }
    }
    return spec;
  }

 private:
  void CheckName(std::set<std::string>& names) {
    if (tensor_.name().empty()) return problems_.Add("{}: name must be set", what_);
    if (tensor_.name().size() > kMostNameBytes || !base::IsPlainText(tensor_.name())) {
      problems_.Add("{}: name must be UTF-8 without control characters, at most {} bytes", what_,
                    kMostNameBytes);
    }
    if (!names.insert(tensor_.name()).second) problems_.Add("{}: name is used twice", what_);
  }

  bool CheckDims() {
    if (tensor_.dims_size() > kMostDims) {
      problems_.Add("{}: dims must be at most {}, got {}", what_, kMostDims, tensor_.dims_size());
      return false;
    }
    for (int i = 0; i < tensor_.dims_size(); ++i) {
      if (tensor_.dims(i) >= 1 || tensor_.dims(i) == tensor::kAnySize) continue;
      problems_.Add("{}: dims[{}] must be at least 1, or -1 for any size, got {}", what_, i,
                    tensor_.dims(i));
      return false;
    }
    return true;
  }

  std::string TypeText() const {
    const std::string& name = ::inference::DataType_Name(tensor_.data_type());
    return name.empty() ? fmt::to_string(static_cast<int>(tensor_.data_type())) : name;
  }

  const Tensor& tensor_;
  const std::string what_;
  Problems& problems_;
};

template <class Tensors>
std::vector<TensorSpec> CheckAll(std::string_view kind, const Tensors& tensors, int max_batch_size,
                                 Problems& problems) {
  if (tensors.empty()) problems.Add("{} must be given at least once", kind);
  std::vector<TensorSpec> specs;
  std::set<std::string> names;
  int index = 0;
  for (const auto& tensor : tensors) {
    specs.push_back(TensorCheck(kind, tensor, index++, problems).Check(max_batch_size, names));
  }
  return specs;
}

}  // namespace

engine::Signature CheckTensors(const ::inference::ModelConfig& config, Problems& problems) {
  engine::Signature signature;
  if (config.max_batch_size() < 0 || config.max_batch_size() > kMostBatchRows) {
    problems.Add("max_batch_size must be in [0, {}], got {}", kMostBatchRows,
                 config.max_batch_size());
  } else {
    signature.max_batch_size = config.max_batch_size();
  }
  signature.inputs = CheckAll("input", config.input(), signature.max_batch_size, problems);
  signature.outputs = CheckAll("output", config.output(), signature.max_batch_size, problems);
  return signature;
}

}  // namespace actium::repository
