#include "tests/server/rpc/server_fixture.h"

#include <grpcpp/impl/codegen/client_unary_call.h>

#include "tests/support/fake_model.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

constexpr const char* kImageConfig = R"(
name: "image"
max_batch_size: 8
input { name: "image" data_type: TYPE_UINT8 dims: [ 4 ] }
output { name: "logits" data_type: TYPE_FP32 dims: [ 10 ] label_filename: "labels.txt" }
)";

constexpr const char* kPairConfig = R"(
name: "pair"
input { name: "a" data_type: TYPE_FP32 dims: [ 2 ] }
input { name: "b" data_type: TYPE_INT8 dims: [ 3 ] }
output { name: "sum" data_type: TYPE_FP32 dims: [ 2 ] }
output { name: "code" data_type: TYPE_UINT8 dims: [ 4 ] }
)";

constexpr const char* kGateConfig = R"(
name: "gate"
max_batch_size: 1
input { name: "image" data_type: TYPE_UINT8 dims: [ 4 ] }
output { name: "logits" data_type: TYPE_FP32 dims: [ 10 ] }
dynamic_batching { default_queue_policy { max_queue_size: 1 allow_timeout_override: true } }
)";

}  // namespace

void Gate::Close() {
  base::MutexLock lock(mutex_);
  closed_ = true;
  waiting_runs_ = 0;
}

void Gate::Open() {
  base::MutexLock lock(mutex_);
  closed_ = false;
  changed_.NotifyAll();
}

void Gate::WaitForRuns(int runs) {
  base::MutexLock lock(mutex_);
  while (waiting_runs_ < runs) changed_.Wait(mutex_);
}

void Gate::Pass() {
  base::MutexLock lock(mutex_);
  if (!closed_) return;
  ++waiting_runs_;
  changed_.NotifyAll();
  while (closed_) changed_.Wait(mutex_);
}

absl::StatusOr<std::shared_ptr<engine::LoadedModel>> GateLoader::Load(
    const engine::LoadSpec& spec) {
  if (spec.model != "gate") return files_.Load(spec);
  FakeBehaviour behaviour;
  behaviour.on_run = [this](auto) {
    gate_.Pass();
    return absl::OkStatus();
  };
  return std::make_shared<FakeModel>(spec.signature, std::move(behaviour));
}

ServerFixture::ServerFixture() {
  repository_.Write("image/config.pbtxt", kImageConfig);
  repository_.Write("image/labels.txt",
                    "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n");
  repository_.Write("image/3/model.pt", "fake-model\n");
  repository_.Write("pair/config.pbtxt", kPairConfig);
  repository_.Write("pair/1/model.pt", "fake-model\n");
  repository_.Write("gate/config.pbtxt", kGateConfig);
  repository_.Write("gate/1/model.pt", "fake-model\n");
  repository_.Write("broken/config.pbtxt", kImageConfig);
  repository_.Write("broken/1/model.pt", "nonsense\n");
  options_.model_repositories = {repository_.root()};
  options_.grpc_address = "127.0.0.1";
  options_.grpc_port = 0;
  options_.allow_http = options_.allow_metrics = false;
  options_.http_address = "127.0.0.1";
  options_.http_port = options_.metrics_port = 0;
  options_.threads = 1;
}

ServerFixture::~ServerFixture() { gate_.Open(); }

void ServerFixture::Start(bool load) {
  auto server = RunningServer::Start(options_, loader_, {});
  ACTIUM_ASSERT_OK(server);
  server_ = *std::move(server);
  channel_ = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
  stub_ = ::inference::GRPCInferenceService::NewStub(channel_);
  if (!load) return;
  ACTIUM_ASSERT_OK(server_->LoadModels());
}

::inference::ModelInferRequest ServerFixture::ImageRequest(const std::string& model,
                                                           const std::string& pixels) {
  ::inference::ModelInferRequest request;
  request.set_model_name(model);
  auto& input = *request.add_inputs();
  input.set_name("image");
  input.set_datatype("UINT8");
  input.add_shape(static_cast<int64_t>(pixels.size() / 4));
  input.add_shape(4);
  request.add_raw_input_contents(pixels);
  return request;
}

grpc::Status ServerFixture::Infer(const ::inference::ModelInferRequest& request,
                                  ::inference::ModelInferResponse* response,
                                  grpc::ClientContext* context) {
  ::inference::ModelInferResponse ignored;
  grpc::ClientContext plain;
  return stub_->ModelInfer(context == nullptr ? &plain : context, request,
                           response == nullptr ? &ignored : response);
}

grpc::Status ServerFixture::CallRaw(const std::string& method, const std::string& bytes) {
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::ClientContext context;
  const grpc::internal::RpcMethod rpc(method.c_str(), grpc::internal::RpcMethod::NORMAL_RPC,
                                      channel_);
  return grpc::internal::BlockingUnaryCall(channel_.get(), rpc, &context, request, &response);
}

}  // namespace actium::test
