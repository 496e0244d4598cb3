#ifndef ACTIUM_TESTS_SUPPORT_TINY_MODELS_H_
#define ACTIUM_TESTS_SUPPORT_TINY_MODELS_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

/// Small TorchScript files for tests, made from their source. No LibTorch in this header.
namespace actium::test {

/// A parameter of a tiny model, FP32: the ramp -1 ... 1 over its elements.
struct TinyParameter {
  std::string name;
  std::vector<int64_t> shape;
};

/// What torch.jit.save would be given.
struct TinyModel {
  std::string source;  ///< Methods of the module, "def forward(self, x):\n  return x + 1\n".
  std::vector<TinyParameter> parameters;
  std::map<std::string, std::string> extra_files;  ///< As _extra_files, such as "actium.json".
};

/// Writes the model; ends the test program if it cannot.
void SaveTinyModel(const std::filesystem::path& file, const TinyModel& model);

/// image UINT8 [N, 1, 28, 28] -> logits FP32 [N, 10]: one convolution, a mean and a linear layer.
TinyModel TinyClassifier();

/// x FP32 [N, 4] -> y FP32 [N, 4], each element doubled.
TinyModel TinyDoubler();

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_TINY_MODELS_H_
