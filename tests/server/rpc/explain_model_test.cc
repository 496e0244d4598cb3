// ExplainModel over a real socket, of fake models.
#include <gmock/gmock.h>

#include <chrono>
#include <string>
#include <thread>

#include "actium/v1/introspection.grpc.pb.h"
#include "tests/server/rpc/server_fixture.h"

namespace actium::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ExplainModelTest : public ServerFixture {
 protected:
  void SetUp() override {
    repository_.Write("image/3/model.pt", "fake-model\nweights ab12\nactivation mish\n");
    Start();
    introspection_ = v1::IntrospectionService::NewStub(channel_);
  }

  static v1::ExplainModelRequest Of(const std::string& model, int batch_size = 0) {
    v1::ExplainModelRequest request;
    request.set_model(model);
    request.set_batch_size(batch_size);
    return request;
  }

  grpc::Status Explain(const v1::ExplainModelRequest& request,
                       v1::ExplainModelResponse* response = nullptr) {
    grpc::ClientContext context;
    v1::ExplainModelResponse ignored;
    return introspection_->ExplainModel(&context, request,
                                        response == nullptr ? &ignored : response);
  }

  v1::ExplainModelResponse Explained(const v1::ExplainModelRequest& request) {
    v1::ExplainModelResponse response;
    const grpc::Status status = Explain(request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  std::unique_ptr<v1::IntrospectionService::Stub> introspection_;
};

TEST_F(ExplainModelTest, TellsWhatTheEngineTells) {
  const v1::ExplainModelResponse image = Explained(Of("image", 4));
  EXPECT_EQ(image.model(), "image");
  EXPECT_EQ(image.version(), 3);
  EXPECT_EQ(image.engine(), "fake");
  EXPECT_EQ(image.precision(), "fp32");
  EXPECT_EQ(image.sha256().size(), 64u);
  EXPECT_EQ(image.weights_sha256(), "ab12");
  EXPECT_EQ(image.batch_size(), 4);
  EXPECT_THAT(image.activations(), ElementsAre("mish"));
  EXPECT_THAT(image.notes(), ElementsAre("a fake fuses nothing"));
  ASSERT_EQ(image.steps_size(), 2);
  const v1::ExplainedStep& mix = image.steps(0);
  EXPECT_EQ(mix.kind(), "fake::mix");
  EXPECT_EQ(mix.name(), "mix");
  EXPECT_THAT(mix.model_inputs(), ElementsAre("image"));
  EXPECT_THAT(mix.output_shape(), ElementsAre(4, 3));
  EXPECT_EQ(mix.output_dtype(), "FP32");
  EXPECT_THAT(mix.fused(), ElementsAre("bias"));
  EXPECT_EQ(mix.source(), "model.py:7");
  EXPECT_EQ(mix.flops(), 24);
  EXPECT_EQ(mix.bytes(), 96);
  const v1::ExplainedStep& bend = image.steps(1);
  EXPECT_THAT(bend.inputs(), ElementsAre(0));
  EXPECT_EQ(bend.activation(), "mish");
  EXPECT_FALSE(bend.has_flops());
}

TEST_F(ExplainModelTest, TimesUnlessToldNotTo) {
  v1::ExplainModelRequest request = Of("image");
  const v1::ExplainModelResponse timed = Explained(request);
  EXPECT_EQ(timed.batch_size(), 1);
  EXPECT_EQ(timed.timed_runs(), 10);
  EXPECT_EQ(timed.total_ns(), 5000);
  EXPECT_EQ(timed.steps(0).time_ns(), 3000);
  EXPECT_DOUBLE_EQ(timed.steps(0).share(), 0.6);

  request.set_without_times(true);
  const v1::ExplainModelResponse untimed = Explained(request);
  EXPECT_EQ(untimed.timed_runs(), 0);
  EXPECT_FALSE(untimed.steps(0).has_time_ns());
  EXPECT_FALSE(untimed.steps(0).has_share());
}

TEST_F(ExplainModelTest, AModelWithoutBatchDimensionHasNoBatchSize) {
  const v1::ExplainModelResponse pair = Explained(Of("pair", 1));
  EXPECT_EQ(pair.batch_size(), 0);
  EXPECT_EQ(pair.weights_sha256(), "");
  EXPECT_THAT(pair.activations(), IsEmpty());
}

TEST_F(ExplainModelTest, WrongRequestsAreRefusedWithTheReason) {
  const auto error = [&](const v1::ExplainModelRequest& request, grpc::StatusCode code) {
    const grpc::Status status = Explain(request);
    EXPECT_EQ(status.error_code(), code) << status.error_message();
    return status.error_message();
  };
  using grpc::StatusCode;
  EXPECT_THAT(error(Of(""), StatusCode::INVALID_ARGUMENT), HasSubstr("model must be given"));
  EXPECT_THAT(error(Of("image", 9), StatusCode::INVALID_ARGUMENT),
              AllOf(HasSubstr("batch_size"), HasSubstr("[1, 8]"), HasSubstr("got 9")));
  EXPECT_THAT(error(Of("image", -1), StatusCode::INVALID_ARGUMENT), HasSubstr("got -1"));
  EXPECT_THAT(error(Of("pair", 2), StatusCode::INVALID_ARGUMENT), HasSubstr("[1, 1]"));
  EXPECT_THAT(error(Of("nosuch"), StatusCode::NOT_FOUND), HasSubstr("'nosuch'"));
  EXPECT_THAT(error(Of("broken"), StatusCode::FAILED_PRECONDITION), HasSubstr("'broken'"));
  v1::ExplainModelRequest version = Of("image");
  version.set_version(7);
  EXPECT_THAT(error(version, StatusCode::NOT_FOUND), HasSubstr("no version 7"));
  version.set_version(-1);
  EXPECT_THAT(error(version, StatusCode::INVALID_ARGUMENT), HasSubstr("got -1"));
}

TEST_F(ExplainModelTest, ThereIsOneAtATimeAndItCanBeCancelled) {
  gate_.Close();
  grpc::ClientContext context;
  grpc::Status first;
  std::thread explaining([&] {
    v1::ExplainModelResponse response;
    first = introspection_->ExplainModel(&context, Of("gate"), &response);
  });
  gate_.WaitForRuns(1);
  const grpc::Status second = Explain(Of("image"));
  EXPECT_EQ(second.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(second.error_message(), HasSubstr("one at a time"));

  context.TryCancel();
  explaining.join();
  EXPECT_EQ(first.error_code(), grpc::StatusCode::CANCELLED);
  gate_.Open();
  grpc::Status status;
  do {  // The run under way ends first.
    status = Explain(Of("image"));
  } while (status.error_code() == grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(ExplainModelTest, IsNotCountedAsServing) {
  Explained(Of("image"));
  grpc::ClientContext context;
  v1::GetModelStatisticsRequest request;
  request.set_model("image");
  v1::GetModelStatisticsResponse response;
  ASSERT_TRUE(introspection_->GetModelStatistics(&context, request, &response).ok());
  EXPECT_EQ(response.versions(0).batches(), 0);
}

TEST_F(ExplainModelTest, AServerThatStopsTakesNoneAndWaitsForTheRunUnderWay) {
  gate_.Close();
  std::thread explaining([&] { Explain(Of("gate")); });
  gate_.WaitForRuns(1);
  std::thread draining([&] { EXPECT_EQ(server_->Drain(std::chrono::seconds(1)), 0); });
  grpc::Status refusal;
  do {
    refusal = Explain(Of("image"));
  } while (refusal.error_message().find("one at a time") != std::string::npos);
  EXPECT_FALSE(refusal.ok());
  gate_.Open();
  draining.join();
  explaining.join();
  server_.reset();
}

}  // namespace
}  // namespace actium::test
