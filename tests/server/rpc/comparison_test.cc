// Comparisons over a real socket.
#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "actium/v1/comparison.grpc.pb.h"
#include "tests/server/rpc/server_fixture.h"
#include "tests/support/npy_file.h"

namespace actium::test {
namespace {

using ::testing::HasSubstr;

class ComparisonTest : public ServerFixture {
 protected:
  // One call, from the client's side.
  struct Call {
    explicit Call(v1::ComparisonService::Stub& stub) : stream(stub.CompareAccuracy(&context)) {}

    grpc::ClientContext context;
    std::unique_ptr<
        grpc::ClientReaderWriter<v1::CompareAccuracyRequest, v1::CompareAccuracyResponse>>
        stream;

    // Sends the last message, reads all answers and returns how the call ended.
    grpc::Status End() {
      stream->WritesDone();
      v1::CompareAccuracyResponse response;
      while (stream->Read(&response)) {
        if (response.has_report()) report = response.report();
      }
      return stream->Finish();
    }

    v1::AccuracyReport report;
  };

  void SetUp() override {
    data_.Write("pixels/image.npy", NpyFile("|u1", "(3, 4)", "abcdefghijkl"));
    data_.Write("pixels/labels.npy", NpyFile("|u1", "(3,)", std::string("\1\2\3")));
    options_.comparison_data = data_.root();
    Start();
    comparison_ = v1::ComparisonService::NewStub(channel_);
  }

  Call Begin() { return Call(*comparison_); }

  static v1::CompareAccuracyRequest Variants() {
    v1::CompareAccuracyRequest message;
    message.mutable_setup()->add_variants("image");
    message.mutable_setup()->add_variants("gate");
    return message;
  }

  // So many rows of four pixels.
  static v1::CompareAccuracyRequest Examples(int rows) {
    v1::CompareAccuracyRequest message;
    auto& input = *message.mutable_examples()->mutable_inputs()->add_inputs();
    input.set_name("image");
    input.set_datatype("UINT8");
    input.add_shape(rows);
    input.add_shape(4);
    std::string& pixels = *message.mutable_examples()->mutable_inputs()->add_raw_input_contents();
    for (int i = 0; i < rows; ++i) {
      pixels += static_cast<char>(i);
      pixels += "abc";
      message.mutable_examples()->add_labels(i % 10);
    }
    return message;
  }

  static v1::CompareAccuracyRequest DataSet(const std::string& name) {
    v1::CompareAccuracyRequest message = Variants();
    message.mutable_setup()->set_data_set(name);
    return message;
  }

  TempRepository data_;
  std::unique_ptr<v1::ComparisonService::Stub> comparison_;
};

TEST_F(ComparisonTest, EndsWithAReport) {
  Call call = Begin();
  ASSERT_TRUE(call.stream->Write(Variants()));
  ASSERT_TRUE(call.stream->Write(Examples(20)));
  ASSERT_TRUE(call.stream->Write(Examples(1)));
  const grpc::Status status = call.End();
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(call.report.examples(), 21);
  EXPECT_EQ(call.report.classes(), 10);
  EXPECT_EQ(call.report.labels(9), "nine");
  EXPECT_EQ(call.report.contrasts(0).agreement().value(), 1.0) << "fakes answer alike";
  EXPECT_EQ(call.report.variants(0).engine(), "fake");
}

TEST_F(ComparisonTest, ReadsADataSetOfItsOwn) {
  Call call = Begin();
  ASSERT_TRUE(call.stream->Write(DataSet("pixels")));
  const grpc::Status status = call.End();
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(call.report.examples(), 3);
  EXPECT_TRUE(call.report.labelled());
}

TEST_F(ComparisonTest, ADataSetIsOneOfItsOwnAndComesAlone) {
  const auto error = [&](std::vector<v1::CompareAccuracyRequest> messages) {
    Call call = Begin();
    for (const auto& message : messages) call.stream->Write(message);
    return call.End();
  };
  EXPECT_EQ(error({DataSet("../pixels")}).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(error({DataSet("nothing")}).error_code(), grpc::StatusCode::NOT_FOUND);
  const grpc::Status both = error({DataSet("pixels"), Examples(1)});
  EXPECT_EQ(both.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(both.error_message(), HasSubstr("must not be sent beside a data_set"));
}

TEST_F(ComparisonTest, WithoutComparisonDataThereIsNoDataSet) {
  server_.reset();
  options_.comparison_data.clear();
  Start();
  comparison_ = v1::ComparisonService::NewStub(channel_);
  Call call = Begin();
  call.stream->Write(DataSet("pixels"));
  const grpc::Status status = call.End();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("--comparison-data"));
}

TEST_F(ComparisonTest, ServingStatisticsDoNotCountIt) {
  Call call = Begin();
  call.stream->Write(Variants());
  call.stream->Write(Examples(5));
  ASSERT_TRUE(call.End().ok());
  grpc::ClientContext context;
  ::inference::ModelStatisticsRequest request;
  request.set_name("image");
  ::inference::ModelStatisticsResponse response;
  ASSERT_TRUE(stub_->ModelStatistics(&context, request, &response).ok());
  EXPECT_EQ(response.model_stats(0).inference_count(), 0u);
}

TEST_F(ComparisonTest, WrongMessagesEndItWithTheReason) {
  const auto error = [&](std::vector<v1::CompareAccuracyRequest> messages) {
    Call call = Begin();
    for (const auto& message : messages) call.stream->Write(message);
    const grpc::Status status = call.End();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return status.error_message();
  };
  EXPECT_THAT(error({}), HasSubstr("first message must have a setup"));
  EXPECT_THAT(error({Examples(1)}), HasSubstr("first message must have a setup"));
  EXPECT_THAT(error({Variants()}), HasSubstr("at least 1"));
  EXPECT_THAT(error({Variants(), Variants()}), HasSubstr("must have examples"));
  auto wrong_type = Examples(1);
  wrong_type.mutable_examples()->mutable_inputs()->mutable_inputs(0)->set_datatype("FP32");
  EXPECT_THAT(error({Variants(), wrong_type}), HasSubstr("'image'"));
  auto short_of_bytes = Examples(2);
  short_of_bytes.mutable_examples()->mutable_inputs()->set_raw_input_contents(0, "abcd");
  EXPECT_THAT(error({Variants(), short_of_bytes}), HasSubstr("input 'image'"));
  auto bomb = Examples(1);
  for (int i = 0; i < 20000; ++i) bomb.mutable_examples()->add_ids("");
  EXPECT_THAT(error({Variants(), bomb}), HasSubstr("at most 16384"));
}

TEST_F(ComparisonTest, OneRunsAtATimeAndAClientThatVanishesLeavesNothing) {
  Call first = Begin();
  ASSERT_TRUE(first.stream->Write(Variants()));
  ASSERT_TRUE(first.stream->Write(Examples(1)));

  Call second = Begin();
  second.stream->Write(Variants());
  const grpc::Status refused = second.End();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(refused.error_message(), HasSubstr("another comparison runs"));
  EXPECT_EQ(second.context.GetServerTrailingMetadata().count("grpc-retry-pushback-ms"), 1u);

  first.context.TryCancel();
  first.stream->Finish();
  grpc::Status status;
  do {  // The server hears of it some time later.
    Call next = Begin();
    next.stream->Write(Variants());
    next.stream->Write(Examples(1));
    status = next.End();
  } while (status.error_code() == grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(ComparisonTest, CancellingReachesWhatWaitsForAnInference) {
  gate_.Close();
  Call call = Begin();
  call.stream->Write(Variants());
  call.stream->Write(Examples(2));
  gate_.WaitForRuns(1);
  call.context.TryCancel();
  gate_.Open();
  EXPECT_EQ(call.End().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(ComparisonTest, DoesNotKeepAServerThatStops) {
  Call call = Begin();
  ASSERT_TRUE(call.stream->Write(Variants()));
  ASSERT_TRUE(call.stream->Write(Examples(1)));
  EXPECT_EQ(server_->Drain(std::chrono::seconds(1)), 0);
  server_.reset();
  EXPECT_FALSE(call.End().ok());
}

TEST_F(ComparisonTest, LatencyEndsWithAReportAfterProgress) {
  v1::CompareLatencyRequest request;
  request.add_variants("image");
  request.add_variants("gate");
  request.set_rounds(3);
  grpc::ClientContext context;
  const auto stream = comparison_->CompareLatency(&context, request);
  v1::CompareLatencyResponse response;
  v1::LatencyProgress last;
  v1::LatencyReport report;
  while (stream->Read(&response)) {
    if (response.has_progress()) last = response.progress();
    if (response.has_report()) report = response.report();
  }
  const grpc::Status status = stream->Finish();
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(last.measured_rounds(), 3);
  EXPECT_GE(last.warm_up_rounds(), 3);
  EXPECT_EQ(report.rounds(), 3);
  EXPECT_EQ(report.cells_size(), 2);
  EXPECT_EQ(report.cells(0).engine(), "fake");
}

TEST_F(ComparisonTest, WrongLatencyRequestsEndWithTheReason) {
  v1::CompareLatencyRequest request;
  request.add_variants("image");
  request.add_variants("gate");
  *request.mutable_inputs() = Examples(1).examples().inputs();
  request.mutable_inputs()->set_raw_input_contents(0, "abc");
  grpc::ClientContext context;
  const auto stream = comparison_->CompareLatency(&context, request);
  v1::CompareLatencyResponse response;
  EXPECT_FALSE(stream->Read(&response));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("input 'image'"));
}

v1::CompareOutputsRequest OutputsRequest(const v1::CompareAccuracyRequest& examples) {
  v1::CompareOutputsRequest request;
  request.add_variants("image");
  request.add_variants("gate");
  *request.mutable_inputs() = examples.examples().inputs();
  return request;
}

TEST_F(ComparisonTest, OutputsStandSideBySide) {
  const v1::CompareOutputsRequest request = OutputsRequest(Examples(1));
  grpc::ClientContext context;
  v1::OutputsReport report;
  const grpc::Status status = comparison_->CompareOutputs(&context, request, &report);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(report.rows(), 1);
  EXPECT_EQ(report.classes(), 10);
  EXPECT_EQ(report.labels(9), "nine");
  ASSERT_EQ(report.variants_size(), 2);
  EXPECT_EQ(report.variants(1).scores_size(), 10);
  EXPECT_EQ(report.variants(1).agreement(), 1.0);
  EXPECT_EQ(report.variants(1).largest_difference(), 0.0);
  EXPECT_GT(report.variants(1).served_ns(), 0);
}

TEST_F(ComparisonTest, WrongOutputsRequestsEndWithTheReason) {
  const auto error = [&](const v1::CompareOutputsRequest& request) {
    grpc::ClientContext context;
    v1::OutputsReport report;
    const grpc::Status status = comparison_->CompareOutputs(&context, request, &report);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return status.error_message();
  };
  EXPECT_THAT(error({}), HasSubstr("variants must be 2 to 32"));
  EXPECT_THAT(error(OutputsRequest({})), HasSubstr("inputs: there are none"));
  EXPECT_THAT(error(OutputsRequest(Examples(2))), HasSubstr("inputs: at most"));
  v1::CompareOutputsRequest request = OutputsRequest(Examples(1));
  request.set_output("nothing");
  EXPECT_THAT(error(request), HasSubstr("'nothing'"));
}

// Five seeds of two variants on 100 examples; the second is right on 10 to 14 more.
std::vector<v1::CompareSeedsRequest> SeedsMessages() {
  std::vector<v1::CompareSeedsRequest> messages(1);
  for (int i = 0; i < 100; ++i) messages[0].mutable_setup()->add_labels(i % 10);
  for (const char* variant : {"relu", "mish"}) {
    const bool better = variant == std::string("mish");
    for (int seed = 0; seed < 5; ++seed) {
      const int right = better ? 90 + 2 * seed : 80 + seed;
      v1::SeedPredictions& own = *messages.emplace_back().mutable_predictions();
      own.set_variant(variant);
      own.set_seed(static_cast<uint64_t>(seed));
      for (int i = 0; i < 100; ++i) own.add_predicted(i < right ? i % 10 : -1);
    }
  }
  return messages;
}

TEST_F(ComparisonTest, SeedsSpeakOfActivations) {
  grpc::ClientContext context;
  v1::SeedsReport report;
  const auto stream = comparison_->CompareSeeds(&context, &report);
  for (const auto& message : SeedsMessages()) ASSERT_TRUE(stream->Write(message));
  stream->WritesDone();
  const grpc::Status status = stream->Finish();
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(report.baseline(), "relu");
  ASSERT_EQ(report.contrasts_size(), 1);
  EXPECT_TRUE(report.contrasts(0).paired());
  EXPECT_NEAR(report.contrasts(0).difference().value(), 0.12, 1e-12);
  EXPECT_EQ(report.contrasts(0).verdict(), v1::ACCURACY_VERDICT_BETTER);
}

TEST_F(ComparisonTest, WhoHasTheAnswerMayAskAgainAtOnce) {
  for (int i = 0; i < 200; ++i) {
    grpc::ClientContext context;
    v1::SeedsReport report;
    const auto stream = comparison_->CompareSeeds(&context, &report);
    stream->WritesDone();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  }
}

TEST_F(ComparisonTest, WrongSeedsMessagesEndWithTheReason) {
  const auto error = [&](const std::vector<v1::CompareSeedsRequest>& messages) {
    grpc::ClientContext context;
    v1::SeedsReport report;
    const auto stream = comparison_->CompareSeeds(&context, &report);
    for (const auto& message : messages) stream->Write(message);
    stream->WritesDone();
    const grpc::Status status = stream->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    return status.error_message();
  };
  const auto messages = SeedsMessages();
  EXPECT_THAT(error({}), HasSubstr("first message must have a setup"));
  EXPECT_THAT(error({messages[1]}), HasSubstr("first message must have a setup"));
  EXPECT_THAT(error({messages[0], messages[0]}), HasSubstr("must have predictions"));
  EXPECT_THAT(error({messages[0], messages[1]}), HasSubstr("at least 2 variants"));
  EXPECT_THAT(error({messages[0], messages[1], messages[1]}), HasSubstr("twice"));
}

}  // namespace
}  // namespace actium::test
