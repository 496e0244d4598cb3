// The whole server over a real socket: what each method answers.
#include <gmock/gmock.h>

#include <cstring>

#include "actium/v1/introspection.grpc.pb.h"
#include "tests/server/rpc/server_fixture.h"
#include "tests/support/fake_model.h"

namespace actium::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ServiceTest : public ServerFixture {};

// What the fake model answers for one row.
std::string Expected(const std::vector<std::string>& inputs, size_t output, tensor::DType dtype,
                     size_t bytes) {
  std::vector<std::span<const std::byte>> rows;
  for (const std::string& input : inputs) rows.push_back(std::as_bytes(std::span(input)));
  std::string content(bytes, '\0');
  FakeRow(rows, output, dtype, std::as_writable_bytes(std::span(content)));
  return content;
}

TEST_F(ServiceTest, IsLiveBeforeTheModelsAreLoadedAndReadyAfterwards) {
  Start(/*load=*/false);
  const auto ready = [&] {
    grpc::ClientContext context;
    ::inference::ServerReadyResponse response;
    EXPECT_TRUE(stub_->ServerReady(&context, {}, &response).ok());
    return response.ready();
  };
  grpc::ClientContext context;
  ::inference::ServerLiveResponse live;
  EXPECT_TRUE(stub_->ServerLive(&context, {}, &live).ok());
  EXPECT_TRUE(live.live());
  EXPECT_FALSE(ready());
  ASSERT_TRUE(server_->LoadModels().ok());
  EXPECT_TRUE(ready());
}

TEST_F(ServiceTest, WithStrictReadinessABrokenModelKeepsItUnready) {
  options_.strict_readiness = true;
  Start();
  grpc::ClientContext context;
  ::inference::ServerReadyResponse response;
  ASSERT_TRUE(stub_->ServerReady(&context, {}, &response).ok());
  EXPECT_FALSE(response.ready());
}

TEST_F(ServiceTest, ModelReadyIsFalseForBrokenAndUnknownModels) {
  Start();
  const auto ready = [&](const std::string& name, const std::string& version) {
    grpc::ClientContext context;
    ::inference::ModelReadyRequest request;
    request.set_name(name);
    request.set_version(version);
    ::inference::ModelReadyResponse response;
    EXPECT_TRUE(stub_->ModelReady(&context, request, &response).ok());
    return response.ready();
  };
  EXPECT_TRUE(ready("image", ""));
  EXPECT_TRUE(ready("image", "3"));
  EXPECT_FALSE(ready("image", "4"));
  EXPECT_FALSE(ready("broken", ""));
  EXPECT_FALSE(ready("unknown", ""));
}

TEST_F(ServiceTest, DescribesItselfAndItsModels) {
  Start();
  {
    grpc::ClientContext context;
    ::inference::ServerMetadataResponse response;
    ASSERT_TRUE(stub_->ServerMetadata(&context, {}, &response).ok());
    EXPECT_EQ(response.name(), "actium");
    EXPECT_THAT(response.extensions(), Contains("classification"));
  }
  grpc::ClientContext context;
  ::inference::ModelMetadataRequest request;
  request.set_name("image");
  ::inference::ModelMetadataResponse response;
  ASSERT_TRUE(stub_->ModelMetadata(&context, request, &response).ok());
  EXPECT_THAT(response.versions(), ElementsAre("3"));
  ASSERT_EQ(response.inputs_size(), 1);
  EXPECT_EQ(response.inputs(0).datatype(), "UINT8");
  EXPECT_THAT(response.inputs(0).shape(), ElementsAre(-1, 4));
  ASSERT_EQ(response.outputs_size(), 1);
  EXPECT_THAT(response.outputs(0).shape(), ElementsAre(-1, 10));
}

TEST_F(ServiceTest, GivesTheConfiguration) {
  Start();
  grpc::ClientContext context;
  ::inference::ModelConfigRequest request;
  request.set_name("image");
  ::inference::ModelConfigResponse response;
  ASSERT_TRUE(stub_->ModelConfig(&context, request, &response).ok());
  EXPECT_EQ(response.config().max_batch_size(), 8);
}

TEST_F(ServiceTest, ListsAllModelsWithTheReasonOfTheBrokenOne) {
  Start();
  const auto index = [&](bool only_ready) {
    grpc::ClientContext context;
    ::inference::RepositoryIndexRequest request;
    request.set_ready(only_ready);
    ::inference::RepositoryIndexResponse response;
    EXPECT_TRUE(stub_->RepositoryIndex(&context, request, &response).ok());
    return response;
  };
  const auto all = index(false);
  ASSERT_EQ(all.models_size(), 4);
  EXPECT_EQ(all.models(0).name(), "broken");
  EXPECT_EQ(all.models(0).state(), "UNAVAILABLE");
  EXPECT_NE(all.models(0).reason(), "");
  EXPECT_EQ(all.models(2).name(), "image");
  EXPECT_EQ(all.models(2).version(), "3");
  EXPECT_EQ(all.models(2).state(), "READY");
  EXPECT_EQ(index(true).models_size(), 3);
}

TEST_F(ServiceTest, InfersFromRawContents) {
  Start();
  auto request = ImageRequest("image", "abcdefgh");
  request.set_id("r-1");
  ::inference::ModelInferResponse response;
  const grpc::Status status = Infer(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.id(), "r-1");
  EXPECT_EQ(response.model_name(), "image");
  EXPECT_EQ(response.model_version(), "3");
  ASSERT_EQ(response.outputs_size(), 1);
  EXPECT_EQ(response.outputs(0).name(), "logits");
  EXPECT_THAT(response.outputs(0).shape(), ElementsAre(2, 10));
  EXPECT_THAT(response.raw_output_contents(),
              ElementsAre(Expected({"abcd"}, 0, tensor::DType::kFp32, 40) +
                          Expected({"efgh"}, 0, tensor::DType::kFp32, 40)));
}

TEST_F(ServiceTest, InfersFromTypedContentsOfSeveralInputsAndGivesTheOutputsAskedFor) {
  Start();
  ::inference::ModelInferRequest request;
  request.set_model_name("pair");
  auto& b = *request.add_inputs();
  b.set_name("b");
  b.set_datatype("INT8");
  b.add_shape(3);
  for (const int value : {-1, 0, 1}) b.mutable_contents()->add_int_contents(value);
  auto& a = *request.add_inputs();
  a.set_name("a");
  a.set_datatype("FP32");
  a.add_shape(2);
  const float values[] = {0.5f, -2.0f};
  for (const float value : values) a.mutable_contents()->add_fp32_contents(value);
  request.add_outputs()->set_name("code");
  request.add_outputs()->set_name("sum");
  ::inference::ModelInferResponse response;
  const grpc::Status status = Infer(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();

  std::string a_bytes(sizeof(values), '\0');
  std::memcpy(a_bytes.data(), values, sizeof(values));
  const std::vector<std::string> inputs = {a_bytes, std::string("\xff\x00\x01", 3)};
  ASSERT_EQ(response.outputs_size(), 2);
  EXPECT_EQ(response.outputs(0).name(), "code");
  EXPECT_EQ(response.outputs(1).name(), "sum");
  EXPECT_THAT(response.raw_output_contents(),
              ElementsAre(Expected(inputs, 1, tensor::DType::kUint8, 4),
                          Expected(inputs, 0, tensor::DType::kFp32, 8)));
}

TEST_F(ServiceTest, GivesTheTopClassesWithLabels) {
  Start();
  auto request = ImageRequest("image");
  auto& output = *request.add_outputs();
  output.set_name("logits");
  (*output.mutable_parameters())["classification"].set_int64_param(1);
  ::inference::ModelInferResponse response;
  const grpc::Status status = Infer(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.outputs(0).datatype(), "BYTES");
  EXPECT_THAT(response.outputs(0).shape(), ElementsAre(1, 1));

  const std::string logits = Expected({"abcd"}, 0, tensor::DType::kFp32, 40);
  float best = -1.0f;
  for (size_t i = 0; i < 10; ++i) {
    float value = 0.0f;
    std::memcpy(&value, logits.data() + 4 * i, sizeof(value));
    best = std::max(best, value);
  }
  EXPECT_THAT(response.raw_output_contents(0).substr(4), StartsWith(std::to_string(best) + ":"));
}

TEST_F(ServiceTest, CountsWhatItAnswered) {
  Start();
  ASSERT_TRUE(Infer(ImageRequest("image", "abcdefgh")).ok());
  EXPECT_FALSE(Infer(ImageRequest("image", "")).ok());
  ::inference::ModelStatisticsResponse statistics;
  {
    grpc::ClientContext context;
    ::inference::ModelStatisticsRequest request;
    request.set_name("image");
    ASSERT_TRUE(stub_->ModelStatistics(&context, request, &statistics).ok());
  }
  ASSERT_EQ(statistics.model_stats_size(), 1);
  EXPECT_EQ(statistics.model_stats(0).inference_count(), 2u);
  EXPECT_EQ(statistics.model_stats(0).execution_count(), 1u);
  EXPECT_EQ(statistics.model_stats(0).inference_stats().success().count(), 1u);
  EXPECT_EQ(statistics.model_stats(0).inference_stats().fail().count(), 1u);
  ASSERT_EQ(statistics.model_stats(0).batch_stats_size(), 1);
  EXPECT_EQ(statistics.model_stats(0).batch_stats(0).batch_size(), 2u);

  const auto introspection = v1::IntrospectionService::NewStub(channel_);
  grpc::ClientContext context;
  v1::GetModelStatisticsResponse details;
  ASSERT_TRUE(introspection->GetModelStatistics(&context, {}, &details).ok());
  ASSERT_EQ(details.versions_size(), 3);
  const auto& image = details.versions(1);
  EXPECT_EQ(image.model(), "image");
  EXPECT_EQ(image.engine(), "fake");
  EXPECT_EQ(image.succeeded_requests(), 1);
  EXPECT_EQ(image.failed_requests(), 1);
  EXPECT_EQ(image.dropped().invalid(), 1);
  EXPECT_EQ(image.rows(), 2);
  EXPECT_EQ(image.latencies_size(), 5);
  EXPECT_EQ(image.full_batch_rows(), image.max_batch_size()) << "no run took time";
  EXPECT_EQ(image.not_fused(), "");
}

TEST_F(ServiceTest, TellsAboutTheProcess) {
  Start();
  const auto introspection = v1::IntrospectionService::NewStub(channel_);
  grpc::ClientContext context;
  v1::GetServerInfoResponse info;
  ASSERT_TRUE(introspection->GetServerInfo(&context, {}, &info).ok());
  EXPECT_EQ(info.compute_threads(), 1);
  EXPECT_EQ(info.startup_state(), v1::STARTUP_STATE_STARTED);
  EXPECT_EQ(info.ready_models(), 3);
  EXPECT_EQ(info.unready_models(), 1);
}

TEST_F(ServiceTest, MethodsNotOfferedSaySoByName) {
  Start();
  for (const std::string method :
       {"RepositoryModelLoad", "RepositoryModelUnload", "SystemSharedMemoryStatus",
        "SystemSharedMemoryRegister", "SystemSharedMemoryUnregister", "CudaSharedMemoryStatus",
        "CudaSharedMemoryRegister", "CudaSharedMemoryUnregister", "TraceSetting", "LogSettings"}) {
    const grpc::Status status = CallRaw("/inference.GRPCInferenceService/" + method, "");
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
    EXPECT_THAT(status.error_message(), HasSubstr(method));
  }
  grpc::ClientContext context;
  const auto stream = stub_->ModelStreamInfer(&context);
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(status.error_message(), HasSubstr("ModelStreamInfer"));
}

}  // namespace
}  // namespace actium::test
