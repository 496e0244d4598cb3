#include "models/train/dataset.h"

#include <fmt/format.h>

#include <system_error>

#include "models/train/idx_file.h"
#include "server/base/status_macros.h"

namespace actium::train {
namespace {

constexpr uint64_t kHoldOutSeed = 20171;

absl::StatusOr<std::filesystem::path> Find(const std::filesystem::path& folder,
                                           const std::string& name) {
  std::error_code error;
  for (const char* ending : {".gz", ""}) {
    const std::filesystem::path path = folder / (name + ending);
    if (std::filesystem::exists(path, error)) return path;
  }
  return absl::NotFoundError(
      fmt::format("'{}' holds neither {} nor {}.gz; install the package dataset-fashion-mnist or "
                  "pass --data",
                  folder.string(), name, name));
}

absl::StatusOr<Dataset> Load(const std::filesystem::path& folder, const std::string& prefix) {
  ACTIUM_ASSIGN_OR_RETURN(const auto images_path, Find(folder, prefix + "-images-idx3-ubyte"));
  ACTIUM_ASSIGN_OR_RETURN(const auto labels_path, Find(folder, prefix + "-labels-idx1-ubyte"));
  ACTIUM_ASSIGN_OR_RETURN(const IdxFile images, ReadIdx(images_path, 3));
  ACTIUM_ASSIGN_OR_RETURN(const IdxFile labels, ReadIdx(labels_path, 1));
  if (images.dims[0] != labels.dims[0]) {
    return absl::InvalidArgumentError(fmt::format("'{}' has {} images but '{}' has {} labels",
                                                  images_path.string(), images.dims[0],
                                                  labels_path.string(), labels.dims[0]));
  }
  const auto classes = static_cast<uint8_t>(FashionMnistLabels().size());
  for (const uint8_t label : labels.bytes) {
    if (label >= classes) {
      return absl::InvalidArgumentError(fmt::format("'{}': labels must be below {}, got {}",
                                                    labels_path.string(), classes, label));
    }
  }
  const auto tensor = [](const IdxFile& file, std::vector<int64_t> shape) {
    // from_blob() does not change what it is given.
    auto* data = const_cast<uint8_t*>(file.bytes.data());
    return torch::from_blob(data, shape, torch::kUInt8).clone();
  };
  return Dataset{.images = tensor(images, {images.dims[0], 1, images.dims[1], images.dims[2]}),
                 .labels = tensor(labels, {labels.dims[0]}).to(torch::kInt64)};
}

Dataset Select(const Dataset& all, const torch::Tensor& indices) {
  return {.images = all.images.index_select(0, indices),
          .labels = all.labels.index_select(0, indices)};
}

}  // namespace

const std::vector<std::string>& FashionMnistLabels() {
  static const std::vector<std::string> kLabels = {
      "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
      "Sandal",      "Shirt",   "Sneaker",  "Bag",   "Ankle boot"};
  return kLabels;
}

absl::StatusOr<Dataset> LoadTestImages(const std::filesystem::path& folder) {
  return Load(folder, "t10k");
}

absl::StatusOr<Split> LoadSplit(const std::filesystem::path& folder, int64_t validation_size) {
  ACTIUM_ASSIGN_OR_RETURN(const Dataset all, Load(folder, "train"));
  ACTIUM_ASSIGN_OR_RETURN(Dataset test, LoadTestImages(folder));
  if (all.size() <= validation_size) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' must have more than {} training images, which are held out, got {}",
                    folder.string(), validation_size, all.size()));
  }
  torch::Generator generator = torch::make_generator<torch::CPUGeneratorImpl>(kHoldOutSeed);
  const torch::Tensor order = torch::randperm(all.size(), generator, torch::kInt64);
  return Split{.train = Select(all, order.slice(0, validation_size)),
               .validation = Select(all, order.slice(0, 0, validation_size)),
               .test = std::move(test)};
}

}  // namespace actium::train
