#include "server/engine/choose_engine.h"

#include <utility>

#include "fmt/format.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"
#include "server/engine/agreement.h"
#include "server/graph/passes.h"
#include "server/graph/text.h"

namespace actium::engine {
namespace {

// A model that says what it is not.
class FallbackModel final : public LoadedModel {
 public:
  FallbackModel(std::shared_ptr<LoadedModel> model, std::string not_on_gpu, std::string not_fused)
      : model_(std::move(model)), facts_(model_->facts()) {
    facts_.not_on_gpu = std::move(not_on_gpu);
    if (!not_fused.empty()) facts_.not_fused = std::move(not_fused);
  }

  const Signature& signature() const override { return model_->signature(); }
  std::span<const int> batch_sizes() const override { return model_->batch_sizes(); }
  std::string engine() const override { return model_->engine(); }
  std::string precision() const override { return model_->precision(); }
  Device device() const override { return model_->device(); }
  const ModelFacts& facts() const override { return facts_; }
  absl::StatusOr<graph::Graph> ToGraph() const override { return model_->ToGraph(); }

  absl::StatusOr<ModelDescription> Describe(const DescribeOptions& options) const override {
    ACTIUM_ASSIGN_OR_RETURN(ModelDescription description, model_->Describe(options));
    const auto add = [&](std::string_view what, const std::string& why, const std::string& own) {
      if (why != own) description.notes.push_back(fmt::format("{}: {}", what, why));
    };
    add("not on a GPU", facts_.not_on_gpu, model_->facts().not_on_gpu);
    add("not fused", facts_.not_fused, model_->facts().not_fused);
    return description;
  }

  absl::StatusOr<std::unique_ptr<Executor>> NewExecutor(const Device& device,
                                                        int intra_op_threads) override {
    return model_->NewExecutor(device, intra_op_threads);
  }

 private:
  const std::shared_ptr<LoadedModel> model_;
  ModelFacts facts_;
};

// A reference model as a graph that other engines can run.
struct Imported {
  graph::Graph graph;  // After all passes.
  ModelFacts facts;
};

absl::StatusOr<Imported> Import(const LoadedModel& reference) {
  ACTIUM_ASSIGN_OR_RETURN(const graph::Graph imported, reference.ToGraph());
  ACTIUM_ASSIGN_OR_RETURN(graph::Graph graph, graph::RunPasses(imported));
  ModelFacts facts = reference.facts();
  facts.imported_graph = graph::ToText(imported, graph::ConstantStyle::kShapes);
  return Imported{.graph = std::move(graph), .facts = std::move(facts)};
}

void LogNotFused(const std::string& model, const absl::Status& why) {
  const std::string reason(why.message());
  if (absl::IsFailedPrecondition(why)) {
    base::log::Error("model_fused_differs", {{"model", model}, {"reason", reason}});
  } else {
    base::log::Warning("model_not_fused", {{"model", model}, {"reason", reason}});
  }
}

class ChoosingLoader final : public ModelLoader {
 public:
  ChoosingLoader(std::unique_ptr<ModelLoader> reference, Engines engines)
      : reference_(std::move(reference)), engines_(std::move(engines)) {}

  absl::StatusOr<std::optional<std::string>> ReadMetadata(
      const std::filesystem::path& file) override {
    return reference_->ReadMetadata(file);
  }

  absl::StatusOr<std::vector<tensor::TensorSpec>> Probe(
      const std::filesystem::path& file, std::span<const tensor::TensorSpec> inputs) override {
    return reference_->Probe(file, inputs);
  }

  absl::StatusOr<std::shared_ptr<LoadedModel>> Load(const LoadSpec& spec) override {
    const bool for_gpu = spec.target.device.kind != Device::Kind::kCpu;
    // What needs no look at the file is said without one.
    if (for_gpu && spec.target.required) {
      ACTIUM_RETURN_IF_ERROR(Refusal(spec, CheckDevice(spec.target.device)));
    }
    LoadSpec on_cpu = spec;
    on_cpu.target = {};
    ACTIUM_ASSIGN_OR_RETURN(std::shared_ptr<LoadedModel> reference, reference_->Load(on_cpu));
    if (!for_gpu && !engines_.fuse) return reference;

    const absl::StatusOr<Imported> imported = Import(*reference);
    if (!for_gpu) return OnCpu(spec, std::move(reference), imported, "");
    absl::StatusOr<std::shared_ptr<LoadedModel>> model = OnGpu(*reference, imported, spec.target);
    if (model.ok()) return model;
    if (spec.target.required) return Refusal(spec, model.status());
    const std::string reason(model.status().message());
    base::log::Warning("model_not_on_gpu", {{"model", spec.model}, {"reason", reason}});
    return OnCpu(spec, std::move(reference), imported, reason);
  }

 private:
  absl::Status CheckDevice(const Device& device) const {
    if (engines_.accelerator == nullptr) {
      return absl::NotFoundError(fmt::format("there is no GPU: {}", engines_.no_accelerator));
    }
    const int devices = engines_.accelerator->devices();
    if (device.index >= devices) {
      return absl::NotFoundError(
          fmt::format("gpus must be in [0, {}], got {}", devices - 1, device.index));
    }
    if (engines_.accelerator->healthy(device.index)) return absl::OkStatus();
    return absl::UnavailableError(fmt::format("{} has failed", Name(device)));
  }

  absl::StatusOr<std::shared_ptr<LoadedModel>> OnGpu(LoadedModel& reference,
                                                     const absl::StatusOr<Imported>& imported,
                                                     const Target& target) const {
    ACTIUM_RETURN_IF_ERROR(CheckDevice(target.device));
    ACTIUM_RETURN_IF_ERROR(imported.status());
    ACTIUM_ASSIGN_OR_RETURN(std::shared_ptr<LoadedModel> model,
                            engines_.accelerator->Load(imported->graph, reference.signature(),
                                                       imported->facts, target));
    const Precision precision = ParsePrecision(model->precision()).value_or(Precision::kFp32);
    ACTIUM_RETURN_IF_ERROR(CheckAgreement(reference, *model, ToleranceOf(precision)));
    return model;
  }

  absl::StatusOr<std::shared_ptr<LoadedModel>> Fuse(
      LoadedModel& reference, const absl::StatusOr<Imported>& imported) const {
    ACTIUM_RETURN_IF_ERROR(imported.status());
    ACTIUM_ASSIGN_OR_RETURN(std::shared_ptr<LoadedModel> fused,
                            engines_.fuse(imported->graph, reference.signature(), imported->facts));
    ACTIUM_RETURN_IF_ERROR(CheckAgreement(reference, *fused));
    return fused;
  }

  // not_on_gpu: why it is on the CPU; empty: nothing else was wanted.
  std::shared_ptr<LoadedModel> OnCpu(const LoadSpec& spec, std::shared_ptr<LoadedModel> reference,
                                     const absl::StatusOr<Imported>& imported,
                                     std::string not_on_gpu) const {
    std::shared_ptr<LoadedModel> model = reference;
    std::string not_fused;
    if (engines_.fuse) {
      const auto fused = Fuse(*reference, imported);
      if (fused.ok()) {
        model = *fused;
      } else {
        LogNotFused(spec.model, fused.status());
        not_fused = std::string(fused.status().message());
      }
    }
    if (not_on_gpu.empty() && not_fused.empty()) return model;
    return std::make_shared<FallbackModel>(std::move(model), std::move(not_on_gpu),
                                           std::move(not_fused));
  }

  // The error of a model that must run on a GPU and cannot; OK stays OK.
  static absl::Status Refusal(const LoadSpec& spec, const absl::Status& why) {
    if (why.ok()) return why;
    return absl::FailedPreconditionError(
        fmt::format("model '{}': instance_group asks for KIND_GPU: {}", spec.model,
                    std::string(why.message())));
  }

  const std::unique_ptr<ModelLoader> reference_;
  const Engines engines_;
};

}  // namespace

std::unique_ptr<ModelLoader> ChooseEngine(std::unique_ptr<ModelLoader> reference, Engines engines) {
  return std::make_unique<ChoosingLoader>(std::move(reference), std::move(engines));
}

}  // namespace actium::engine
