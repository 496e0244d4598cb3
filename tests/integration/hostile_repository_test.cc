// Damaged and hostile model files and configurations beside good ones, in a real server: each is
// reported by name with its reason, and the others serve.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "actium/client.h"
#include "actium/tensors.h"
#include "tests/support/server_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"
#include "tests/support/tiny_models.h"

namespace actium::test {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kConfig = R"(
max_batch_size: 8
input { name: "x" data_type: TYPE_FP32 dims: [ 4 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 4 ] }
)";

struct Broken {
  std::string name;
  std::string model;   // Bytes of model.pt.
  std::string config;  // Text of config.pbtxt; none if empty.
  std::string reason;  // Must be part of what the server says.
};

std::string ReadFile(const std::filesystem::path& file) {
  std::ostringstream bytes;
  bytes << std::ifstream(file, std::ios::binary).rdbuf();
  return bytes.str();
}

std::vector<Broken> BrokenModels(const std::string& good) {
  const std::string config(kConfig);
  std::string flipped = good;
  for (size_t at = flipped.size() / 3; at < flipped.size() / 2; ++at) flipped[at] ^= 0x5a;
  return {
      {"empty_model", "", config, "model.pt"},
      {"truncated_model", good.substr(0, good.size() / 2), config, "model.pt"},
      {"flipped_model", flipped, config, "model.pt"},
      {"garbage_model", std::string(4096, 'x'), config, "model.pt"},
      {"no_signature", good, "", "config.pbtxt"},
      {"unknown_field", good, "max_batchsize: 8\n" + config, "max_batchsize"},
      {"cut_config", good, config.substr(0, config.size() / 2), "config.pbtxt"},
      {"binary_config", good, std::string("\0\xff\x01garbage", 10), "config.pbtxt"},
      {"deep_config", good, std::string(100000, '{'), "config.pbtxt"},
      {"wrong_output", good, R"(max_batch_size: 8
        input { name: "x" data_type: TYPE_FP32 dims: [ 4 ] }
        output { name: "y" data_type: TYPE_FP32 dims: [ 5 ] })",
       "'y'"},
      {"wrong_name", good, "name: \"other\"\n" + config, "name"},
      {"huge_batch", good, R"(max_batch_size: 2147483647
        input { name: "x" data_type: TYPE_FP32 dims: [ 4 ] }
        output { name: "y" data_type: TYPE_FP32 dims: [ 4 ] })",
       "max_batch_size"},
  };
}

TEST(HostileRepositoryTest, TheBrokenAreReportedByNameAndTheOthersServe) {
  const TempRepository repository;
  const auto file = repository.MakeParent("good/1/model.pt");
  SaveTinyModel(file, TinyDoubler());
  repository.Write("good/config.pbtxt", kConfig);
  repository.Write("not_a_model.txt", "a file beside the models");
  repository.Write("no_version/config.pbtxt", kConfig);
  const std::vector<Broken> broken = BrokenModels(ReadFile(file));
  for (const Broken& model : broken) {
    repository.Write(model.name + "/1/model.pt", model.model);
    if (!model.config.empty()) repository.Write(model.name + "/config.pbtxt", model.config);
  }

  ACTIUM_ASSERT_OK_AND_ASSIGN(
      const auto server,
      StartServer("actium-server", {"--model-repository", repository.root().string()}));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto client,
                              client::Client::Create({.address = server->address()}));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto index, client->RepositoryIndex());
  std::map<std::string, std::pair<std::string, std::string>> state;  // Of a name: state, reason.
  for (const auto& model : index.models()) state[model.name()] = {model.state(), model.reason()};

  EXPECT_EQ(state["good"].first, "READY") << state["good"].second;
  EXPECT_EQ(state["no_version"].first, "UNAVAILABLE");
  EXPECT_FALSE(state.contains("not_a_model.txt"));
  for (const Broken& model : broken) {
    SCOPED_TRACE(model.name);
    const auto [its_state, reason] = state[model.name];
    EXPECT_EQ(its_state, "UNAVAILABLE");
    EXPECT_THAT(reason, HasSubstr(model.reason));
    EXPECT_LE(reason.size(), 2000u);
    EXPECT_THAT(server->Log(), HasSubstr(model.name));
    ::inference::ModelInferRequest request;
    request.set_model_name(model.name);
    EXPECT_THAT(client->Infer(request),
                StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(model.name)));
    fmt::print("{:<16} {}: {}\n", model.name, its_state, reason.substr(0, 120));
  }

  ::inference::ModelInferRequest request;
  request.set_model_name("good");
  const std::vector<int64_t> shape = {1, 4};
  const std::vector<float> values = {1, -2, 3.5, 0};
  ACTIUM_ASSERT_OK(client::AddInput<float>(request, "x", shape, values));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto answer, client->Infer(request));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto doubled, client::OutputValues<float>(answer, "y"));
  EXPECT_EQ(doubled, (std::vector<float>{2, -4, 7, 0}));
  EXPECT_EQ(server->Terminate(), 0) << server->Log();
}

}  // namespace
}  // namespace actium::test
