// A real server process with fake GPUs: who runs where, and what happens when a device fails.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "actium/client.h"
#include "actium/tensors.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "server/base/status_macros.h"
#include "server/options/flags.h"
#include "tests/integration/health_watch.h"
#include "tests/support/server_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::test {
namespace {

using grpc::health::v1::HealthCheckResponse;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr char kConfig[] = R"(
max_batch_size: 4
input { name: "x" data_type: TYPE_UINT8 dims: [ 4 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 3 ] }
)";
constexpr char kOnGpu[] = "instance_group { kind: KIND_GPU }\n";
constexpr char kOnCpu[] = "instance_group { kind: KIND_CPU }\n";
constexpr char kImportable[] = "fake-model\nimportable 1\n";
constexpr char kSlowOnCpu[] = "fake-model\nimportable 1\nbusy_us 20000\n";
constexpr uint8_t kPoison = 0xee;  // As of tests/support/fake_gpu.h.

class GpuTest : public ::testing::Test {
 protected:
  void Add(const std::string& model, const std::string& more = "",
           const std::string& file = kImportable) {
    files_.Write("models/" + model + "/config.pbtxt", kConfig + more);
    files_.Write("models/" + model + "/1/model.pt", file);
  }

  // gpu: the lines of its file.
  std::string GpuFlag(const std::string& gpu) {
    return "--cuda-plugin=" + files_.Write("gpu", "fake-gpu\n" + gpu).string();
  }

  absl::Status TryStart(std::vector<std::string> more) {
    more.push_back("--model-repository=" + (files_.root() / "models").string());
    ACTIUM_ASSIGN_OR_RETURN(server_, StartServer("actium-fake-server", more));
    ACTIUM_ASSIGN_OR_RETURN(client_, client::Client::Create({.address = server_->address(),
                                                             .retry = {.max_attempts = 1}}));
    return absl::OkStatus();
  }

  static std::shared_ptr<const ::inference::ModelInferRequest> Request(const std::string& model,
                                                                       uint8_t byte) {
    auto request = std::make_shared<::inference::ModelInferRequest>();
    request->set_model_name(model);
    const std::vector<int64_t> shape = {1, 4};
    const std::vector<uint8_t> values(4, byte);
    ACTIUM_EXPECT_OK(client::AddInput<uint8_t>(*request, "x", shape, values));
    return request;
  }

  absl::StatusOr<::inference::ModelInferResponse> Infer(const std::string& model,
                                                        uint8_t byte = 1) {
    return client_->Infer(*Request(model, byte));
  }

  v1::ModelVersionStatistics Statistics(const std::string& model) {
    const auto statistics = client_->DetailedStatistics(model);
    EXPECT_THAT(statistics, IsOk());
    return statistics.ok() ? statistics->versions(0) : v1::ModelVersionStatistics();
  }

  std::string ReasonInIndex(const std::string& model) {
    const auto index = client_->RepositoryIndex();
    EXPECT_THAT(index, IsOk());
    for (const auto& entry : index->models()) {
      if (entry.name() == model) return entry.reason();
    }
    return "not there";
  }

  // Where HTTP answers, by its name in the log: "http" or "metrics".
  std::string HttpAddress(const std::string& name) const {
    const std::string log = server_->Log();
    const size_t at = log.find(" " + name + "=") + name.size() + 2;
    return "http://" + log.substr(at, log.find_first_of(" \n", at) - at);
  }

  HealthCheckResponse::ServingStatus Health() {
    const auto channel =
        grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
    grpc::ClientContext context;
    HealthCheckResponse response;
    grpc::health::v1::Health::NewStub(channel)->Check(&context, {}, &response);
    return response.status();
  }

  TempRepository files_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<client::Client> client_;
};

TEST_F(GpuTest, ModelsAreServedOnBothDevicesAtOnce) {
  Add("auto");
  Add("cpu", kOnCpu);
  Add("odd", "", "fake-model\n");
  ACTIUM_ASSERT_OK(TryStart({GpuFlag("devices 2\n"), "--device=cuda:1", "--gpu-streams=3"}));
  EXPECT_THAT(server_->Log(),
              AllOf(HasSubstr(" gpu available=true device_count=2 name=\"Fake GPU\""),
                    HasSubstr("model_not_on_gpu model=odd reason=")));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto on_gpu, Infer("auto"));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto on_cpu, Infer("cpu"));
  EXPECT_EQ(on_gpu.raw_output_contents(0), on_cpu.raw_output_contents(0));
  ACTIUM_EXPECT_OK(Infer("odd"));
  EXPECT_EQ(Statistics("auto").device(), "cuda:1");
  EXPECT_EQ(Statistics("auto").engine(), "cuda");
  EXPECT_EQ(Statistics("auto").instances(), 3);
  EXPECT_EQ(Statistics("cpu").device(), "cpu");
  EXPECT_EQ(Statistics("cpu").not_on_gpu(), "");
  EXPECT_EQ(Statistics("odd").device(), "cpu");
  EXPECT_THAT(Statistics("odd").not_on_gpu(), HasSubstr("fake::mix: not known"));

  v1::ExplainModelRequest explain;
  explain.set_model("odd");
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto odd, client_->ExplainModel(explain));
  EXPECT_THAT(odd.notes(), Contains("not on a GPU: fake::mix: not known"));
  explain.set_model("auto");
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto explained, client_->ExplainModel(explain));
  EXPECT_EQ(explained.device(), "cuda:1");

  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto info, client_->ServerInfo());
  EXPECT_EQ(info.device(), "cuda:1");
  ASSERT_EQ(info.devices_size(), 3);
  EXPECT_EQ(info.devices(0).device(), "cpu");
  EXPECT_EQ(info.devices(0).workers(), info.compute_threads());
  EXPECT_EQ(info.devices(2).device(), "cuda:1");
  EXPECT_EQ(info.devices(2).workers(), 3);
  EXPECT_EQ(info.devices(2).name(), "Fake GPU");
  EXPECT_EQ(info.devices(2).memory_bytes(), int64_t{1} << 30);
  EXPECT_EQ(info.devices(2).compute_capability(), "9.0");
  EXPECT_TRUE(info.devices(2).healthy());
}

TEST_F(GpuTest, WithoutOneTheCpuServesAllButWhatNeedsOne) {
  Add("auto");
  Add("gpu", kOnGpu);
  ACTIUM_ASSERT_OK(TryStart({GpuFlag("none no driver\n")}));
  EXPECT_THAT(server_->Log(), HasSubstr(" gpu available=false reason=\"no driver\""));
  ACTIUM_EXPECT_OK(Infer("auto"));
  EXPECT_EQ(Statistics("auto").device(), "cpu");
  EXPECT_EQ(Statistics("auto").not_on_gpu(), "");
  EXPECT_THAT(Infer("gpu"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("asks for KIND_GPU")));
  EXPECT_THAT(
      ReasonInIndex("gpu"),
      HasSubstr("model 'gpu': instance_group asks for KIND_GPU: there is no GPU: no driver"));
  EXPECT_EQ(Health(), HealthCheckResponse::SERVING);
}

TEST_F(GpuTest, DeviceCpuTouchesNoGpu) {
  Add("auto");
  ACTIUM_ASSERT_OK(TryStart({GpuFlag("devices 1\n"), "--device=cpu"}));
  EXPECT_THAT(server_->Log(), HasSubstr(" gpu available=false reason=\"--device cpu\""));
  EXPECT_EQ(Statistics("auto").device(), "cpu");
}

TEST_F(GpuTest, AServerThatIsToHaveOneDoesNotStartWithout) {
  Add("auto");
  EXPECT_THAT(TryStart({GpuFlag("none no driver\n"), "--device=cuda"}),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("--device cuda: there is no GPU: no driver")));
  EXPECT_THAT(TryStart({GpuFlag("devices 2\n"), "--device=cuda:2"}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("N must be in [0, 1], got 2")));
  EXPECT_THAT(TryStart({"--cuda-plugin=/no/such.so"}),
              StatusIs(absl::StatusCode::kUnavailable,
                       HasSubstr("--cuda-plugin: there is no file '/no/such.so'")));
}

TEST_F(GpuTest, ADeviceThatFailsEndsReadinessAndTheOthersServeOn) {
  Add("gpu", kOnGpu);
  Add("cpu", kOnCpu);
  ACTIUM_ASSERT_OK(TryStart({GpuFlag("devices 1\n"), "--allow-http=true", "--http-port=0"}));
  httplib::Client http(HttpAddress("http"));
  EXPECT_EQ(http.Get("/readyz")->status, 200);
  EXPECT_EQ(Health(), HealthCheckResponse::SERVING);
  ACTIUM_EXPECT_OK(Infer("gpu"));

  for (const uint8_t byte : {kPoison, uint8_t{1}}) {  // The one that breaks it, and one after.
    EXPECT_THAT(Infer("gpu", byte),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cuda:0 has failed: ")));
  }
  ACTIUM_EXPECT_OK(Infer("cpu"));
  EXPECT_THAT(server_->Log(), HasSubstr("error device_failed device=cuda:0 error=\"an illegal"));
  const auto ready = http.Get("/readyz");
  EXPECT_EQ(ready->status, 503);
  EXPECT_THAT(ready->body, HasSubstr("cuda:0: the device has failed"));
  EXPECT_EQ(http.Get("/healthz")->status, 200);
  EXPECT_EQ(Health(), HealthCheckResponse::NOT_SERVING);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const bool server_ready, client_->ServerReady());
  EXPECT_FALSE(server_ready);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto info, client_->ServerInfo());
  EXPECT_TRUE(info.devices(0).healthy());
  EXPECT_FALSE(info.devices(1).healthy());
  EXPECT_EQ(server_->Terminate(), options::kExitOk) << server_->Log();
}

TEST_F(GpuTest, ModelsMoveToTheCpuWhereThatIsToFollowAFailure) {
  Add("auto");
  ACTIUM_ASSERT_OK(TryStart({GpuFlag("devices 1\n"), "--on-gpu-failure=cpu", "--allow-http=true",
                             "--http-port=0", "--allow-metrics=true", "--metrics-port=0"}));
  HealthWatch watch(server_->address());
  EXPECT_EQ(watch.Next(), HealthCheckResponse::SERVING);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto on_gpu, Infer("auto"));

  EXPECT_THAT(Infer("auto", kPoison),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cuda:0 has failed: ")));
  EXPECT_EQ(watch.Next(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(watch.Next(), HealthCheckResponse::SERVING);

  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto on_cpu, Infer("auto"));
  EXPECT_EQ(on_gpu.raw_output_contents(0), on_cpu.raw_output_contents(0));
  EXPECT_EQ(Statistics("auto").device(), "cpu");
  EXPECT_EQ(Statistics("auto").engine(), "fake");
  EXPECT_EQ(Statistics("auto").not_on_gpu(), "cuda:0 has failed");
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto config, client_->ModelConfig("auto"));
  EXPECT_EQ(config.instance_group(0).kind(), ::inference::ModelInstanceGroup::KIND_CPU);
  EXPECT_EQ(httplib::Client(HttpAddress("http")).Get("/readyz")->status, 200);
  EXPECT_EQ(Health(), HealthCheckResponse::SERVING);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto info, client_->ServerInfo());
  EXPECT_FALSE(info.devices(1).healthy()) << "which device has failed stays known";
  EXPECT_THAT(httplib::Client(HttpAddress("metrics")).Get("/metrics")->body,
              AllOf(HasSubstr("actium_device_healthy{device=\"cuda:0\"} 0\n"),
                    HasSubstr("actium_server_ready 1\n")));
  EXPECT_THAT(server_->Log(),
              AllOf(HasSubstr("warn device_abandoned device=cuda:0 models=1"),
                    HasSubstr("model_loaded model=auto version=1 engine=fake device=cpu")));
  EXPECT_EQ(server_->Terminate(), options::kExitOk) << server_->Log();
}

TEST_F(GpuTest, AModelThatNeedsTheFailedDeviceIsMissedWhenTheOthersHaveMoved) {
  Add("auto");
  Add("gpu", kOnGpu);
  ACTIUM_ASSERT_OK(TryStart(
      {GpuFlag("devices 1\n"), "--on-gpu-failure=cpu", "--allow-http=true", "--http-port=0"}));
  EXPECT_FALSE(Infer("gpu", kPoison).ok());
  while (Statistics("auto").device() != "cpu") std::this_thread::yield();
  ACTIUM_EXPECT_OK(Infer("auto"));
  EXPECT_THAT(Infer("gpu"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cuda:0 has failed: ")));
  EXPECT_EQ(Health(), HealthCheckResponse::NOT_SERVING);
  const auto ready = httplib::Client(HttpAddress("http")).Get("/readyz");
  EXPECT_EQ(ready->status, 503);
  EXPECT_THAT(ready->body, HasSubstr("cuda:0: the device has failed; models on it: "));
  EXPECT_EQ(server_->Terminate(), options::kExitOk) << server_->Log();
}

TEST_F(GpuTest, AServerMayStopWhileModelsMove) {
  for (int i = 0; i < 4; ++i) Add("auto" + std::to_string(i), "", kSlowOnCpu);
  ACTIUM_ASSERT_OK(TryStart({GpuFlag("devices 1\n"), "--on-gpu-failure=cpu", "--threads=1"}));
  EXPECT_FALSE(Infer("auto0", kPoison).ok());
  while (server_->Log().find("device_abandoned") == std::string::npos) std::this_thread::yield();
  EXPECT_EQ(server_->Terminate(), options::kExitOk) << server_->Log();
}

TEST_F(GpuTest, DrainingFinishesWhatIsInFlightOnAGpu) {
  std::string config = kConfig;
  config.replace(config.find("max_batch_size: 4"), 17, "max_batch_size: 1");
  Add("gpu", kOnGpu);
  files_.Write("models/gpu/config.pbtxt", config + kOnGpu);
  ACTIUM_ASSERT_OK(TryStart({GpuFlag("busy_us 200000\n"), "--gpu-streams=1"}));
  // Two in flight on the stream, one that waits.
  std::vector<std::promise<absl::Status>> answers(3);
  for (size_t i = 0; i < answers.size(); ++i) {
    client_->InferAsync(Request("gpu", static_cast<uint8_t>(i)),
                        [&answers, i](auto response) { answers[i].set_value(response.status()); });
  }
  while (Statistics("gpu").queue_depth() < 1) std::this_thread::yield();
  EXPECT_EQ(server_->Terminate(), options::kExitOk) << server_->Log();
  for (auto& answer : answers) EXPECT_THAT(answer.get_future().get(), IsOk());
}

}  // namespace
}  // namespace actium::test
