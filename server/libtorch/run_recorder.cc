#include "server/libtorch/run_recorder.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "ATen/core/Tensor.h"
#include "ATen/record_function.h"
#include "server/base/status_macros.h"
#include "server/libtorch/scalar_types.h"
#include "server/libtorch/step_facts.h"
#include "server/tensor/dtype.h"
#include "torch/csrc/jit/frontend/source_range.h"
#include "torch/csrc/jit/runtime/interpreter.h"

namespace actium::libtorch {
namespace {

using engine::Step;
using std::chrono::steady_clock;

// Hears of the operators that the program itself asks for, on this thread.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void Begin(const at::RecordFunction& function) = 0;
  virtual void End(const at::RecordFunction& function) = 0;
};

// What LibTorch's callbacks, which are plain functions, find their observer by.
struct Observation {
  Observer* observer = nullptr;
  int depth = 0;  // Operators that have begun and not ended.
};
thread_local Observation current;

std::unique_ptr<at::ObserverContext> OnBegin(const at::RecordFunction& function) {
  if (current.observer != nullptr && current.depth++ == 0) current.observer->Begin(function);
  return nullptr;
}

void OnEnd(const at::RecordFunction& function, at::ObserverContext*) {
  if (current.observer != nullptr && --current.depth == 0) current.observer->End(function);
}

// Observes this thread while it lives.
class Observing {
 public:
  Observing(Observer& observer, bool tensors)
      : handle_(at::addThreadLocalCallback(at::RecordFunctionCallback(OnBegin, OnEnd)
                                               .needsInputs(tensors)
                                               .needsOutputs(tensors)
                                               .scopes({at::RecordScope::FUNCTION}))) {
    current = {.observer = &observer};
  }
  ~Observing() {
    current = {};
    at::removeCallback(handle_);
  }
  Observing(const Observing&) = delete;
  Observing& operator=(const Observing&) = delete;

 private:
  const at::CallbackHandle handle_;
};

// Knows which step a tensor came from.
class Origins {
 public:
  static int OfArgument(size_t argument) { return -1 - static_cast<int>(argument); }

  // origin: a step's place, or OfArgument().
  void Set(const at::Tensor& tensor, int origin) {
    if (!tensor.defined()) return;
    c10::TensorImpl* const impl = tensor.unsafeGetTensorImpl();
    if (origins_.insert_or_assign(impl, origin).second) {
      // Keeps the address from being used again, not the tensor's memory.
      alive_.emplace_back(tensor.getIntrusivePtr());
    }
  }

  std::optional<int> Of(const at::Tensor& tensor) const {
    const auto found = origins_.find(tensor.unsafeGetTensorImpl());
    return found == origins_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::unordered_map<const c10::TensorImpl*, int> origins_;
  std::vector<c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>> alive_;
};

// Calls visit() for the tensors of a value, those in lists and tuples included.
template <class Visitor>
void ForEachTensor(const c10::IValue& value, Visitor visit) {
  value.visit([&](const c10::IValue& part) {
    if (part.isTensor() && part.toTensor().defined()) visit(part.toTensor());
    return false;
  });
}

bool SharesMemory(const at::Tensor& tensor, const std::vector<const void*>& memory) {
  return tensor.has_storage() &&
         std::ranges::find(memory, tensor.storage().unsafeGetStorageImpl()) != memory.end();
}

// Where the program that runs on this thread is; as CallSite().
std::string CurrentCallSite() {
  std::vector<torch::jit::StackEntry> calls = torch::jit::currentCallstack();
  std::ranges::reverse(calls);  // Innermost first.
  std::string site;
  for (const torch::jit::StackEntry& call : calls) site = CallSite(site, call.range);
  return site;
}

// Which module of the program runs on this thread, as "block1.conv"; empty: the outermost.
// LibTorch lists "TOP(Network)::forward", "block1(Block)::forward", ...
std::string CurrentModule() {
  std::string module;
  for (const std::string& call : torch::jit::currentModuleHierarchy()) {
    const std::string name = call.substr(0, call.find('('));
    // Calls of the same module's methods, and of functions.
    if (name == "TOP" || name == "SELF" || name.empty() || name == call) continue;
    module += module.empty() ? name : "." + name;
  }
  return module;
}

// The operator's own of what LibTorch reports, which is the program's whole stack: the last ones.
c10::ArrayRef<c10::IValue> LastOf(c10::ArrayRef<c10::IValue> stack, size_t count) {
  const size_t own = std::min(count, stack.size());
  return stack.slice(stack.size() - own, own);
}

class StepRecorder final : public Observer {
 public:
  StepRecorder(const std::vector<at::Tensor>& arguments, const std::vector<std::string>& names)
      : names_(names) {
    for (size_t i = 0; i < arguments.size(); ++i) {
      origins_.Set(arguments[i], Origins::OfArgument(i));
    }
  }

  void Begin(const at::RecordFunction& function) override {
    if (record_.steps.size() == kMostSteps) {
      record_.cut_short = true;
      return;
    }
    begun_ = false;
    step_ = Step();
    step_.kind = function.name();
    const auto inputs = LastOf(function.inputs(), function.num_inputs());
    step_.activation = ActivationOf(step_.kind, inputs);
    flops_per_element_ = FlopsPerElement(step_.kind, inputs);
    read_bytes_ = 0;
    read_memory_.clear();
    for (const c10::IValue& input : inputs) {
      ForEachTensor(input, [&](const at::Tensor& tensor) { Read(tensor); });
    }
    std::ranges::sort(step_.inputs);
    const auto repeated = std::ranges::unique(step_.inputs);
    step_.inputs.erase(repeated.begin(), repeated.end());
    step_.name = CurrentModule();
    call_site_ = CurrentCallSite();
    begun_ = true;
  }

  void End(const at::RecordFunction& function) override {
    // LibTorch goes on after an observer's error, so a step may end that has not quite begun.
    if (record_.steps.size() == kMostSteps || !begun_) return;
    const int place = static_cast<int>(record_.steps.size());
    int64_t written_bytes = 0;
    bool moves = false;
    for (const c10::IValue& output : LastOf(function.outputs(), function.num_outputs())) {
      ForEachTensor(output, [&](const at::Tensor& tensor) {
        if (step_.output_dtype.empty()) DescribeOutput(tensor);
        moves = moves || !SharesMemory(tensor, read_memory_);
        if (tensor.layout() == c10::kStrided)
          written_bytes += static_cast<int64_t>(tensor.nbytes());
        origins_.Set(tensor, place);
      });
    }
    const bool in_place = step_.kind.ends_with('_');
    // A view reads and writes nothing.
    step_.bytes = moves || in_place ? read_bytes_ + written_bytes : 0;
    record_.steps.push_back(std::move(step_));
    record_.call_sites.push_back(std::move(call_site_));
  }

  RunRecord Take() { return std::move(record_); }

 private:
  void Read(const at::Tensor& tensor) {
    if (tensor.layout() != c10::kStrided) return;
    read_bytes_ += static_cast<int64_t>(tensor.nbytes());
    if (tensor.has_storage()) read_memory_.push_back(tensor.storage().unsafeGetStorageImpl());
    const std::optional<int> origin = origins_.Of(tensor);
    if (!origin) return;  // A weight.
    if (*origin >= 0) {
      step_.inputs.push_back(*origin);
    } else if (const auto argument = static_cast<size_t>(-1 - *origin); argument < names_.size()) {
      step_.model_inputs.push_back(names_[argument]);
    }
  }

  void DescribeOutput(const at::Tensor& tensor) {
    const auto dtype = FromScalarType(tensor.scalar_type());
    step_.output_dtype = dtype ? tensor::Name(*dtype) : c10::toString(tensor.scalar_type());
    step_.output_shape = tensor::Shape(tensor.sizes().begin(), tensor.sizes().end());
    if (flops_per_element_) step_.flops = *flops_per_element_ * tensor.numel();
  }

  const std::vector<std::string>& names_;
  Origins origins_;
  RunRecord record_;

  // Of the step that has begun.
  bool begun_ = false;
  Step step_;
  std::string call_site_;
  std::optional<int64_t> flops_per_element_;
  int64_t read_bytes_ = 0;
  std::vector<const void*> read_memory_;
};

class StepTimer final : public Observer {
 public:
  void Begin(const at::RecordFunction& function) override {
    if (timing_.run.steps.size() == kMostSteps) return;
    timing_.kinds.emplace_back(function.name());
    begin_ = steady_clock::now();
  }

  void End(const at::RecordFunction&) override {
    const auto took = steady_clock::now() - begin_;
    if (timing_.run.steps.size() < kMostSteps) timing_.run.steps.push_back(took);
  }

  RunTiming Take(std::chrono::nanoseconds total) {
    timing_.run.total = total;
    return std::move(timing_);
  }

 private:
  RunTiming timing_;
  steady_clock::time_point begin_;
};

}  // namespace

absl::StatusOr<RunRecord> RecordRun(const Program& program,
                                    const std::vector<at::Tensor>& arguments,
                                    const std::vector<std::string>& names) {
  StepRecorder recorder(arguments, names);
  {
    const Observing observing(recorder, /*tensors=*/true);
    ACTIUM_RETURN_IF_ERROR(program.RunObserved(arguments));
  }
  RunRecord record = recorder.Take();
  MarkSpelledOut(record.steps);
  return record;
}

absl::StatusOr<RunTiming> TimeRun(const Program& program,
                                  const std::vector<at::Tensor>& arguments) {
  StepTimer timer;
  const Observing observing(timer, /*tensors=*/false);
  const auto begin = steady_clock::now();
  ACTIUM_RETURN_IF_ERROR(program.RunObserved(arguments));
  return timer.Take(steady_clock::now() - begin);
}

}  // namespace actium::libtorch
