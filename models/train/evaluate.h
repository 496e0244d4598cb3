#ifndef ACTIUM_MODELS_TRAIN_EVALUATE_H_
#define ACTIUM_MODELS_TRAIN_EVALUATE_H_

#include <torch/torch.h>

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "models/train/dataset.h"

namespace actium::train {

/// Rows of a batch when a model is measured: what a server runs at once.
inline constexpr int64_t kEvaluationBatch = 64;

/// uint8 [N, 1, H, W] -> float32 [N, classes].
using Classifier = std::function<torch::Tensor(const torch::Tensor&)>;

/// Returns the logits of all images in their order, float32 [N, classes], computed
/// kEvaluationBatch images at a time without recording gradients.
torch::Tensor ComputeLogits(const Classifier& classifier, const torch::Tensor& images);

/// Returns the share of images whose largest logit is their label, in [0, 1]. A NaN counts as
/// wrong.
double Accuracy(const torch::Tensor& logits, const torch::Tensor& labels);

/// Returns the archive's forward() as a Classifier.
///
/// archive: the bytes of a TorchScript file.
/// Errors: INVALID_ARGUMENT with LibTorch's reason if they are none. The classifier throws what
/// LibTorch throws.
absl::StatusOr<Classifier> LoadTorchScript(const std::string& archive);

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_EVALUATE_H_
