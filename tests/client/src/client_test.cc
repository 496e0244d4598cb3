// The client against a stub server in this process, with a clock that retries do not wait for.
#include "actium/client.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include "client/src/connection.h"
#include "inference/grpc_service.grpc.pb.h"
#include "tests/support/scoped_variable.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using client::CallOptions;
using client::Client;
using client::ClientOptions;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Refuses the next `refusals` inference requests, then answers with the request's id.
class StubService : public inference::GRPCInferenceService::CallbackService {
 public:
  grpc::ServerUnaryReactor* ServerLive(grpc::CallbackServerContext* context,
                                       const inference::ServerLiveRequest*,
                                       inference::ServerLiveResponse* response) override {
    response->set_live(true);
    return Finish(context, grpc::Status::OK);
  }

  grpc::ServerUnaryReactor* ModelInfer(grpc::CallbackServerContext* context,
                                       const inference::ModelInferRequest* request,
                                       inference::ModelInferResponse* response) override {
    ++calls;
    if (request->model_name() == "slow") return new Slow(context);
    const auto token = context->client_metadata().find("authorization");
    if (token != context->client_metadata().end()) {
      authorization = std::string(token->second.data(), token->second.size());
    }
    if (refusals > 0) {
      --refusals;
      if (pushback) context->AddTrailingMetadata("grpc-retry-pushback-ms", *pushback);
      return Finish(context, grpc::Status(refusal, "queue full"));
    }
    response->set_id(request->id());
    return Finish(context, grpc::Status::OK);
  }

  std::atomic<int> calls = 0;
  std::atomic<int> refusals = 0;
  grpc::StatusCode refusal = grpc::StatusCode::UNAVAILABLE;
  std::optional<std::string> pushback;
  std::string authorization;

 private:
  // Answers only once the client has given up.
  class Slow : public grpc::ServerUnaryReactor {
   public:
    explicit Slow(grpc::CallbackServerContext*) {}
    void OnCancel() override { Finish(grpc::Status::CANCELLED); }
    void OnDone() override { delete this; }
  };

  static grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context,
                                          const grpc::Status& status) {
    auto* reactor = context->DefaultReactor();
    reactor->Finish(status);
    return reactor;
  }
};

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
  }
  ~ClientTest() override { server_->Shutdown(std::chrono::system_clock::now()); }

  // A client whose waits are noted in waits_ and take no time; its random number is always 0.
  std::unique_ptr<Client> MakeClient(ClientOptions options = {}) {
    options.address = "127.0.0.1:" + std::to_string(port_);
    client::Surroundings surroundings = {
        .now = [] { return std::chrono::steady_clock::now(); },
        .after =
            [this](nanoseconds delay, std::function<void()> body) {
              waits_.push_back(std::chrono::duration_cast<milliseconds>(delay));
              body();
            },
        .random = [] { return 0.0; }};
    auto channel = grpc::CreateChannel(options.address, grpc::InsecureChannelCredentials());
    return std::make_unique<Client>(
        std::make_unique<client::Connection>(channel, options, surroundings));
  }

  static inference::ModelInferRequest Request(const std::string& model = "mish") {
    inference::ModelInferRequest request;
    request.set_model_name(model);
    request.set_id("7");
    return request;
  }

  StubService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::vector<milliseconds> waits_;  // One call at a time: no lock.
};

TEST_F(ClientTest, ReturnsTheAnswer) {
  const auto answer = MakeClient()->Infer(Request());
  ASSERT_THAT(answer.status(), IsOk());
  EXPECT_EQ(answer->id(), "7");
  EXPECT_EQ(service_.calls, 1);
}

// As on a desktop behind a proxy, and in its containers.
TEST_F(ClientTest, AsksNoProxyForThisMachine) {
  const std::string proxy = "http://127.0.0.1:9";
  const ScopedVariable variables[] = {
      {"http_proxy", proxy}, {"https_proxy", proxy}, {"grpc_proxy", proxy}};
  const auto client = Client::Create({.address = "127.0.0.1:" + std::to_string(port_)});
  ASSERT_THAT(client.status(), IsOk());
  EXPECT_THAT((*client)->Infer(Request()).status(), IsOk());
}

TEST_F(ClientTest, RetriesWithBackoffUntilAnAttemptSucceeds) {
  service_.refusals = 3;
  const auto answer = MakeClient()->Infer(Request());
  ASSERT_THAT(answer.status(), IsOk());
  EXPECT_EQ(service_.calls, 4);
  EXPECT_THAT(waits_, ElementsAre(milliseconds(25), milliseconds(50), milliseconds(100)));
}

TEST_F(ClientTest, GivesUpAfterTheLastAttemptWithTheServersError) {
  service_.refusals = 100;
  EXPECT_THAT(MakeClient()->Infer(Request()).status(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("queue full")));
  EXPECT_EQ(service_.calls, 4);
}

TEST_F(ClientTest, TheBudgetEndsRetriesOfAllCallsTogether) {
  service_.refusals = 1000;
  ClientOptions options;
  options.retry.budget_capacity = 4;
  const auto client = MakeClient(options);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(client->Infer(Request()).ok());
  EXPECT_EQ(service_.calls, 10 + 4);
}

TEST_F(ClientTest, WaitsAsLongAsTheServerAsks) {
  service_.refusals = 1;
  service_.pushback = "321";
  EXPECT_THAT(MakeClient()->Infer(Request()).status(), IsOk());
  EXPECT_THAT(waits_, ElementsAre(milliseconds(321)));
}

TEST_F(ClientTest, DoesNotRetryWhenTheServerForbidsIt) {
  service_.refusals = 1;
  service_.pushback = "-1";
  EXPECT_FALSE(MakeClient()->Infer(Request()).ok());
  EXPECT_EQ(service_.calls, 1);
}

TEST_F(ClientTest, DoesNotRetryWhenTheCallForbidsIt) {
  service_.refusals = 1;
  EXPECT_FALSE(MakeClient()->Infer(Request(), {.timeout = std::nullopt, .retry = false}).ok());
  EXPECT_EQ(service_.calls, 1);
}

TEST_F(ClientTest, DoesNotRetryACallersMistake) {
  service_.refusals = 1;
  service_.refusal = grpc::StatusCode::INVALID_ARGUMENT;
  EXPECT_THAT(MakeClient()->Infer(Request()).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("queue full")));
  EXPECT_EQ(service_.calls, 1);
}

TEST_F(ClientTest, ASlowAnswerExceedsTheDeadline) {
  const auto answer =
      MakeClient()->Infer(Request("slow"), {.timeout = milliseconds(50), .retry = true});
  EXPECT_THAT(answer.status(), StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("")));
  EXPECT_EQ(service_.calls, 1);
}

TEST_F(ClientTest, SendsItsMetadata) {
  ClientOptions options;
  options.metadata = {{"authorization", "Bearer x"}};
  EXPECT_THAT(MakeClient(options)->Infer(Request()).status(), IsOk());
  EXPECT_EQ(service_.authorization, "Bearer x");
}

TEST_F(ClientTest, DestroyingTheClientWaitsForItsCalls) {
  std::atomic<int> answers = 0;
  for (int round = 0; round < 100; ++round) {
    const auto client = MakeClient();
    for (int i = 0; i < 4; ++i) {
      client->InferAsync(std::make_shared<inference::ModelInferRequest>(Request()),
                         [&answers](const auto& answer) { answers += answer.ok() ? 1 : 0; });
    }
  }
  EXPECT_EQ(answers, 400);
}

TEST_F(ClientTest, AMethodThatTheServerLacksIsUnimplemented) {
  EXPECT_THAT(MakeClient()->ServerInfo().status(),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("")));
  EXPECT_THAT(MakeClient()->ModelConfig("mish").status(),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("")));
}

TEST_F(ClientTest, RealRetriesReachAServerToo) {
  service_.refusals = 1;
  ClientOptions options;
  options.address = "127.0.0.1:" + std::to_string(port_);
  options.retry.initial_backoff = milliseconds(1);
  const auto client = Client::Create(options);
  ASSERT_THAT(client.status(), IsOk());
  EXPECT_THAT((*client)->Infer(Request()).status(), IsOk());
  EXPECT_EQ(service_.calls, 2);
  EXPECT_EQ((*client)->ServerLive().value_or(false), true);
}

TEST(ClientOptionsTest, NamesTheOptionThatIsOutOfRange) {
  const auto create = [](auto change) {
    ClientOptions options;
    change(options);
    return Client::Create(options).status();
  };
  EXPECT_THAT(create([](ClientOptions& o) { o.address = ""; }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("address")));
  EXPECT_THAT(create([](ClientOptions& o) { o.timeout = milliseconds(0); }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("timeout must be > 0")));
  EXPECT_THAT(create([](ClientOptions& o) { o.max_message_bytes = int64_t{1} << 31; }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_message_bytes")));
  EXPECT_THAT(create([](ClientOptions& o) {
                o.metadata = {{"Upper Case", ""}};
              }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'Upper Case'")));
  EXPECT_THAT(create([](ClientOptions& o) {
                o.tls.emplace();
                o.tls->private_key = "key";
              }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("given together")));
}

}  // namespace
}  // namespace actium::test
