#include "server/batching/background_work.h"

#include <array>
#include <future>
#include <optional>
#include <utility>

#include "server/base/status_macros.h"

namespace actium::batching {
namespace {

constexpr tensor::DType kType = tensor::DType::kUint8;

// One byte in, the same byte out: what the pool needs to see of a model.
class OneByte final : public engine::BatchSlot {
 public:
  absl::StatusOr<std::span<const tensor::MutableTensorView>> Prepare(
      const engine::BatchShape&) override {
    return std::span<const tensor::MutableTensorView>(inputs_);
  }
  std::span<const tensor::TensorView> outputs() const override { return outputs_; }

 private:
  std::array<std::byte, 1> memory_{};
  const std::array<tensor::MutableTensorView, 1> inputs_{
      {{.dtype = kType, .shape = {1}, .bytes = memory_}}};
  const std::array<tensor::TensorView, 1> outputs_{
      {{.dtype = kType, .shape = {1}, .bytes = memory_}}};
};

}  // namespace

// A model whose run is a piece of work.
class BackgroundWork::Model final : public engine::LoadedModel {
 public:
  // Of the next run; the pool's lock orders this before the run, and the run before the next.
  std::optional<absl::FunctionRef<absl::Status()>> work;

  const engine::Signature& signature() const override { return signature_; }
  std::span<const int> batch_sizes() const override { return {}; }
  std::string engine() const override { return "background work"; }
  std::string precision() const override { return ""; }
  const engine::ModelFacts& facts() const override { return facts_; }
  absl::StatusOr<engine::ModelDescription> Describe(const engine::DescribeOptions&) const override {
    return absl::UnimplementedError("background work is no model");
  }
  absl::StatusOr<std::unique_ptr<engine::Executor>> NewExecutor(const engine::Device&,
                                                                int) override {
    return std::make_unique<Worker>(*this);
  }

 private:
  class Worker final : public engine::Executor {
   public:
    explicit Worker(const Model& model) : model_(model) {}
    absl::StatusOr<std::unique_ptr<engine::BatchSlot>> NewSlot() override {
      return std::make_unique<OneByte>();
    }
    int max_in_flight() const override { return 1; }
    void Start(engine::BatchSlot&, engine::Done done) override { done((*model_.work)(), {}); }

   private:
    const Model& model_;
  };

  const engine::Signature signature_ = {
      .max_batch_size = 0,
      .inputs = {{.name = "none", .dtype = kType, .shape = {1}}},
      .outputs = {{.name = "none", .dtype = kType, .shape = {1}}}};
  const engine::ModelFacts facts_;
};

absl::StatusOr<std::unique_ptr<BackgroundWork>> BackgroundWork::Make(
    DevicePool& pool, std::shared_ptr<const observe::ModelRef> ref) {
  auto model = std::make_shared<Model>();
  ACTIUM_ASSIGN_OR_RETURN(auto queue, pool.Add(model, std::move(ref), {.instances = 1}));
  return std::unique_ptr<BackgroundWork>(
      new BackgroundWork(pool, std::move(model), std::move(queue)));
}

BackgroundWork::BackgroundWork(DevicePool& pool, std::shared_ptr<Model> model,
                               std::shared_ptr<ModelQueue> queue)
    : pool_(pool), model_(std::move(model)), queue_(std::move(queue)) {}

BackgroundWork::~BackgroundWork() {
  std::promise<void> idle;
  pool_.Remove(*queue_, [&idle] { idle.set_value(); });
  idle.get_future().wait();
}

absl::Status BackgroundWork::Run(absl::FunctionRef<absl::Status()> work) {
  model_->work.emplace(work);
  return pool_.WarmUp(*queue_);
}

}  // namespace actium::batching
