#include "server/inference/inference_core.h"

#include <gmock/gmock.h>

#include <future>
#include <string>
#include <vector>

#include "tests/support/fake_loader.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::inference {
namespace {

using batching::InferRequest;
using batching::InferResponse;
using test::StatusIs;
using ::testing::HasSubstr;

constexpr const char* kConfig = R"(
max_batch_size: 4
input { name: "x" data_type: TYPE_UINT8 dims: [ 4 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 10 ] }
)";

// Keeps what it is told. Thread-safe.
class OutcomeList final : public observe::Recorder {
 public:
  void OnRequest(const observe::RequestOutcome& outcome) override {
    base::MutexLock lock(mutex_);
    outcomes_.push_back(outcome);
  }
  void OnBatch(const observe::BatchOutcome&) override {}

  // Of requests; warm-up is none.
  std::vector<observe::RequestOutcome> outcomes() {
    base::MutexLock lock(mutex_);
    return outcomes_;
  }

 private:
  base::Mutex mutex_;
  std::vector<observe::RequestOutcome> outcomes_ ABSL_GUARDED_BY(mutex_);
};

class InferenceCoreTest : public ::testing::Test {
 protected:
  InferenceCoreTest() {
    folder_.Write("m/config.pbtxt", kConfig);
    folder_.Write("m/2/model.pt", "fake-model\n");
    folder_.Write("failing/config.pbtxt", kConfig);
    folder_.Write("failing/1/model.pt", "fake-model\nfail_load no weights\n");
    ACTIUM_CHECK(repository_.LoadAll().ok());
  }

  static InferRequest Request(const std::string& model) {
    static const std::string kPixels = "abcd";
    InferRequest request;
    request.model = model;
    batching::InputView input{
        .name = "x", .dtype = tensor::DType::kUint8, .shape = {1, 4}, .pieces = {}};
    input.pieces.push_back({.bytes = std::as_bytes(std::span(kPixels))});
    request.inputs.push_back(std::move(input));
    return request;
  }

  absl::StatusOr<InferResponse> Infer(InferRequest request) {
    std::promise<absl::StatusOr<InferResponse>> answer;
    core_.Infer(std::move(request), [&](absl::StatusOr<InferResponse> response) {
      answer.set_value(std::move(response));
    });
    return answer.get_future().get();
  }

  test::TempRepository folder_;
  test::FakeLoader loader_;
  OutcomeList recorder_;
  batching::DevicePools pools_{{{.workers = 1}}, base::SteadyClock(), recorder_};
  repository::ModelRepository repository_{
      {.roots = {folder_.root()}, .strict_model_config = false}, loader_, pools_};
  InferenceCore core_{repository_, base::SteadyClock(), recorder_};
};

TEST_F(InferenceCoreTest, AnswersWithTheVersionThatServed) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const InferResponse response, Infer(Request("m")));
  EXPECT_EQ(response.served_by->model, "m");
  EXPECT_EQ(response.served_by->version, 2);
  ASSERT_EQ(response.outputs.size(), 1u);
  EXPECT_EQ(response.outputs[0].name, "y");
  EXPECT_EQ(response.outputs[0].bytes.size(), 40u);
}

TEST_F(InferenceCoreTest, RecordsEachRequestOnceBeforeItsAnswer) {
  ACTIUM_ASSERT_OK(Infer(Request("m")));
  ASSERT_EQ(recorder_.outcomes().size(), 1u);
  const observe::RequestOutcome served = recorder_.outcomes()[0];
  EXPECT_EQ(served.code, absl::StatusCode::kOk);
  EXPECT_EQ(served.model->model, "m");
  EXPECT_EQ(served.rows, 1);
  EXPECT_EQ(served.dropped, observe::DropReason::kNone);
  EXPECT_GE(served.total, served.stages.queue);

  InferRequest wrong = Request("m");
  wrong.inputs[0].shape = {1, 5};
  EXPECT_THAT(Infer(std::move(wrong)),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("input 'x'")));
  ASSERT_EQ(recorder_.outcomes().size(), 2u);
  const observe::RequestOutcome refused = recorder_.outcomes()[1];
  EXPECT_EQ(refused.code, absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(refused.model->model, "m");
  EXPECT_EQ(refused.dropped, observe::DropReason::kInvalid);

  EXPECT_THAT(Infer(Request("unknown")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("unknown")));
  ASSERT_EQ(recorder_.outcomes().size(), 3u);
  EXPECT_EQ(recorder_.outcomes()[2].model, nullptr);
}

TEST_F(InferenceCoreTest, SaysWhyAModelIsNotReady) {
  EXPECT_THAT(Infer(Request("failing")),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no weights")));
}

TEST_F(InferenceCoreTest, ADeadlineThatHasPassedIsNotRun) {
  InferRequest request = Request("m");
  request.deadline = base::SteadyClock().Now() - std::chrono::seconds(1);
  EXPECT_THAT(Infer(std::move(request)),
              StatusIs(absl::StatusCode::kDeadlineExceeded, ::testing::_));
  EXPECT_EQ(recorder_.outcomes().back().dropped, observe::DropReason::kExpired);
}

TEST_F(InferenceCoreTest, ACancelledRequestIsNotRun) {
  InferRequest request = Request("m");
  request.cancellation = std::make_shared<batching::Cancellation>();
  request.cancellation->Cancel();
  EXPECT_THAT(Infer(std::move(request)), StatusIs(absl::StatusCode::kCancelled, ::testing::_));
  EXPECT_EQ(recorder_.outcomes().back().dropped, observe::DropReason::kCancelled);
}

TEST_F(InferenceCoreTest, ClassifiesTheOutputsThatAskForIt) {
  InferRequest request = Request("m");
  request.outputs = {{.name = "y", .destination = std::nullopt, .classification = 2}};
  ACTIUM_ASSERT_OK_AND_ASSIGN(const InferResponse response, Infer(std::move(request)));
  EXPECT_EQ(response.outputs[0].dtype, tensor::DType::kBytes);
  EXPECT_THAT(response.outputs[0].shape, ::testing::ElementsAre(1, 2));
}

// Sends "alias" to version 2 of "m".
class AliasRouter final : public Router {
 public:
  absl::StatusOr<Route> Resolve(const InferRequest& request) override {
    if (request.model != "alias") return absl::NotFoundError("only 'alias' is routed");
    return Route{.model = "m", .version = 2, .parameters = {{"variant", std::string("m")}}};
  }
};

class CountingTap final : public ResponseTap {
 public:
  void OnResponse(const Route&, const absl::StatusOr<InferResponse>& answer) override {
    (answer.ok() ? answers : errors)++;
  }
  std::atomic<int> answers = 0;
  std::atomic<int> errors = 0;
};

TEST_F(InferenceCoreTest, FollowsTheRouterAndShowsTheTapEveryAnswer) {
  AliasRouter router;
  CountingTap tap;
  core_.set_router(&router);
  core_.set_tap(&tap);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const InferResponse response, Infer(Request("alias")));
  EXPECT_EQ(response.served_by->model, "m");
  EXPECT_EQ(std::get<std::string>(response.parameters.at("variant")), "m");
  EXPECT_THAT(Infer(Request("m")), StatusIs(absl::StatusCode::kNotFound, HasSubstr("routed")));
  EXPECT_EQ(tap.answers, 1);
  EXPECT_EQ(tap.errors, 1);
}

}  // namespace
}  // namespace actium::inference
