// Stopping a server over a real socket.
#include <gmock/gmock.h>

#include <thread>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/server/rpc/server_fixture.h"

namespace actium::test {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using ::testing::HasSubstr;

class DrainTest : public ServerFixture {};

TEST_F(DrainTest, FinishesWhatIsInFlightAndRefusesWhatIsNew) {
  Start();
  gate_.Close();
  std::thread running([&] {
    const grpc::Status status = Infer(ImageRequest("gate"));
    EXPECT_TRUE(status.ok()) << status.error_message();
  });
  gate_.WaitForRuns(1);
  std::thread drain([&] { EXPECT_EQ(server_->Drain(std::chrono::minutes(1)), 0); });
  // Requests are refused from some moment on; until then they are answered.
  grpc::Status status;
  bool told_to_retry = false;
  do {
    grpc::ClientContext context;
    status = Infer(ImageRequest("pair"), nullptr, &context);
    told_to_retry = context.GetServerTrailingMetadata().count("grpc-retry-pushback-ms") == 1;
  } while (status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("stopping"));
  EXPECT_TRUE(told_to_retry);
  grpc::ClientContext context;
  ::inference::ServerReadyResponse ready;
  ASSERT_TRUE(stub_->ServerReady(&context, {}, &ready).ok());
  EXPECT_FALSE(ready.ready());
  gate_.Open();
  running.join();
  drain.join();
}

TEST_F(DrainTest, CutsOffWhatTakesLongerThanTheGrace) {
  Start();
  gate_.Close();
  grpc::Status status;
  std::thread running([&] { status = Infer(ImageRequest("gate")); });
  gate_.WaitForRuns(1);
  std::thread drain([&] { EXPECT_EQ(server_->Drain(std::chrono::nanoseconds(0)), 1); });
  running.join();
  EXPECT_FALSE(status.ok());
  gate_.Open();
  drain.join();
}

TEST_F(DrainTest, AnIdleServerStopsAtOnceAlthoughSomebodyWatchesItsHealth) {
  Start();
  const auto health = Health::NewStub(channel_);
  grpc::ClientContext context;
  const auto watch = health->Watch(&context, {});
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  std::thread drain([&] { EXPECT_EQ(server_->Drain(std::chrono::minutes(1)), 0); });
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  drain.join();
}

class HealthTest : public ServerFixture {};

TEST_F(HealthTest, CheckFollowsTheStartOfTheServer) {
  Start(/*load=*/false);
  const auto health = Health::NewStub(channel_);
  const auto check = [&](const std::string& service, HealthCheckResponse& response) {
    grpc::ClientContext context;
    HealthCheckRequest request;
    request.set_service(service);
    return health->Check(&context, request, &response);
  };
  HealthCheckResponse response;
  for (const char* service :
       {"", "inference.GRPCInferenceService", "actium.v1.IntrospectionService"}) {
    ASSERT_TRUE(check(service, response).ok());
    EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  }
  ASSERT_TRUE(server_->LoadModels().ok());
  ASSERT_TRUE(check("inference.GRPCInferenceService", response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  EXPECT_EQ(check("unknown", response).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(HealthTest, WatchTellsEachChangeAndUnknownServices) {
  Start(/*load=*/false);
  const auto health = Health::NewStub(channel_);
  grpc::ClientContext context, unknown_context;
  HealthCheckRequest unknown;
  unknown.set_service("unknown");
  const auto watch = health->Watch(&context, {});
  const auto unknown_watch = health->Watch(&unknown_context, unknown);
  HealthCheckResponse response;
  ASSERT_TRUE(unknown_watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVICE_UNKNOWN);
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  ASSERT_TRUE(server_->LoadModels().ok());
  ASSERT_TRUE(watch->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  context.TryCancel();
  EXPECT_FALSE(watch->Read(&response));
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

class ReflectionTest : public ServerFixture {};

TEST_F(ReflectionTest, ListsAllServices) {
  Start();
  // A ServerReflectionRequest whose field list_services (7) is the empty string; there is no
  // generated code for the protocol in gRPC's packages.
  const std::string list_services("\x3a\x00", 2);
  const grpc::internal::RpcMethod method(
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
      grpc::internal::RpcMethod::BIDI_STREAMING, channel_);
  grpc::ClientContext context;
  const std::unique_ptr<grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream(
      grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(
          channel_.get(), method, &context));
  const grpc::Slice slice(list_services);
  ASSERT_TRUE(stream->Write(grpc::ByteBuffer(&slice, 1)));
  grpc::ByteBuffer reply;
  ASSERT_TRUE(stream->Read(&reply));
  grpc::Slice whole;
  ASSERT_TRUE(reply.DumpToSingleSlice(&whole).ok());
  const std::string text(reinterpret_cast<const char*>(whole.begin()), whole.size());
  for (const char* service : {"inference.GRPCInferenceService", "actium.v1.IntrospectionService",
                              "grpc.health.v1.Health"}) {
    EXPECT_THAT(text, HasSubstr(service));
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace actium::test
