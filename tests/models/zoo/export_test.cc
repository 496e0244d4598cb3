#include "models/zoo/export.h"

#include <gmock/gmock.h>
#include <torch/script.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "models/zoo/plain_cnn.h"
#include "models/zoo/residual_cnn.h"
#include "tests/support/status_matchers.h"

namespace actium::zoo {
namespace {

const ImageSignature kSignature = {.labels = {"a", "b", "c"}};

torch::Tensor Images() {
  torch::manual_seed(4);
  return torch::randint(0, 256, {5, 1, 28, 28}).to(torch::kUInt8);
}

torch::jit::Module Load(const std::string& archive, torch::jit::ExtraFilesMap& extra) {
  std::istringstream stream(archive);
  return torch::jit::load(stream, std::nullopt, extra);
}

torch::jit::Module Load(const std::string& archive) {
  torch::jit::ExtraFilesMap none;
  return Load(archive, none);
}

// Running statistics that are not those of an untrained network.
std::shared_ptr<PlainCnn> SomeNetwork(const ActivationChoice& activation = {}) {
  const torch::NoGradGuard no_grad;
  auto network = *PlainCnn::Create(
      {.activation = activation, .widths = {4, 8}, .strides = {2, 2}, .classes = 3}, 1);
  network->train();
  network->forward(Images());
  network->eval();
  return network;
}

TEST(ExportTest, TheFileComputesWhatTheNetworkComputes) {
  const torch::NoGradGuard no_grad;
  for (const std::string& name : ActivationNames()) {
    const auto network = SomeNetwork(*ParseActivation(name));
    torch::jit::Module script = Load(ExportTorchScript(*network, kSignature));
    EXPECT_TRUE(torch::allclose(script.forward({Images()}).toTensor(), network->forward(Images()),
                                1e-5, 1e-5))
        << name;
  }
}

TEST(ExportTest, ResidualNetworksAndThoseWithoutNormalisationToo) {
  const torch::NoGradGuard no_grad;
  for (const bool norm : {true, false}) {
    ACTIUM_ASSERT_OK_AND_ASSIGN(const auto network,
                                ResidualCnn::Create({.widths = {4, 8}, .norm = norm}, 1));
    network->eval();
    torch::jit::Module script = Load(ExportTorchScript(*network, kSignature));
    EXPECT_TRUE(torch::allclose(script.forward({Images()}).toTensor(), network->forward(Images()),
                                1e-5, 1e-5));
  }
}

TEST(ExportTest, EqualNetworksGiveEqualBytes) {
  EXPECT_EQ(ExportTorchScript(*SomeNetwork(), kSignature),
            ExportTorchScript(*SomeNetwork(), kSignature));
}

TEST(ExportTest, TheShippedNetworkIsBelowHalfAMegabyte) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto network, PlainCnn::Create({}, 0));
  EXPECT_LT(ExportTorchScript(*network, kSignature).size(), 500'000u);
}

TEST(ExportTest, ParametersKeepTheirNames) {
  const torch::jit::Module script = Load(ExportTorchScript(*SomeNetwork(), kSignature));
  std::vector<std::string> names;
  for (const auto& parameter : script.named_parameters()) names.push_back(parameter.name);
  EXPECT_THAT(names, ::testing::IsSupersetOf({"block1.conv.weight", "block2.norm.bias",
                                              "classifier.weight", "classifier.bias"}));
}

// A server may fold and optimise the file only if it can be frozen.
TEST(ExportTest, CanBeFrozen) {
  const torch::NoGradGuard no_grad;
  torch::jit::Module script = Load(ExportTorchScript(*SomeNetwork(), kSignature));
  const torch::Tensor expected = script.forward({Images()}).toTensor();
  script.eval();
  torch::jit::Module frozen = torch::jit::freeze(script);
  EXPECT_TRUE(torch::allclose(frozen.forward({Images()}).toTensor(), expected, 1e-5, 1e-5));
}

TEST(ExportTest, CarriesItsSignature) {
  torch::jit::ExtraFilesMap extra = {{kSignatureFile, ""}};
  Load(ExportTorchScript(*SomeNetwork(), kSignature), extra);
  const auto json = nlohmann::json::parse(extra[kSignatureFile]);
  EXPECT_EQ(json["max_batch_size"], 64);
  EXPECT_EQ(json["input"][0]["name"], "image");
  EXPECT_EQ(json["input"][0]["dtype"], "UINT8");
  EXPECT_EQ(json["input"][0]["dims"], nlohmann::json({1, 28, 28}));
  EXPECT_EQ(json["output"][0]["name"], "logits");
  EXPECT_EQ(json["output"][0]["dims"], nlohmann::json::array({3}));
  EXPECT_EQ(json["output"][0]["labels"], nlohmann::json({"a", "b", "c"}));
}

TEST(ExportTest, UsesFunctionsThatAnImporterKnows) {
  const torch::jit::Module script =
      Load(ExportTorchScript(*SomeNetwork({.id = activation::Activation::kMish}), kSignature));
  const torch::jit::Module block = script.attr("block1").toModule();
  std::vector<std::string> operators;
  for (const torch::jit::Node* node : block.get_method("forward").graph()->nodes()) {
    if (node->kind().is_aten()) operators.emplace_back(node->kind().toQualString());
  }
  EXPECT_THAT(operators, ::testing::ElementsAre("aten::conv2d", "aten::batch_norm", "aten::mish"));
}

}  // namespace
}  // namespace actium::zoo
