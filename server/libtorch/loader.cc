#include "server/libtorch/loader.h"

#include <utility>

#include "ATen/Parallel.h"
#include "ATen/core/Tensor.h"
#include "ATen/ops/zeros.h"
#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "server/libtorch/archive.h"
#include "server/libtorch/program.h"
#include "server/libtorch/reference_model.h"
#include "server/libtorch/scalar_types.h"
#include "server/libtorch/status_from_torch.h"
#include "torch/csrc/jit/runtime/graph_executor.h"

namespace actium::libtorch {
namespace {

/// Makes zeros for each input. Errors: INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
absl::StatusOr<std::vector<at::Tensor>> Zeros(std::span<const tensor::TensorSpec> inputs) {
  std::vector<at::Tensor> zeros;
  for (const tensor::TensorSpec& input : inputs) {
    const auto type = ToScalarType(input.dtype);
    if (!type || !tensor::ByteCount(input.dtype, input.shape)) {
      return absl::InvalidArgumentError(
          fmt::format("input '{}': {} {} is no tensor that can be made", input.name,
                      tensor::Name(input.dtype), tensor::ToString(input.shape)));
    }
    auto tensor = CatchTorch(fmt::format("input '{}'", input.name),
                             absl::StatusCode::kResourceExhausted, [&] {
                               return at::zeros({input.shape.data(), input.shape.size()},
                                                at::TensorOptions().dtype(*type));
                             });
    ACTIUM_RETURN_IF_ERROR(tensor.status());
    zeros.push_back(*std::move(tensor));
  }
  return zeros;
}

class Loader final : public engine::ModelLoader {
 public:
  Loader() {
    torch::jit::getProfilingMode() = false;
    torch::jit::getExecutorMode() = false;
  }

  absl::StatusOr<std::optional<std::string>> ReadMetadata(
      const std::filesystem::path& file) override {
    return ReadExtraFile(file, "actium.json");
  }

  absl::StatusOr<std::shared_ptr<engine::LoadedModel>> Load(const engine::LoadSpec& spec) override {
    return LoadReferenceModel(spec);
  }

  absl::StatusOr<std::vector<tensor::TensorSpec>> Probe(
      const std::filesystem::path& file, std::span<const tensor::TensorSpec> inputs) override {
    ACTIUM_ASSIGN_OR_RETURN(const std::unique_ptr<Program> program, Program::Load(file));
    if (inputs.size() > program->arguments().size()) {
      return absl::InvalidArgumentError(fmt::format("the model takes {} inputs, got {}",
                                                    program->arguments().size(), inputs.size()));
    }
    ACTIUM_ASSIGN_OR_RETURN(const std::vector<at::Tensor> zeros, Zeros(inputs));
    at::set_num_threads(1);
    absl::StatusOr<std::vector<at::Tensor>> results = program->Run(zeros);
    if (absl::IsInternal(results.status())) {
      return absl::InvalidArgumentError(std::string(results.status().message()));
    }
    ACTIUM_RETURN_IF_ERROR(results.status());

    std::vector<tensor::TensorSpec> outputs;
    for (const at::Tensor& result : *results) {
      const auto dtype = FromScalarType(result.scalar_type());
      const std::string name = fmt::format("OUTPUT__{}", outputs.size());
      if (!dtype) {
        return absl::InvalidArgumentError(fmt::format(
            "output '{}': the model gives elements of type {}, which the protocol lacks", name,
            c10::toString(result.scalar_type())));
      }
      outputs.push_back({.name = name,
                         .dtype = *dtype,
                         .shape = tensor::Shape(result.sizes().begin(), result.sizes().end())});
    }
    return outputs;
  }
};

}  // namespace

std::unique_ptr<engine::ModelLoader> NewLoader() { return std::make_unique<Loader>(); }

}  // namespace actium::libtorch
