#include "tests/support/tiny_models.h"

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "ATen/core/Tensor.h"
#include "ATen/ops/linspace.h"
#include "torch/csrc/jit/api/module.h"

namespace actium::test {

void SaveTinyModel(const std::filesystem::path& file, const TinyModel& model) {
  try {
    torch::jit::Module module("__torch__.Tiny");
    module.register_attribute("training", c10::BoolType::get(), false);
    for (const TinyParameter& parameter : model.parameters) {
      int64_t count = 1;
      for (const int64_t size : parameter.shape) count *= size;
      const at::Tensor ramp = at::linspace(-1, 1, count);
      module.register_parameter(parameter.name, ramp.reshape(parameter.shape), false);
    }
    module.define(model.source);
    module.save(file.string(), {model.extra_files.begin(), model.extra_files.end()});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tiny model %s: %s\n", file.c_str(), error.what());
    std::abort();
  }
}

TinyModel TinyClassifier() {
  return {.source = R"(
def forward(self, image):
  x = image / 255.0
  x = torch.relu(torch.conv2d(x, self.kernel, self.bias, [2, 2], [1, 1]))
  return torch.matmul(x.mean([2, 3]), self.head)
)",
          .parameters = {{"kernel", {8, 1, 3, 3}}, {"bias", {8}}, {"head", {8, 10}}},
          .extra_files = {}};
}

TinyModel TinyDoubler() {
  return {.source = "def forward(self, x):\n  return x * 2\n", .parameters = {}, .extra_files = {}};
}

}  // namespace actium::test
