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

// A reference model that says why it runs op by op.
class FallbackModel final : public LoadedModel {
 public:
  FallbackModel(std::shared_ptr<LoadedModel> reference, std::string why)
      : reference_(std::move(reference)), facts_(reference_->facts()) {
    facts_.not_fused = std::move(why);
  }

  const Signature& signature() const override { return reference_->signature(); }
  std::span<const int> batch_sizes() const override { return reference_->batch_sizes(); }
  std::string engine() const override { return reference_->engine(); }
  std::string precision() const override { return reference_->precision(); }
  const ModelFacts& facts() const override { return facts_; }
  absl::StatusOr<graph::Graph> ToGraph() const override { return reference_->ToGraph(); }

  absl::StatusOr<ModelDescription> Describe(const DescribeOptions& options) const override {
    ACTIUM_ASSIGN_OR_RETURN(ModelDescription description, reference_->Describe(options));
    description.notes.push_back(fmt::format("not fused: {}", facts_.not_fused));
    return description;
  }

  absl::StatusOr<std::unique_ptr<Executor>> NewExecutor(const Device& device,
                                                        int intra_op_threads) override {
    return reference_->NewExecutor(device, intra_op_threads);
  }

 private:
  const std::shared_ptr<LoadedModel> reference_;
  ModelFacts facts_;
};

class ChoosingLoader final : public ModelLoader {
 public:
  ChoosingLoader(std::unique_ptr<ModelLoader> reference, FuseModel fuse)
      : reference_(std::move(reference)), fuse_(std::move(fuse)) {}

  absl::StatusOr<std::optional<std::string>> ReadMetadata(
      const std::filesystem::path& file) override {
    return reference_->ReadMetadata(file);
  }

  absl::StatusOr<std::vector<tensor::TensorSpec>> Probe(
      const std::filesystem::path& file, std::span<const tensor::TensorSpec> inputs) override {
    return reference_->Probe(file, inputs);
  }

  absl::StatusOr<std::shared_ptr<LoadedModel>> Load(const LoadSpec& spec) override {
    ACTIUM_ASSIGN_OR_RETURN(std::shared_ptr<LoadedModel> reference, reference_->Load(spec));
    absl::StatusOr<std::shared_ptr<LoadedModel>> fused = Fuse(*reference);
    if (!fused.ok()) return FallBack(spec, std::move(reference), fused.status());
    return fused;
  }

 private:
  absl::StatusOr<std::shared_ptr<LoadedModel>> Fuse(LoadedModel& reference) const {
    ACTIUM_ASSIGN_OR_RETURN(const graph::Graph imported, reference.ToGraph());
    ACTIUM_ASSIGN_OR_RETURN(graph::Graph graph, graph::RunPasses(imported));
    ModelFacts facts = reference.facts();
    facts.imported_graph = graph::ToText(imported, graph::ConstantStyle::kShapes);
    ACTIUM_ASSIGN_OR_RETURN(std::shared_ptr<LoadedModel> fused,
                            fuse_(std::move(graph), reference.signature(), facts));
    ACTIUM_RETURN_IF_ERROR(CheckAgreement(reference, *fused));
    return fused;
  }

  static std::shared_ptr<LoadedModel> FallBack(const LoadSpec& spec,
                                               std::shared_ptr<LoadedModel> reference,
                                               const absl::Status& why) {
    const std::string reason(why.message());
    if (absl::IsFailedPrecondition(why)) {
      base::log::Error("model_fused_differs", {{"model", spec.model}, {"reason", reason}});
    } else {
      base::log::Warning("model_not_fused", {{"model", spec.model}, {"reason", reason}});
    }
    return std::make_shared<FallbackModel>(std::move(reference), reason);
  }

  const std::unique_ptr<ModelLoader> reference_;
  const FuseModel fuse_;
};

}  // namespace

std::unique_ptr<ModelLoader> ChooseEngine(std::unique_ptr<ModelLoader> reference, FuseModel fuse) {
  return std::make_unique<ChoosingLoader>(std::move(reference), std::move(fuse));
}

}  // namespace actium::engine
