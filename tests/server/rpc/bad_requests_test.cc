// Wrong requests over a real socket: the right code, a message that names the field, and a server
// that goes on.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "actium/v1/introspection.grpc.pb.h"
#include "tests/server/rpc/server_fixture.h"

namespace actium::test {
namespace {

using ::inference::ModelInferRequest;
using ::testing::HasSubstr;
using Code = grpc::StatusCode;

class BadRequestsTest : public ServerFixture {
 protected:
  v1::DroppedRequests Dropped(const std::string& model) {
    const auto introspection = v1::IntrospectionService::NewStub(channel_);
    grpc::ClientContext context;
    v1::GetModelStatisticsRequest request;
    request.set_model(model);
    v1::GetModelStatisticsResponse response;
    EXPECT_TRUE(introspection->GetModelStatistics(&context, request, &response).ok());
    return response.versions(0).dropped();
  }

  // Waits until the server has counted all requests: it counts before it answers, but a client
  // whose deadline has passed does not wait for the answer.
  void WaitUntilIdle() {
    while (server_->in_flight() > 0) std::this_thread::yield();
  }
};

TEST_F(BadRequestsTest, EachHasItsCodeAndNamesTheField) {
  Start();
  struct Case {
    const char* name;
    void (*spoil)(ModelInferRequest&);
    Code code;
    const char* message;
  };
  const Case cases[] = {
      {"unknown model", [](auto& r) { r.set_model_name("mash"); }, Code::NOT_FOUND, "mash"},
      {"unknown version", [](auto& r) { r.set_model_version("7"); }, Code::NOT_FOUND, "7"},
      {"broken model", [](auto& r) { r.set_model_name("broken"); }, Code::FAILED_PRECONDITION,
       "broken"},
      {"long model name", [](auto& r) { r.set_model_name(std::string(1 << 20, 'm')); },
       Code::INVALID_ARGUMENT, "the name of the model must be at most 1024 bytes"},
      {"unknown input", [](auto& r) { r.mutable_inputs(0)->set_name("imago"); },
       Code::INVALID_ARGUMENT, "input 'imago'"},
      {"long input name", [](auto& r) { r.mutable_inputs(0)->set_name(std::string(1 << 20, 'i')); },
       Code::INVALID_ARGUMENT, "the name of an input must be at most 1024 bytes"},
      {"missing input",
       [](auto& r) {
         r.clear_inputs();
         r.clear_raw_input_contents();
       },
       Code::INVALID_ARGUMENT, "input 'image' is missing"},
      {"doubled input",
       [](auto& r) {
         *r.add_inputs() = r.inputs(0);
         r.add_raw_input_contents("abcd");
       },
       Code::INVALID_ARGUMENT, "input 'image': given twice"},
      {"unknown output", [](auto& r) { r.add_outputs()->set_name("probs"); },
       Code::INVALID_ARGUMENT, "output 'probs'"},
      {"datatype", [](auto& r) { r.mutable_inputs(0)->set_datatype("INT8"); },
       Code::INVALID_ARGUMENT, "input 'image': datatype must be UINT8, got INT8"},
      {"shape", [](auto& r) { r.mutable_inputs(0)->set_shape(1, 5); }, Code::INVALID_ARGUMENT,
       "input 'image': dimension 1 must be 4, got 5"},
      {"rank", [](auto& r) { r.mutable_inputs(0)->add_shape(1); }, Code::INVALID_ARGUMENT,
       "input 'image': shape must have 2 dimensions"},
      {"byte count", [](auto& r) { r.set_raw_input_contents(0, "abc"); }, Code::INVALID_ARGUMENT,
       "input 'image': contents must be 4 bytes"},
      {"empty batch", [](auto& r) { r.mutable_inputs(0)->set_shape(0, 0); }, Code::INVALID_ARGUMENT,
       "input 'image': dimension 0 (the batch size) must be at least 1"},
      {"large batch", [](auto& r) { r.mutable_inputs(0)->set_shape(0, 9); }, Code::INVALID_ARGUMENT,
       "must be at most max_batch_size 8, got 9"},
      {"raw and typed",
       [](auto& r) { r.mutable_inputs(0)->mutable_contents()->add_uint_contents(1); },
       Code::INVALID_ARGUMENT, "input 'image': contents and raw_input_contents"},
  };
  for (const Case& test : cases) {
    SCOPED_TRACE(test.name);
    ModelInferRequest request = ImageRequest("image");
    test.spoil(request);
    const grpc::Status status = Infer(request);
    EXPECT_EQ(status.error_code(), test.code);
    EXPECT_THAT(status.error_message(), HasSubstr(test.message));
    EXPECT_LT(status.error_message().size(), 1024u);
    EXPECT_TRUE(Infer(ImageRequest("image")).ok());
  }
}

TEST_F(BadRequestsTest, APayloadThatIsNoMessageIsInvalid) {
  Start();
  const grpc::Status status =
      CallRaw("/inference.GRPCInferenceService/ModelInfer", "\xff\xff\xff\xff nonsense");
  EXPECT_EQ(status.error_code(), Code::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("no inference.ModelInferRequest"));
  EXPECT_TRUE(Infer(ImageRequest("image")).ok());
}

TEST_F(BadRequestsTest, APayloadOfCountlessEmptyInputsIsRefusedBeforeItIsParsed) {
  Start();
  std::string payload;
  for (int i = 0; i < 1'000'000; ++i) payload += std::string_view("\x2a\x00", 2);
  const grpc::Status status = CallRaw("/inference.GRPCInferenceService/ModelInfer", payload);
  EXPECT_EQ(status.error_code(), Code::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("at most 16384 messages"));
  EXPECT_TRUE(Infer(ImageRequest("image")).ok());
}

TEST_F(BadRequestsTest, AnOverLongMessageIsRefused) {
  options_.grpc_max_message_bytes = 4096;
  Start();
  ModelInferRequest request = ImageRequest("image");
  request.set_raw_input_contents(0, std::string(5000, 'x'));
  EXPECT_EQ(Infer(request).error_code(), Code::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(Infer(ImageRequest("image")).ok());
}

TEST_F(BadRequestsTest, ACompressedMessageIsRefusedBeforeItIsUnpacked) {
  Start();
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  EXPECT_EQ(Infer(ImageRequest("image"), nullptr, &context).error_code(), Code::UNIMPLEMENTED);
  EXPECT_TRUE(Infer(ImageRequest("image")).ok());
}

TEST_F(BadRequestsTest, AFullQueueIsUnavailableAndSaysWhenToTryAgain) {
  Start();
  gate_.Close();
  std::thread running([&] { EXPECT_TRUE(Infer(ImageRequest("gate")).ok()); });
  gate_.WaitForRuns(1);
  const auto depth = [this] {
    const auto introspection = v1::IntrospectionService::NewStub(channel_);
    grpc::ClientContext context;
    v1::GetModelStatisticsRequest request;
    request.set_model("gate");
    v1::GetModelStatisticsResponse response;
    EXPECT_TRUE(introspection->GetModelStatistics(&context, request, &response).ok());
    return response.versions(0).queue_depth();
  };
  EXPECT_EQ(depth(), 0);
  // One of these two waits, the other finds the queue full; which is chance.
  std::atomic<int> refused = 0, answered = 0;
  const auto client = [&] {
    grpc::ClientContext context;
    const grpc::Status status = Infer(ImageRequest("gate"), nullptr, &context);
    if (status.ok()) {
      ++answered;
      return;
    }
    EXPECT_EQ(status.error_code(), Code::UNAVAILABLE);
    EXPECT_THAT(status.error_message(), HasSubstr("max_queue_size is 1"));
    EXPECT_EQ(context.GetServerTrailingMetadata().count("grpc-retry-pushback-ms"), 1u);
    ++refused;
  };
  std::thread first(client), second(client);
  while (refused == 0) std::this_thread::yield();
  EXPECT_EQ(depth(), 1);
  gate_.Open();
  for (std::thread* const thread : {&running, &first, &second}) thread->join();
  EXPECT_EQ(refused, 1);
  EXPECT_EQ(answered, 1);
  EXPECT_EQ(Dropped("gate").queue_full(), 1);
}

TEST_F(BadRequestsTest, ADeadlineThatPassesInTheQueueIsCountedAsExpired) {
  Start();
  // On a busy machine a deadline may pass before the request arrives, or reach the server as a
  // cancellation long before the server's own, which started late: then once more.
  for (int tries = 0; tries < 100 && Dropped("gate").expired() == 0; ++tries) {
    gate_.Close();
    std::thread running([&] { EXPECT_TRUE(Infer(ImageRequest("gate")).ok()); });
    gate_.WaitForRuns(1);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(20));
    EXPECT_EQ(Infer(ImageRequest("gate"), nullptr, &context).error_code(), Code::DEADLINE_EXCEEDED);
    gate_.Open();
    running.join();
    WaitUntilIdle();
  }
  EXPECT_EQ(Dropped("gate").expired(), 1);
}

TEST_F(BadRequestsTest, TheTimeoutParameterLimitsTheWaitInTheQueue) {
  Start();
  gate_.Close();
  std::thread running([&] { EXPECT_TRUE(Infer(ImageRequest("gate")).ok()); });
  gate_.WaitForRuns(1);
  std::thread waiting([&] {
    ModelInferRequest request = ImageRequest("gate");
    (*request.mutable_parameters())["timeout"].set_int64_param(1);
    EXPECT_EQ(Infer(request).error_code(), Code::DEADLINE_EXCEEDED);
  });
  while (server_->in_flight() < 2) std::this_thread::yield();
  gate_.Open();
  running.join();
  waiting.join();
  EXPECT_EQ(Dropped("gate").expired(), 1);
}

TEST_F(BadRequestsTest, ACancelledCallIsNotRun) {
  Start();
  // Nothing tells when a cancellation has reached the server; one that comes too late is tried
  // again.
  for (int tries = 0; tries < 100 && Dropped("gate").cancelled() == 0; ++tries) {
    gate_.Close();
    std::thread running([&] { EXPECT_TRUE(Infer(ImageRequest("gate")).ok()); });
    gate_.WaitForRuns(1);
    grpc::ClientContext context;
    std::thread waiting([&] {
      EXPECT_EQ(Infer(ImageRequest("gate"), nullptr, &context).error_code(), Code::CANCELLED);
    });
    while (server_->in_flight() < 2) std::this_thread::yield();
    context.TryCancel();
    waiting.join();
    // A round trip behind the cancellation; refused, because the only worker waits at the gate.
    EXPECT_EQ(Infer(ImageRequest("image", "")).error_code(), Code::INVALID_ARGUMENT);
    gate_.Open();
    running.join();
    WaitUntilIdle();
  }
  EXPECT_EQ(Dropped("gate").cancelled(), 1);
}

TEST_F(BadRequestsTest, MoreRequestsThanTheLimitAreRefused) {
  options_.max_requests_in_flight = 1;
  Start();
  gate_.Close();
  std::thread running([&] { EXPECT_TRUE(Infer(ImageRequest("gate")).ok()); });
  gate_.WaitForRuns(1);
  const grpc::Status status = Infer(ImageRequest("image"));
  gate_.Open();
  running.join();
  EXPECT_EQ(status.error_code(), Code::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("--max-requests-in-flight is 1"));
}

}  // namespace
}  // namespace actium::test
