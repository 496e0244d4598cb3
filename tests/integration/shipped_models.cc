#include "tests/integration/shipped_models.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <memory>
#include <regex>
#include <sstream>
#include <utility>

#include "actium/tensors.h"
#include "client/cli/test_images.h"
#include "server/base/status_macros.h"
#include "server/engine/run_batch.h"
#include "server/libtorch/loader.h"
#include "tests/support/carried.h"

namespace actium::test {
namespace {

namespace fs = std::filesystem;

engine::LoadSpec SpecOf(const std::string& model) {
  engine::LoadSpec spec;
  spec.model = model;
  spec.file = ShippedRepository() / model / "1/model.pt";
  spec.signature.max_batch_size = 64;
  spec.signature.inputs = {{"image", tensor::DType::kUint8, {1, 28, 28}}};
  spec.signature.outputs = {{"logits", tensor::DType::kFp32, {kClasses}}};
  return spec;
}

}  // namespace

absl::StatusOr<Images> ReadTestImages() {
  ACTIUM_ASSIGN_OR_RETURN(cli::TestImages read,
                          cli::ReadTestImages(CarriedOr("/usr/share/datasets") / "fashion-mnist"));
  ACTIUM_CHECK(read.height * read.width == kPixels);
  return Images{.pixels = {read.pixels.begin(), read.pixels.end()},
                .labels = std::move(read.classes)};
}

fs::path ShippedRepository() { return CarriedOr(ACTIUM_SOURCE_DIR) / "models/repository"; }

std::vector<std::string> ShippedModels() {
  std::vector<std::string> models;
  for (const auto& entry : fs::directory_iterator(ShippedRepository())) {
    if (entry.is_directory()) models.push_back(entry.path().filename());
  }
  std::sort(models.begin(), models.end());
  return models;
}

void CopyShippedModel(const std::string& model, const fs::path& root, const std::string& name,
                      int max_batch_size, const std::string& more_config) {
  const fs::path from = ShippedRepository() / model;
  const fs::path to = root / name;
  fs::create_directories(to / "1");
  fs::copy(from / "labels.txt", to / "labels.txt");
  fs::copy(from / "1/model.pt", to / "1/model.pt");
  std::ostringstream text;
  text << std::ifstream(from / "config.pbtxt").rdbuf();
  std::string config = std::regex_replace(text.str(), std::regex("name: \"" + model + "\""),
                                          "name: \"" + name + "\"");
  config = std::regex_replace(config, std::regex("max_batch_size: \\d+"),
                              "max_batch_size: " + std::to_string(max_batch_size));
  std::ofstream(to / "config.pbtxt") << config << more_config;
}

::inference::ModelInferRequest ImageRequest(const std::string& model,
                                            std::span<const uint8_t> pixels) {
  ::inference::ModelInferRequest request;
  request.set_model_name(model);
  const std::vector<int64_t> shape = {static_cast<int64_t>(pixels.size() / kPixels), 1, 28, 28};
  ACTIUM_CHECK(client::AddInput<uint8_t>(request, "image", shape, pixels).ok());
  return request;
}

absl::StatusOr<std::vector<float>> EvaluateInProcess(const std::string& model, const Images& images,
                                                     int batch_size) {
  const std::unique_ptr<engine::ModelLoader> loader = libtorch::NewLoader();
  ACTIUM_ASSIGN_OR_RETURN(const auto loaded, loader->Load(SpecOf(model)));
  ACTIUM_ASSIGN_OR_RETURN(const auto executor, loaded->NewExecutor(engine::Device{}, 1));
  ACTIUM_ASSIGN_OR_RETURN(const auto slot, executor->NewSlot());

  std::vector<float> logits(static_cast<size_t>(images.count()) * kClasses);
  for (int first = 0; first < images.count(); first += batch_size) {
    const int rows = std::min(batch_size, images.count() - first);
    ACTIUM_ASSIGN_OR_RETURN(const auto inputs, slot->Prepare({tensor::Shape{rows, 1, 28, 28}}));
    const auto pixels = std::as_bytes(images.Slice(first, rows));
    std::copy(pixels.begin(), pixels.end(), inputs[0].bytes.begin());
    ACTIUM_RETURN_IF_ERROR(engine::RunBatch(*executor, *slot).status());
    const auto output = slot->outputs()[0].bytes;
    std::memcpy(&logits[static_cast<size_t>(first) * kClasses], output.data(), output.size());
  }
  return logits;
}

int Argmax(std::span<const float> logits) {
  return static_cast<int>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

bool IsTie(std::span<const float> logits) {
  std::vector<float> sorted(logits.begin(), logits.end());
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  const float magnitude = std::max(std::abs(sorted.front()), std::abs(sorted.back()));
  return sorted[0] - sorted[1] < 1e-5f * magnitude;
}

}  // namespace actium::test
