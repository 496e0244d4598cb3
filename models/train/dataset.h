#ifndef ACTIUM_MODELS_TRAIN_DATASET_H_
#define ACTIUM_MODELS_TRAIN_DATASET_H_

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace actium::train {

/// Where Debian's package dataset-fashion-mnist puts its files.
inline constexpr char kFashionMnistFolder[] = "/usr/share/datasets/fashion-mnist";

/// Labelled grey images.
struct Dataset {
  torch::Tensor images;  ///< uint8 [N, 1, H, W], contiguous.
  torch::Tensor labels;  ///< int64 [N], each in [0, 10).

  int64_t size() const { return labels.size(0); }
};

/// The data of one training run.
struct Split {
  Dataset train;       ///< 55,000 images.
  Dataset validation;  ///< 5,000 images held out of the training files, to choose a variant by.
  Dataset test;        ///< 10,000 images that nothing is chosen by.
};

/// The classes of Fashion-MNIST, in the order of its labels.
const std::vector<std::string>& FashionMnistLabels();

/// Reads the test images of the MNIST family from `folder`: t10k-images-idx3-ubyte and
/// t10k-labels-idx1-ubyte, each plain or with ".gz".
///
/// Errors: NOT_FOUND if a file is missing, INVALID_ARGUMENT if one is no IDX file of the right
/// kind, is cut off, or the two differ in length; all with the path.
absl::StatusOr<Dataset> LoadTestImages(const std::filesystem::path& folder);

/// Reads all images and holds out `validation_size` of the training images. Which ones is fixed:
/// it depends on nothing but the number of images, so that all runs compare on the same images.
///
/// Errors: as LoadTestImages(); INVALID_ARGUMENT if fewer than validation_size + 1 images are
/// there.
absl::StatusOr<Split> LoadSplit(const std::filesystem::path& folder,
                                int64_t validation_size = 5000);

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_DATASET_H_
