#ifndef ACTIUM_MODELS_TRAIN_REPOSITORY_FOLDER_H_
#define ACTIUM_MODELS_TRAIN_REPOSITORY_FOLDER_H_

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "models/train/recipe.h"

namespace actium::train {

/// What a model card says of a trained model; the accuracies were measured on the exported archive.
struct Quality {
  double validation_accuracy = 0;  ///< In [0, 1].
  double test_accuracy = 0;        ///< In [0, 1].
  int64_t parameters = 0;          ///< Learned numbers.
};

/// Returns the model's configuration, in the text form of Triton's ModelConfig.
std::string ModelConfigText(const std::string& name, const Recipe& recipe);

/// Returns the model card, Markdown: data, recipe, quality, size, SHA-256 and the command that
/// trains the model again.
///
/// archive: the bytes of model.pt.
std::string ModelCard(const std::string& name, const Recipe& recipe, const Quality& quality,
                      const std::string& archive);

/// Writes version 1 of a model: config.pbtxt, labels.txt, MODEL_CARD.md and 1/model.pt in
/// `repository`/`name`, each file as a whole and model.pt last.
///
/// Errors: UNAVAILABLE names the file that could not be written.
absl::Status WriteRepositoryFolder(const std::filesystem::path& repository, const std::string& name,
                                   const Recipe& recipe, const Quality& quality,
                                   const std::string& archive);

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_REPOSITORY_FOLDER_H_
