#include "models/zoo/preprocess.h"

#include <fmt/format.h>

namespace actium::zoo {

torch::Tensor Preprocess::operator()(const torch::Tensor& pixels) const {
  return pixels.to(torch::kFloat32).div_(255.0).sub_(mean).div_(deviation);
}

std::string Preprocess::ScriptOf(const std::string& pixels) const {
  return fmt::format("({}.float() / 255.0 - {}) / {}", pixels, mean, deviation);
}

}  // namespace actium::zoo
