#include "server/libtorch/program.h"

#include <utility>

#include "c10/core/InferenceMode.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"
#include "server/libtorch/archive.h"
#include "server/libtorch/check_tensors.h"
#include "server/libtorch/deep_stack.h"
#include "server/libtorch/status_from_torch.h"
#include "torch/csrc/jit/api/module.h"
#include "torch/csrc/jit/passes/inliner.h"
#include "torch/csrc/jit/runtime/graph_executor.h"
#include "torch/csrc/jit/serialization/import.h"

namespace actium::libtorch {

struct Program::Module {
  torch::jit::Module script;
  // The functions of the file. They are inlined, but who asks where the program is, as the text of
  // an exception does, is led to them by pointers that do not own.
  std::shared_ptr<torch::jit::CompilationUnit> functions;
  bool stateful = false;
};

namespace {

/// Convolutions are faster on NHWC, and ATen takes that path when the weights have it.
void MakeWeightsChannelsLast(torch::jit::Module& script) {
  for (at::Tensor weight : script.parameters()) {
    if (weight.dim() == 4) weight.set_data(weight.contiguous(at::MemoryFormat::ChannelsLast));
  }
}

/// A file that was frozen when it was saved has lost its `training` flag; freezing asks for it.
void EnsureEvaluationMode(torch::jit::Module& script) {
  if (!script.hasattr("training"))
    script.register_attribute("training", c10::BoolType::get(), false);
  script.eval();
}

absl::Status CheckLoaded(const torch::jit::Module& script, const std::string& file) {
  const auto checked = CatchTorch(file, absl::StatusCode::kInvalidArgument,
                                  [&] { return CheckTensors(script, file); });
  ACTIUM_RETURN_IF_ERROR(checked.status());
  return *checked;
}

std::string Precision(const torch::jit::Module& script) {
  for (const at::Tensor& weight : script.parameters()) {
    switch (weight.scalar_type()) {
      case c10::ScalarType::Float:
        return "fp32";
      case c10::ScalarType::Half:
        return "fp16";
      case c10::ScalarType::BFloat16:
        return "bf16";
      case c10::ScalarType::Double:
        return "fp64";
      default:
        break;
    }
  }
  return "fp32";
}

torch::jit::Module FreezeIfPossible(const torch::jit::Module& script, const std::string& file,
                                    ProgramFacts& facts) {
  try {
    // Freezing would inline functions of a copy, and free them.
    torch::jit::Inline(*script.get_method("forward").graph());
    return torch::jit::freeze(script);
  } catch (const std::exception& error) {
    // Some programs (with interfaces, or with modules as values) cannot be frozen, but run.
    facts.not_frozen = OneLine(error.what());
    base::log::Warning("model_not_frozen", {{"file", file}, {"reason", facts.not_frozen}});
    return script;
  }
}

bool HasAttributes(const torch::jit::Module& script) {
  for (const auto& attribute : script.named_attributes(/*recurse=*/true)) {
    if (!attribute.value.isModule() && !attribute.name.ends_with("training")) return true;
  }
  return false;
}

absl::StatusOr<std::vector<Argument>> TensorArguments(const torch::jit::Module& script) {
  const std::optional<torch::jit::Method> forward = script.find_method("forward");
  if (!forward) return absl::InvalidArgumentError("the model has no method 'forward'");
  std::vector<Argument> arguments;
  bool first = true;
  for (const c10::Argument& argument : forward->function().getSchema().arguments()) {
    if (std::exchange(first, false)) continue;  // self
    const bool required = !argument.default_value().has_value();
    if (!c10::TensorType::get()->isSubtypeOf(*argument.type())) {
      if (!required) break;  // It and what follows keep their default values.
      return absl::InvalidArgumentError(
          fmt::format("argument '{}' of 'forward' must be a tensor, is {}", argument.name(),
                      OneLine(argument.type()->repr_str())));
    }
    arguments.push_back({argument.name(), required});
  }
  return arguments;
}

absl::StatusOr<std::vector<at::Tensor>> Flatten(const c10::IValue& result) {
  std::vector<at::Tensor> tensors;
  if (result.isTensor()) {
    tensors.push_back(result.toTensor());
  } else if (result.isTensorList()) {
    tensors = result.toTensorVector();
  } else if (result.isTuple()) {
    for (const c10::IValue& element : result.toTupleRef().elements()) {
      if (!element.isTensor()) {
        return absl::InvalidArgumentError(
            fmt::format("result {} of 'forward' must be a tensor, is {}", tensors.size(),
                        OneLine(element.tagKind())));
      }
      tensors.push_back(element.toTensor());
    }
  } else {
    return absl::InvalidArgumentError(
        fmt::format("'forward' must return a tensor, or a tuple or list of tensors; returns {}",
                    OneLine(result.tagKind())));
  }
  if (tensors.empty()) return absl::InvalidArgumentError("'forward' returns no tensor");
  return tensors;
}

absl::Status MakeDense(std::vector<at::Tensor>& tensors) {
  for (size_t i = 0; i < tensors.size(); ++i) {
    at::Tensor& tensor = tensors[i];
    if (!tensor.defined()) return absl::InvalidArgumentError(fmt::format("result {} is None", i));
    if (tensor.is_mkldnn()) tensor = tensor.to_dense();
    if (tensor.layout() != c10::kStrided || !tensor.device().is_cpu() || tensor.is_quantized()) {
      return absl::InvalidArgumentError(
          fmt::format("result {} must be a dense tensor on the CPU", i));
    }
    tensor = tensor.resolve_conj().resolve_neg().contiguous();
  }
  return absl::OkStatus();
}

}  // namespace

Program::Program(std::unique_ptr<Module> module) : module_(std::move(module)) {}
Program::~Program() = default;

absl::StatusOr<std::unique_ptr<Program>> Program::Load(const std::filesystem::path& file) {
  ACTIUM_RETURN_IF_ERROR(CheckArchive(file));
  absl::StatusOr<std::unique_ptr<Program>> program;
  ACTIUM_RETURN_IF_ERROR(RunOnDeepStack([&] { program = LoadHere(file); }));
  return program;
}

absl::StatusOr<std::unique_ptr<Program>> Program::LoadHere(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  auto script = CatchTorch(name, absl::StatusCode::kInvalidArgument, [&] {
    auto loaded = torch::jit::load(file.string(), c10::kCPU, /*load_debug_files=*/false);
    EnsureEvaluationMode(loaded);
    return loaded;
  });
  ACTIUM_RETURN_IF_ERROR(script.status());
  ACTIUM_RETURN_IF_ERROR(CheckLoaded(*script, name));
  ACTIUM_ASSIGN_OR_RETURN(std::vector<Argument> arguments, TensorArguments(*script));
  std::string precision = Precision(*script);
  ProgramFacts facts;
  // A program of which something cannot be told runs nevertheless.
  auto weights =
      CatchTorch(name, absl::StatusCode::kInternal, [&] { return ReadWeights(*script); });
  if (weights.ok()) facts.model = *std::move(weights);
  auto frozen = CatchTorch(name, absl::StatusCode::kInvalidArgument, [&] {
    MakeWeightsChannelsLast(*script);
    return FreezeIfPossible(*script, name, facts);
  });
  ACTIUM_RETURN_IF_ERROR(frozen.status());
  auto folded = CatchTorch(name, absl::StatusCode::kInternal,
                           [&] { return FoldedBatchNorms(*script, *frozen); });
  if (folded.ok()) facts.holds_batch_norm = *std::move(folded);

  auto module = std::make_unique<Module>();
  module->script = *std::move(frozen);
  module->functions = script->_ivalue()->compilation_unit();
  module->stateful = HasAttributes(module->script);
  std::unique_ptr<Program> program(new Program(std::move(module)));
  program->arguments_ = std::move(arguments);
  program->precision_ = std::move(precision);
  program->facts_ = std::move(facts);
  return program;
}

absl::StatusOr<std::vector<at::Tensor>> Program::Run(const std::vector<at::Tensor>& inputs) const {
  const c10::InferenceMode inference;
  // The graph runs as it was frozen: no pass that looks at shapes, no compilation within a request.
  const torch::jit::GraphOptimizerEnabledGuard as_it_is(false);
  auto results = CatchTorch("running 'forward'", absl::StatusCode::kInternal, [&] {
    torch::jit::Stack arguments(inputs.begin(), inputs.end());
    absl::StatusOr<std::vector<at::Tensor>> tensors =
        Flatten(module_->script.forward(std::move(arguments)));
    if (!tensors.ok()) return tensors;
    if (absl::Status dense = MakeDense(*tensors); !dense.ok()) tensors = dense;
    return tensors;
  });
  ACTIUM_RETURN_IF_ERROR(results.status());
  return *std::move(results);
}

absl::Status Program::RunObserved(const std::vector<at::Tensor>& inputs) const {
  const c10::InferenceMode inference;
  const torch::jit::GraphOptimizerEnabledGuard as_it_is(false);
  return CatchTorch(
             "running 'forward'", absl::StatusCode::kInternal,
             [&] {
               return module_->script.forward(torch::jit::Stack(inputs.begin(), inputs.end()));
             })
      .status();
}

absl::StatusOr<graph::Graph> Program::Import(const ProgramBinding& binding) const {
  if (stateful()) return absl::UnimplementedError("the program has a state, or is not frozen");
  absl::StatusOr<graph::Graph> graph = absl::UnknownError("not run");
  ACTIUM_RETURN_IF_ERROR(RunOnDeepStack([&] {
    auto imported = CatchTorch("importing 'forward'", absl::StatusCode::kUnimplemented, [&] {
      return ImportTorchScript(*module_->script.get_method("forward").graph(), binding);
    });
    graph = imported.ok() ? *std::move(imported) : imported.status();
  }));
  return graph;
}

bool Program::stateful() const { return module_->stateful; }

absl::StatusOr<std::unique_ptr<Program>> Program::Copy() const {
  auto copy = CatchTorch("copying the model", absl::StatusCode::kInternal, [&] {
    auto module = std::make_unique<Module>();
    module->script = module_->script.deepcopy();
    module->functions = module_->functions;
    module->stateful = module_->stateful;
    return module;
  });
  ACTIUM_RETURN_IF_ERROR(copy.status());
  std::unique_ptr<Program> program(new Program(*std::move(copy)));
  program->arguments_ = arguments_;
  program->precision_ = precision_;
  program->facts_ = facts_;
  return program;
}

}  // namespace actium::libtorch
