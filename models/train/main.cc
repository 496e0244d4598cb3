// actium-train: trains the shipped variants and measures TorchScript files.
#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "models/train/evaluate_command.h"
#include "models/train/predictions_command.h"
#include "models/train/recipe.h"
#include "models/train/train_command.h"

namespace {

using actium::train::Places;
using actium::train::Recipe;

constexpr int kFailed = 1;
constexpr int kBadArguments = 2;

constexpr char kFooter[] =
    "Exit status: 0 done, 1 failed, 2 bad arguments.\n\n"
    "Example: actium-train --activation mish --epochs 5 --out models/repository\n"
    "         actium-train evaluate models/repository/mish\n"
    "         actium-train predictions --repository 0=models/repository --repository 1=build/seed1";

void AddRecipeOptions(CLI::App& app, Recipe& recipe) {
  app.add_option("--epochs", recipe.epochs, "passes over the training images")
      ->capture_default_str();
  app.add_option("--seed", recipe.seed, "of weights, order and augmentation")
      ->capture_default_str();
  app.add_option("--arch", recipe.arch, "plain or residual")->capture_default_str();
  app.add_option("--batch", recipe.batch, "images a step")->capture_default_str();
  app.add_option("--lr", recipe.learning_rate, "learning rate at the start, falls to 0")
      ->capture_default_str();
  app.add_option("--momentum", recipe.momentum, "Nesterov momentum")->capture_default_str();
  app.add_option("--weight-decay", recipe.weight_decay, "not on learned slopes")
      ->capture_default_str();
  app.add_option("--init", recipe.init, "variance-preserving (by activation) or torch")
      ->capture_default_str();
  app.add_option("--init-scale", recipe.init_scale, "multiplies the initial weights")
      ->capture_default_str();
  app.add_option("--shift", recipe.shift, "moves images by up to so many pixels")
      ->capture_default_str();
  app.add_flag("--norm,!--no-norm", recipe.norm, "batch normalisation; on unless --no-norm");
  app.add_flag("--flips,!--no-flips", recipe.flips,
               "mirror half of the images; on unless --no-flips");
}

int ExitStatus(const absl::Status& status) {
  if (status.ok()) return 0;
  fmt::print(stderr, "actium-train: {}\n", std::string(status.message()));
  return absl::IsInvalidArgument(status) ? kBadArguments : kFailed;
}

absl::Status WritePredictions(const std::vector<std::string>& given,
                              const std::filesystem::path& data, const std::filesystem::path& out) {
  actium::train::SeedRepositories repositories;
  for (const std::string& text : given) {
    const auto parsed = actium::train::ParseSeedRepository(text);
    if (!parsed.ok()) return parsed.status();
    if (!repositories.insert(*parsed).second) {
      return absl::InvalidArgumentError(
          fmt::format("--repository: seed {} is given twice", parsed->first));
    }
  }
  return actium::train::WritePredictions(repositories, data, out);
}

int Run(int argc, char** argv) {
  CLI::App app(
      "Trains small image classifiers that differ in their activation, and writes them as a "
      "model repository.");
  app.footer(kFooter);
  std::vector<std::string> variants;
  Recipe recipe;
  Places places;
  app.add_option("--activation", variants, "variants to train, or all: the eleven shipped ones")
      ->type_name("NAME");
  AddRecipeOptions(app, recipe);
  app.add_option("--data", places.data, "folder of the four IDX files")->capture_default_str();
  app.add_option("--out", places.repository, "model repository to write to")->capture_default_str();
  app.add_option("--runs", places.runs, "checkpoints and metrics; an interrupted run goes on")
      ->capture_default_str();

  CLI::App& evaluate = *app.add_subcommand(
      "evaluate", "Measures TorchScript files on the 10,000 test images, in this process.");
  std::vector<std::filesystem::path> files;
  std::filesystem::path predictions;
  evaluate.add_option("FILE", files, "model.pt, or a model's folder")->required();
  evaluate.add_option("--data", places.data, "folder of the IDX files")->capture_default_str();
  evaluate.add_option("--predictions", predictions, "write class and logits of each image, CSV");

  CLI::App& predictions_of_seeds = *app.add_subcommand(
      "predictions", "Writes what the variants predict, for each training seed, as .npz files.");
  std::vector<std::string> repositories;
  std::filesystem::path out = "models/predictions";
  predictions_of_seeds
      .add_option("--repository", repositories, "SEED=DIR: models that were trained with that seed")
      ->type_name("SEED=DIR")
      ->required();
  predictions_of_seeds.add_option("--data", places.data, "folder of the IDX files")
      ->capture_default_str();
  predictions_of_seeds.add_option("--out", out, "folder to write to")->capture_default_str();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadArguments;
  }
  if (evaluate.parsed()) {
    return ExitStatus(actium::train::EvaluateFiles(files, places.data, predictions));
  }
  if (predictions_of_seeds.parsed()) {
    return ExitStatus(WritePredictions(repositories, places.data, out));
  }
  if (variants.empty()) {
    return ExitStatus(absl::InvalidArgumentError("--activation is required; see --help"));
  }
  if (variants == std::vector<std::string>{"all"}) variants = actium::train::ShippedVariants();
  return ExitStatus(actium::train::TrainVariants(variants, recipe, places));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const c10::Error& error) {
    fmt::print(stderr, "actium-train: {}\n", error.what_without_backtrace());
  } catch (const std::exception& error) {
    fmt::print(stderr, "actium-train: {}\n", error.what());
  }
  return kFailed;
}
