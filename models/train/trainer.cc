#include "models/train/trainer.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <chrono>
#include <cmath>
#include <vector>

#include "models/train/augment.h"
#include "models/train/checkpoint.h"
#include "models/train/evaluate.h"
#include "models/train/schedule.h"
#include "server/base/status_macros.h"

namespace actium::train {
namespace {

// Channels innermost: convolutions of small images take two thirds of the time. copy_() because
// contiguous() leaves a single channel as it is, and the next layers would follow it.
torch::Tensor ChannelsLast(const torch::Tensor& tensor) {
  return torch::empty(tensor.sizes(), tensor.options(), torch::MemoryFormat::ChannelsLast)
      .copy_(tensor);
}

std::unique_ptr<torch::optim::SGD> MakeOptimizer(const zoo::Network& network,
                                                 const Recipe& recipe) {
  std::vector<torch::Tensor> decayed;
  std::vector<torch::Tensor> slopes;
  for (const auto& parameter : network.named_parameters()) {
    (parameter.key().ends_with("slope") ? slopes : decayed).push_back(parameter.value());
  }
  const auto options = torch::optim::SGDOptions(recipe.learning_rate)
                           .momentum(recipe.momentum)
                           .nesterov(recipe.momentum > 0);
  const auto group = [&](const std::vector<torch::Tensor>& parameters, double decay) {
    auto own = std::make_unique<torch::optim::SGDOptions>(options);
    own->weight_decay(decay);
    return torch::optim::OptimizerParamGroup(parameters, std::move(own));
  };
  std::vector<torch::optim::OptimizerParamGroup> groups = {group(decayed, recipe.weight_decay)};
  if (!slopes.empty()) groups.push_back(group(slopes, 0));
  return std::make_unique<torch::optim::SGD>(groups, options);
}

void SetRate(torch::optim::Optimizer& optimizer, double rate) {
  for (auto& group : optimizer.param_groups()) group.options().set_lr(rate);
}

// The training of one variant, epoch by epoch.
class Run {
 public:
  Run(const Recipe& recipe, const Split& split, const Listeners& listeners, zoo::Network& network,
      torch::optim::Optimizer& optimizer)
      : recipe_(recipe),
        split_(split),
        listeners_(listeners),
        network_(network),
        optimizer_(optimizer),
        steps_((split.train.size() + recipe.batch - 1) / recipe.batch) {}

  absl::StatusOr<EpochResult> RunEpoch(int epoch) {
    // Each epoch has a generator of its own, so that a resumed run draws what it would have drawn.
    constexpr uint64_t kEpochs = 1'000'003;
    auto generator = torch::make_generator<torch::CPUGeneratorImpl>(recipe_.seed * kEpochs +
                                                                    static_cast<uint64_t>(epoch));
    const torch::Tensor order = torch::randperm(split_.train.size(), generator, torch::kInt64);

    const auto begin = std::chrono::steady_clock::now();
    EpochResult result = {.epoch = epoch, .learning_rate = Rate(epoch, 0)};
    Progress progress = {.epoch = epoch, .steps = steps_};
    double loss_sum = 0;
    int64_t right = 0;
    network_.train();
    for (int64_t step = 0; step < steps_; ++step) {
      const torch::Tensor chosen = order.slice(0, step * recipe_.batch, (step + 1) * recipe_.batch);
      const int64_t images = chosen.size(0);
      SetRate(optimizer_, Rate(epoch, step));
      const double loss = TrainStep(chosen, generator, right);
      if (!std::isfinite(loss)) {
        return absl::AbortedError(
            fmt::format("training {} diverged: the loss is {} at epoch {}, step {} of {}; a lower "
                        "learning rate may help",
                        recipe_.activation, loss, epoch, step + 1, steps_));
      }
      loss_sum += loss * static_cast<double>(images);
      progress.step = step + 1;
      progress.images += images;
      progress.loss = loss_sum / static_cast<double>(progress.images);
      if (listeners_.on_step) listeners_.on_step(progress);
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    result.seconds = elapsed.count();
    result.train_loss = progress.loss;
    result.train_accuracy = static_cast<double>(right) / static_cast<double>(progress.images);
    Validate(result);
    return result;
  }

 private:
  double Rate(int epoch, int64_t step) const {
    return CosineRate(recipe_.learning_rate, (epoch - 1) * steps_ + step, recipe_.epochs * steps_);
  }

  // Returns the loss; adds the images that were right to `right`.
  double TrainStep(const torch::Tensor& chosen, torch::Generator& generator, int64_t& right) {
    torch::Tensor images = split_.train.images.index_select(0, chosen);
    const torch::Tensor labels = split_.train.labels.index_select(0, chosen);
    if (recipe_.flips) images = RandomFlip(images, generator);
    images = RandomShift(images, recipe_.shift, generator);
    optimizer_.zero_grad();
    const torch::Tensor logits = network_.forward(ChannelsLast(images));
    const torch::Tensor loss = torch::nn::functional::cross_entropy(logits, labels);
    loss.backward();
    optimizer_.step();
    right += logits.argmax(1).eq(labels).sum().item<int64_t>();
    return loss.item<double>();
  }

  void Validate(EpochResult& result) {
    network_.eval();
    const Dataset& held_out = split_.validation;
    const torch::Tensor logits = ComputeLogits(
        [this](const torch::Tensor& images) { return network_.forward(ChannelsLast(images)); },
        held_out.images);
    result.validation_loss =
        torch::nn::functional::cross_entropy(logits, held_out.labels).item<double>();
    result.validation_accuracy = Accuracy(logits, held_out.labels);
  }

  const Recipe& recipe_;
  const Split& split_;
  const Listeners& listeners_;
  zoo::Network& network_;
  torch::optim::Optimizer& optimizer_;
  const int64_t steps_;  // In an epoch.
};

}  // namespace

absl::StatusOr<std::shared_ptr<zoo::Network>> Train(const Recipe& recipe, const Split& split,
                                                    const std::filesystem::path& checkpoint,
                                                    const Listeners& listeners) {
  torch::set_num_threads(1);
  ACTIUM_ASSIGN_OR_RETURN(const std::shared_ptr<zoo::Network> network, MakeNetwork(recipe));
  for (torch::Tensor& parameter : network->parameters()) {
    if (parameter.dim() == 4) parameter.set_data(ChannelsLast(parameter.detach()));
  }
  const auto optimizer = MakeOptimizer(*network, recipe);
  const std::string identity = fmt::format("{} on {} images", Describe(recipe), split.train.size());
  ACTIUM_ASSIGN_OR_RETURN(const int done,
                          RestoreCheckpoint(checkpoint, identity, *network, *optimizer));

  Run run(recipe, split, listeners, *network, *optimizer);
  for (int epoch = done + 1; epoch <= recipe.epochs; ++epoch) {
    ACTIUM_ASSIGN_OR_RETURN(const EpochResult result, run.RunEpoch(epoch));
    ACTIUM_RETURN_IF_ERROR(SaveCheckpoint(checkpoint, identity, epoch, *network, *optimizer));
    if (listeners.on_epoch) listeners.on_epoch(result);
  }
  network->eval();
  return network;
}

}  // namespace actium::train
