#include "tests/models/train/synthetic_data.h"

namespace actium::test {

train::Dataset BarImages(int64_t count, uint64_t seed) {
  auto generator = torch::make_generator<torch::CPUGeneratorImpl>(seed);
  const torch::Tensor labels = torch::randint(0, 10, {count}, generator).to(torch::kInt64);
  torch::Tensor images = torch::randint(0, 100, {count, 1, 28, 28}, generator).to(torch::kUInt8);
  for (int64_t i = 0; i < count; ++i) images[i][0][2 * labels[i].item<int64_t>() + 4].fill_(255);
  return {.images = images, .labels = labels};
}

std::string IdxBytes(const std::vector<uint32_t>& dims, const std::string& data) {
  std::string bytes = {'\0', '\0', '\x08', static_cast<char>(dims.size())};
  for (const uint32_t dim : dims) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(dim >> shift);
  }
  return bytes + data;
}

}  // namespace actium::test
