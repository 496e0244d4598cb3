#include "models/train/augment.h"

namespace actium::train {

using torch::indexing::Slice;

torch::Tensor RandomFlip(const torch::Tensor& images, torch::Generator& generator) {
  const torch::Tensor flip =
      torch::randint(0, 2, {images.size(0), 1, 1, 1}, generator).to(torch::kBool);
  return torch::where(flip, images.flip({3}), images);
}

torch::Tensor RandomShift(const torch::Tensor& images, int64_t most, torch::Generator& generator) {
  if (most == 0) return images;
  const int64_t height = images.size(2);
  const int64_t width = images.size(3);
  const torch::Tensor padded = torch::constant_pad_nd(images, {most, most, most, most}, 0);
  const torch::Tensor offsets =
      torch::randint(0, 2 * most + 1, {images.size(0), 2}, generator).to(torch::kInt64);
  const auto offset = offsets.accessor<int64_t, 2>();
  torch::Tensor moved = torch::empty_like(images);
  for (int64_t i = 0; i < images.size(0); ++i) {
    moved[i] = padded[i].index({Slice(), Slice(offset[i][0], offset[i][0] + height),
                                Slice(offset[i][1], offset[i][1] + width)});
  }
  return moved;
}

}  // namespace actium::train
