#include "models/train/train_command.h"

#include <fmt/format.h>

#include <cstdio>

#include "models/train/dataset.h"
#include "models/train/evaluate.h"
#include "models/train/metrics.h"
#include "models/train/progress_bar.h"
#include "models/train/repository_folder.h"
#include "models/train/trainer.h"
#include "models/zoo/export.h"
#include "server/base/status_macros.h"

namespace actium::train {
namespace {

absl::StatusOr<Quality> Measure(const std::string& archive, const Split& split) {
  ACTIUM_ASSIGN_OR_RETURN(const Classifier classifier, LoadTorchScript(archive));
  const auto accuracy = [&](const Dataset& data) {
    return Accuracy(ComputeLogits(classifier, data.images), data.labels);
  };
  return Quality{.validation_accuracy = accuracy(split.validation),
                 .test_accuracy = accuracy(split.test)};
}

absl::Status TrainOne(const Recipe& recipe, const Split& split, const Places& places) {
  const std::string run = fmt::format("{}-{}-seed{}", recipe.arch, recipe.activation, recipe.seed);
  ProgressBar bar(recipe.activation, recipe.epochs);
  absl::Status metrics;
  const Listeners listeners = {
      .on_step = [&](const Progress& progress) { bar.Show(progress); },
      .on_epoch =
          [&](const EpochResult& result) {
            bar.Clear();
            fmt::print("{:<14} epoch {}/{}  loss {:.4f}  validation {:.2f} %  {:.0f} s\n",
                       recipe.activation, result.epoch, recipe.epochs, result.train_loss,
                       100 * result.validation_accuracy, result.seconds);
            std::fflush(stdout);
            metrics.Update(AppendLine(places.runs / (run + ".jsonl"), MetricsLine(recipe, result)));
          }};
  const auto trained = Train(recipe, split, places.runs / (run + ".checkpoint"), listeners);
  bar.Clear();
  ACTIUM_RETURN_IF_ERROR(trained.status());
  ACTIUM_RETURN_IF_ERROR(metrics);

  const std::string archive = zoo::ExportTorchScript(**trained, {.labels = FashionMnistLabels()});
  ACTIUM_ASSIGN_OR_RETURN(Quality quality, Measure(archive, split));
  quality.parameters = (*trained)->ParameterCount();
  ACTIUM_RETURN_IF_ERROR(
      WriteRepositoryFolder(places.repository, recipe.activation, recipe, quality, archive));
  fmt::print("{:<14} validation {:.2f} %  test {:.2f} %  written to {}\n", recipe.activation,
             100 * quality.validation_accuracy, 100 * quality.test_accuracy,
             (places.repository / recipe.activation).string());
  std::fflush(stdout);
  return absl::OkStatus();
}

}  // namespace

const std::vector<std::string>& ShippedVariants() {
  static const std::vector<std::string> kVariants = {"relu",     "mish", "swish",      "sigmoid",
                                                     "identity", "tanh", "leaky_relu", "prelu",
                                                     "gelu",     "elu",  "hardswish"};
  return kVariants;
}

absl::Status TrainVariants(const std::vector<std::string>& variants, const Recipe& recipe,
                           const Places& places) {
  std::vector<Recipe> recipes;
  for (const std::string& variant : variants) {
    recipes.push_back(recipe);
    recipes.back().activation = variant;
    ACTIUM_RETURN_IF_ERROR(Validate(recipes.back()));
  }
  ACTIUM_ASSIGN_OR_RETURN(const Split split, LoadSplit(places.data));
  absl::Status first_error;
  for (const Recipe& one : recipes) {
    const absl::Status status = TrainOne(one, split, places);
    if (!status.ok()) fmt::print(stderr, "{}: {}\n", one.activation, std::string(status.message()));
    first_error.Update(status);
  }
  return first_error;
}

}  // namespace actium::train
