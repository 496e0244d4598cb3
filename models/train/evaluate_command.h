#ifndef ACTIUM_MODELS_TRAIN_EVALUATE_COMMAND_H_
#define ACTIUM_MODELS_TRAIN_EVALUATE_COMMAND_H_

#include <torch/torch.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace actium::train {

/// Returns predictions as CSV: a header, then for each image its number from 0, label, predicted
/// class and logits, with as many digits as name a float exactly.
///
/// logits: float32 [N, classes]. labels: int64 [N].
std::string PredictionsCsv(const torch::Tensor& logits, const torch::Tensor& labels);

/// Measures TorchScript files on the test images, as a server would run them but in this process,
/// and prints one line a file on standard output.
///
/// files: a model.pt, or a model's folder in a repository, of which version 1 is taken.
/// predictions: where the CSV of the only file goes; empty: nowhere.
/// Errors: INVALID_ARGUMENT, NOT_FOUND or UNAVAILABLE names the file; those before it are printed.
absl::Status EvaluateFiles(const std::vector<std::filesystem::path>& files,
                           const std::filesystem::path& data,
                           const std::filesystem::path& predictions);

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_EVALUATE_COMMAND_H_
