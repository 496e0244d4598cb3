// Writes a model repository of small models into a folder, for tests in other languages.
// Usage: actium-write-tiny-models DIR

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/support/tiny_models.h"

namespace {

namespace fs = std::filesystem;

void Write(const fs::path& folder, std::string_view config, const actium::test::TinyModel& model) {
  fs::create_directories(folder / "1");
  std::ofstream(folder / "config.pbtxt") << config;
  actium::test::SaveTinyModel(folder / "1/model.pt", model);
}

// Several inputs and outputs of several types; labels for one of the outputs.
void WriteSumAndArgmax(const fs::path& root) {
  Write(root / "sum_and_argmax", R"(
max_batch_size: 8
input { name: "a" data_type: TYPE_FP32 dims: [ 3 ] }
input { name: "b" data_type: TYPE_INT64 dims: [ 3 ] }
output { name: "sum" data_type: TYPE_FP32 dims: [ 3 ] label_filename: "labels.txt" }
output { name: "argmax" data_type: TYPE_INT64 dims: [ 1 ] }
)",
        {.source = "def forward(self, a, b):\n"
                   "  s = a + b\n"
                   "  return s, torch.argmax(s, 1, True)\n",
         .parameters = {},
         .extra_files = {}});
  std::ofstream(root / "sum_and_argmax/labels.txt") << "low\nmiddle\nhigh\n";
}

// No batch dimension, and a dimension of any size.
void WriteUnbatchedReverse(const fs::path& root) {
  Write(root / "reverse", R"(
max_batch_size: 0
input { name: "values" data_type: TYPE_UINT8 dims: [ -1 ] }
output { name: "reversed" data_type: TYPE_UINT8 dims: [ -1 ] }
)",
        {.source = "def forward(self, values):\n  return torch.flip(values, [0])\n",
         .parameters = {},
         .extra_files = {}});
}

// No config.pbtxt: the signature travels inside the file.
void WriteSelfDescribing(const fs::path& root) {
  fs::create_directories(root / "self_describing/1");
  actium::test::SaveTinyModel(root / "self_describing/1/model.pt",
                              {.source = "def forward(self, x):\n  return x * x\n",
                               .parameters = {},
                               .extra_files = {{"actium.json", R"({"max_batch_size": 4,
                        "input": [{"name": "x", "dtype": "FP32", "dims": [2]}],
                        "output": [{"name": "square", "dtype": "FP32", "dims": [2]}]})"}}});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: actium-write-tiny-models DIR\n", stderr);
    return 2;
  }
  const fs::path root = argv[1];
  WriteSumAndArgmax(root);
  WriteUnbatchedReverse(root);
  WriteSelfDescribing(root);
  return 0;
}
