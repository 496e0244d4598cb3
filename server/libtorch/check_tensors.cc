#include "server/libtorch/check_tensors.h"

#include <malloc.h>

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "ATen/core/Tensor.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "server/libtorch/for_each_node.h"
#include "torch/csrc/jit/api/function_impl.h"
#include "torch/csrc/jit/api/module.h"
#include "torch/csrc/jit/ir/constants.h"
#include "torch/csrc/jit/ir/ir.h"

namespace actium::libtorch {
namespace {

// Bytes from the start of the storage to the end of the tensor's last element; nothing if that is
// no 64-bit number, or an element lies before the start.
std::optional<int64_t> EndOf(const at::Tensor& tensor) {
  int64_t last = tensor.storage_offset();
  for (int64_t i = 0; i < tensor.dim(); ++i) {
    int64_t reach = 0;
    if (tensor.size(i) < 0 || tensor.stride(i) < 0 ||
        __builtin_mul_overflow(tensor.size(i) - 1, tensor.stride(i), &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      return std::nullopt;
    }
  }
  int64_t end = 0;
  const auto bytes = static_cast<int64_t>(tensor.itemsize());
  if (last < 0 || __builtin_mul_overflow(last + 1, bytes, &end)) return std::nullopt;
  return end;
}

bool HasElements(const at::Tensor& tensor) {
  for (const int64_t size : tensor.sizes()) {
    if (size == 0) return false;
  }
  return true;
}

absl::Status Check(const at::Tensor& tensor, const std::string& file) {
  if (!tensor.defined() || !tensor.has_storage() || !tensor.device().is_cpu()) {
    return absl::OkStatus();
  }
  const c10::Storage& storage = tensor.storage();
  // The file says how long a storage is, but what was allocated for it is as long as its record, up
  // to the allocator's rounding.
  const size_t held = malloc_usable_size(storage.mutable_data());
  const std::optional<int64_t> end = HasElements(tensor) ? EndOf(tensor) : 0;
  if (storage.nbytes() <= held && end.has_value() &&
      static_cast<size_t>(*end) <= storage.nbytes()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("{}: a tensor {} [{}] reaches beyond its {} bytes of data", file,
                  c10::toString(tensor.scalar_type()), fmt::join(tensor.sizes(), ", "),
                  std::min(storage.nbytes(), held)));
}

// Checks all tensors in values, each object once: it may hold itself.
class Checker {
 public:
  explicit Checker(const std::string& file) : file_(file) {}

  void CheckAll(const c10::IValue& value) {
    value.visit([&](const c10::IValue& part) {
      if (part.isTensor()) status_.Update(Check(part.toTensor(), file_));
      if (part.isObject()) return !seen_.insert(part.toObject().get()).second;
      return false;
    });
  }

  const absl::Status& status() const { return status_; }

 private:
  const std::string& file_;
  absl::Status status_;  // The first complaint.
  std::unordered_set<const void*> seen_;
};

}  // namespace

absl::Status CheckTensors(const torch::jit::Module& script, const std::string& file) {
  Checker checker(file);
  checker.CheckAll(script._ivalue());
  for (torch::jit::Function* const function :
       script._ivalue()->compilation_unit()->get_functions()) {
    const auto& graph = torch::jit::toGraphFunction(*function).graph();
    ForEachNode(*graph->block(), [&](const torch::jit::Node& node) {
      if (node.kind() != c10::prim::Constant) return;
      if (const auto value = torch::jit::toIValue(node.output())) checker.CheckAll(*value);
    });
  }
  return checker.status();
}

}  // namespace actium::libtorch
