// The real server on the CUDA engine's stand-in when CUDA fails: what is told, and what goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "actium/client.h"
#include "tests/integration/health_watch.h"
#include "tests/integration/shipped_models.h"
#include "tests/support/scoped_variable.h"
#include "tests/support/server_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::test {
namespace {

using absl::StatusCode;
using ::testing::AllOf;
using ::testing::HasSubstr;

class CudaFaultsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ACTIUM_ASSERT_OK_AND_ASSIGN(images_, ReadTestImages());
    CopyShippedModel("relu", files_.root(), "anywhere", 1, "");
    CopyShippedModel("mish", files_.root(), "on_gpu", 1, "instance_group { kind: KIND_GPU }\n");
  }

  absl::Status Start(const std::string& plugin, const std::string& on_gpu_failure = "unready") {
    ACTIUM_ASSIGN_OR_RETURN(
        server_, StartServer("actium-server",
                             {"--model-repository", files_.root().string(), "--cuda-plugin", plugin,
                              "--gpu-tuning", "false", "--on-gpu-failure", on_gpu_failure}));
    ACTIUM_ASSIGN_OR_RETURN(client_, client::Client::Create({.address = server_->address(),
                                                             .retry = {.max_attempts = 1}}));
    return absl::OkStatus();
  }

  absl::Status Infer(const std::string& model) {
    return client_->Infer(ImageRequest(model, images_.Slice(0, 1))).status();
  }

  // Asks a model until its device breaks. Returns what the request got that met the fault.
  absl::Status InferUntilTheDeviceBreaks(const std::string& model) {
    EXPECT_EQ(EngineOf(model), "cuda");
    absl::Status status;
    int answered = 0;
    for (; status.ok() && answered < 2000; ++answered) status = Infer(model);
    EXPECT_GT(answered, 1) << "the fault came while the models were loaded";
    return status;
  }

  // The logits of an image, as bytes.
  std::string Logits(const std::string& model, int image) {
    const auto response = client_->Infer(ImageRequest(model, images_.Slice(image, 1)));
    return response.ok() ? response->raw_output_contents(0) : response.status().ToString();
  }

  std::string EngineOf(const std::string& model) {
    const auto config = client_->ModelConfig(model);
    if (!config.ok()) return std::string(config.status().message());
    return config->parameters().at("actium.engine").string_value();
  }

  std::string ReasonInIndex(const std::string& model) {
    const auto index = client_->RepositoryIndex();
    if (!index.ok()) return std::string(index.status().message());
    for (const auto& entry : index->models()) {
      if (entry.name() == model) return entry.reason();
    }
    return "not there";
  }

  static constexpr char kPlugin[] = ACTIUM_BINARY_DIR "/lib/libactium_cuda_stand_in.so";

  TempRepository files_;
  Images images_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<client::Client> client_;
};

TEST_F(CudaFaultsTest, WithoutADriverModelsThatMayAreServedOnTheCpu) {
  const ScopedVariable devices("ACTIUM_CUDA_HOST_DEVICES", "-1");
  ACTIUM_ASSERT_OK(Start(kPlugin));
  EXPECT_THAT(server_->Log(), HasSubstr("gpu available=false reason=\"looking for GPUs: "));
  EXPECT_EQ(EngineOf("anywhere"), "cpu");
  ACTIUM_EXPECT_OK(Infer("anywhere"));
  EXPECT_THAT(ReasonInIndex("on_gpu"), AllOf(HasSubstr("KIND_GPU"), HasSubstr("driver")));
  EXPECT_THAT(Infer("on_gpu"), StatusIs(StatusCode::kFailedPrecondition, HasSubstr("driver")));
  EXPECT_EQ(server_->Terminate(), 0);
}

TEST_F(CudaFaultsTest, APluginOfAnotherVersionIsNotUsed) {
  ACTIUM_ASSERT_OK(Start(ACTIUM_BINARY_DIR "/lib/libactium_cuda_of_tomorrow.so"));
  EXPECT_THAT(server_->Log(), HasSubstr("it is of version 999 of the interface"));
  EXPECT_EQ(EngineOf("anywhere"), "cpu");
  EXPECT_EQ(server_->Terminate(), 0);
}

TEST_F(CudaFaultsTest, AFileThatIsNoPluginIsNotUsed) {
  const std::string file = files_.Write("no_plugin/text.so", "no library").string();
  ACTIUM_ASSERT_OK(Start(file));
  EXPECT_THAT(server_->Log(), HasSubstr("gpu available=false reason=\"CUDA plug-in "));
  EXPECT_EQ(EngineOf("anywhere"), "cpu");
  EXPECT_EQ(server_->Terminate(), 0);
}

TEST_F(CudaFaultsTest, AModelThatFindsNoMemoryFailsAlone) {
  CopyShippedModel("relu", files_.root(), "on_cpu", 1, "instance_group { kind: KIND_CPU }\n");
  std::filesystem::remove_all(files_.root() / "anywhere");
  const ScopedVariable fault("ACTIUM_CUDA_HOST_FAULT", "cudaMalloc@1=2");
  ACTIUM_ASSERT_OK(Start(kPlugin));
  EXPECT_THAT(ReasonInIndex("on_gpu"), HasSubstr("bytes of GPU memory are needed"));
  ACTIUM_EXPECT_OK(Infer("on_cpu"));
  EXPECT_EQ(server_->Terminate(), 0);
}

TEST_F(CudaFaultsTest, AfterAnErrorThatBreaksTheDeviceRequestsAreUnavailableAndTheServerLives) {
  const ScopedVariable fault("ACTIUM_CUDA_HOST_FAULT", "kernel@3000=700");
  ACTIUM_ASSERT_OK(Start(kPlugin));
  EXPECT_THAT(InferUntilTheDeviceBreaks("on_gpu"),
              StatusIs(StatusCode::kUnavailable, HasSubstr("cudaErrorIllegalAddress")));
  for (const std::string model : {"on_gpu", "anywhere"}) {
    EXPECT_THAT(Infer(model), StatusIs(StatusCode::kUnavailable, HasSubstr(model)));
  }
  EXPECT_EQ(EngineOf("anywhere"), "cuda");
  ACTIUM_ASSERT_OK_AND_ASSIGN(const bool ready, client_->ServerReady());
  EXPECT_FALSE(ready);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const bool live, client_->ServerLive());
  EXPECT_TRUE(live);
  EXPECT_EQ(server_->Terminate(), 0) << server_->Log();
}

TEST_F(CudaFaultsTest, ModelsMoveFromABrokenDeviceToTheCpuAndTheServerIsReadyAgain) {
  std::filesystem::remove_all(files_.root() / "on_gpu");
  CopyShippedModel("relu", files_.root(), "on_cpu", 1, "instance_group { kind: KIND_CPU }\n");
  const ScopedVariable fault("ACTIUM_CUDA_HOST_FAULT", "kernel@3000=700");
  ACTIUM_ASSERT_OK(Start(kPlugin, "cpu"));
  HealthWatch watch(server_->address());
  EXPECT_EQ(watch.Next(), HealthWatch::Response::SERVING);
  absl::Status status = InferUntilTheDeviceBreaks("anywhere");
  EXPECT_EQ(watch.Next(), HealthWatch::Response::NOT_SERVING);
  for (; !status.ok(); status = Infer("anywhere")) {
    ASSERT_THAT(status, StatusIs(StatusCode::kUnavailable, HasSubstr("cudaErrorIllegalAddress")));
    ACTIUM_EXPECT_OK(Infer("on_cpu"));
  }
  EXPECT_EQ(EngineOf("anywhere"), "cpu");
  for (int image = 0; image < 50; ++image) {
    EXPECT_EQ(Logits("anywhere", image), Logits("on_cpu", image));
  }
  EXPECT_EQ(watch.Next(), HealthWatch::Response::SERVING);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const bool ready, client_->ServerReady());
  EXPECT_TRUE(ready);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto info, client_->ServerInfo());
  EXPECT_FALSE(info.devices(1).healthy());
  EXPECT_EQ(server_->Terminate(), 0) << server_->Log();
}

TEST_F(CudaFaultsTest, AModelThatNeedsTheBrokenDeviceStaysUnavailable) {
  const ScopedVariable fault("ACTIUM_CUDA_HOST_FAULT", "kernel@3000=700");
  ACTIUM_ASSERT_OK(Start(kPlugin, "cpu"));
  EXPECT_FALSE(InferUntilTheDeviceBreaks("on_gpu").ok());
  while (EngineOf("anywhere") != "cpu") EXPECT_FALSE(Infer("on_gpu").ok());
  ACTIUM_EXPECT_OK(Infer("anywhere"));
  EXPECT_THAT(Infer("on_gpu"),
              StatusIs(StatusCode::kUnavailable, HasSubstr("cudaErrorIllegalAddress")));
  EXPECT_EQ(EngineOf("on_gpu"), "cuda");
  ACTIUM_ASSERT_OK_AND_ASSIGN(const bool ready, client_->ServerReady());
  EXPECT_FALSE(ready);
  EXPECT_EQ(server_->Terminate(), 0) << server_->Log();
}

}  // namespace
}  // namespace actium::test
