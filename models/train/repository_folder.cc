#include "models/train/repository_folder.h"

#include <ATen/Version.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/torch.h>

#include "models/train/atomic_file.h"
#include "models/train/dataset.h"
#include "models/zoo/activation_layer.h"
#include "server/activation/table.h"
#include "server/base/sha256.h"
#include "server/base/status_macros.h"

namespace actium::train {
namespace {

constexpr char kConfig[] = R"(# Written by actium-train.
name: "{name}"
platform: "pytorch_libtorch"
max_batch_size: 64
input [
  {{
    name: "image"
    data_type: TYPE_UINT8
    dims: [ 1, 28, 28 ]
  }}
]
output [
  {{
    name: "logits"
    data_type: TYPE_FP32
    dims: [ 10 ]
    label_filename: "labels.txt"
  }}
]
dynamic_batching {{ }}
parameters {{ key: "activation" value {{ string_value: "{activation}" }} }}
parameters {{ key: "architecture" value {{ string_value: "{arch}" }} }}
parameters {{ key: "seed" value {{ string_value: "{seed}" }} }}
)";

constexpr char kCard[] = R"(# {name}

A small convolutional network that sorts 28x28 grey images of clothes into ten classes; its
activation is {title}: `{formula}`. Written by `actium-train`; the variants beside it differ in the
activation only.

| | |
|---|---|
| input | `image`, UINT8 [N, 1, 28, 28], raw pixels; scaling is inside the model |
| output | `logits`, FP32 [N, 10], in the order of labels.txt |
| architecture | {architecture} |
| learned parameters | {parameters} |
| data | Fashion-MNIST: 55,000 images to train, 5,000 of the training file held out for validation |
| budget | {epochs} epochs, batches of {batch}, Nesterov SGD, learning rate {lr} along a cosine to 0, weight decay {decay}{augmentation} |
| seed | {seed} (weights, order, augmentation) |
| validation accuracy | {validation:.2f} % of 5,000 images; choose a variant by this |
| test accuracy | {test:.2f} % of 10,000 images |
| file | 1/model.pt, {bytes} bytes, SHA-256 `{sha256}` |

Accuracies are of the file itself, run in-process in batches of 64. Train it again with

    actium-train {command}

on one thread with LibTorch {torch} and {isa}, which gives the same bytes; another instruction set
gives another rounding and so a slightly different model.

Not for use: it knows only centred single pieces of clothing on black, and no "none of these".
)";

std::string Architecture(const Recipe& recipe) {
  const std::string norm = recipe.norm ? "batch norm" : "no normalisation";
  if (recipe.arch == "residual") {
    return fmt::format(
        "3x3 convolution, three residual blocks of two (16, 32, 64 channels), {}, "
        "global average pool, fully connected",
        norm);
  }
  return fmt::format(
      "six 3x3 convolutions (16, 16, 32, 32, 64, 64 channels, strides 1, 2, 1, 2, "
      "1, 2), {}, global average pool, fully connected",
      norm);
}

std::string Augmentation(const Recipe& recipe) {
  std::string text;
  if (recipe.flips) text += ", random mirroring";
  if (recipe.shift > 0) text += fmt::format(", random shifts of up to {} pixels", recipe.shift);
  return text;
}

}  // namespace

std::string ModelConfigText(const std::string& name, const Recipe& recipe) {
  return fmt::format(kConfig, fmt::arg("name", name), fmt::arg("activation", recipe.activation),
                     fmt::arg("arch", recipe.arch), fmt::arg("seed", recipe.seed));
}

std::string ModelCard(const std::string& name, const Recipe& recipe, const Quality& quality,
                      const std::string& archive) {
  const activation::Row& row = activation::Get(zoo::ParseActivation(recipe.activation)->id);
  return fmt::format(
      kCard, fmt::arg("name", name), fmt::arg("title", row.title), fmt::arg("formula", row.formula),
      fmt::arg("architecture", Architecture(recipe)), fmt::arg("parameters", quality.parameters),
      fmt::arg("epochs", recipe.epochs), fmt::arg("batch", recipe.batch),
      fmt::arg("lr", recipe.learning_rate), fmt::arg("decay", recipe.weight_decay),
      fmt::arg("augmentation", Augmentation(recipe)), fmt::arg("seed", recipe.seed),
      fmt::arg("validation", 100 * quality.validation_accuracy),
      fmt::arg("test", 100 * quality.test_accuracy), fmt::arg("bytes", archive.size()),
      fmt::arg("sha256", base::Sha256Hex(archive)), fmt::arg("command", CommandLine(recipe)),
      fmt::arg("torch", TORCH_VERSION), fmt::arg("isa", at::get_cpu_capability()));
}

absl::Status WriteRepositoryFolder(const std::filesystem::path& repository, const std::string& name,
                                   const Recipe& recipe, const Quality& quality,
                                   const std::string& archive) {
  const std::filesystem::path folder = repository / name;
  const std::string labels = fmt::format("{}\n", fmt::join(FashionMnistLabels(), "\n"));
  ACTIUM_RETURN_IF_ERROR(
      WriteFileAtomically(folder / "config.pbtxt", ModelConfigText(name, recipe)));
  ACTIUM_RETURN_IF_ERROR(WriteFileAtomically(folder / "labels.txt", labels));
  ACTIUM_RETURN_IF_ERROR(
      WriteFileAtomically(folder / "MODEL_CARD.md", ModelCard(name, recipe, quality, archive)));
  return WriteFileAtomically(folder / "1" / "model.pt", archive);
}

}  // namespace actium::train
