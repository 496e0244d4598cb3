// Untrusted bytes against a real server process: serialised requests with bytes flipped, cut,
// doubled and inserted. The server answers each with a status, stays healthy, and ends cleanly;
// built with ASan (the fake model then stands in for LibTorch) its exit status also tells of leaks.

#include <fmt/format.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "actium/client.h"
#include "actium/tensors.h"
#include "tests/fuzz/requests.h"
#include "tests/integration/mutation_target.h"
#include "tests/support/server_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::test {
namespace {

// Sends bytes as a ModelInfer request, whatever they are.
grpc::Status SendRaw(grpc::GenericStub& stub, const std::string& bytes) {
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  grpc::CompletionQueue queue;
  grpc::Status status;
  const auto call = stub.PrepareUnaryCall(&context, "/inference.GRPCInferenceService/ModelInfer",
                                          request, &queue);
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return status;
}

constexpr std::string_view kConfig = R"(
max_batch_size: 8
input { name: "x" data_type: TYPE_FP32 dims: [ 4 ] }
input { name: "k" data_type: TYPE_INT32 dims: [ 2 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 4 ] label_filename: "labels.txt" }
)";

// One valid request with raw contents, one with typed contents, parameters and a classification.
std::vector<std::string> ValidRequests() {
  ::inference::ModelInferRequest raw;
  raw.set_model_name("target");
  const std::vector<int64_t> x_shape = {2, 4};
  const std::vector<int64_t> k_shape = {2, 2};
  const std::vector<float> x = {1, 2, 3, 4, 5, 6, 7, 8};
  const std::vector<int32_t> k = {1, 2, 3, 4};
  EXPECT_THAT(client::AddInput<float>(raw, "x", x_shape, x), IsOk());
  EXPECT_THAT(client::AddInput<int32_t>(raw, "k", k_shape, k), IsOk());

  ::inference::ModelInferRequest typed = raw;
  typed.clear_raw_input_contents();
  typed.set_id("request 1");
  typed.set_model_version("1");
  typed.mutable_inputs(0)->mutable_contents()->mutable_fp32_contents()->Add(x.begin(), x.end());
  typed.mutable_inputs(1)->mutable_contents()->mutable_int_contents()->Add(k.begin(), k.end());
  (*typed.mutable_parameters())["timeout"].set_int64_param(60'000'000);
  client::RequestOutput(typed, "y", 2);
  return {raw.SerializeAsString(), typed.SerializeAsString()};
}

TEST(MutatedPayloadsTest, EachGetsAStatusAndTheServerStaysHealthy) {
  const TempRepository repository;
  const MutationTarget target = WriteMutationTarget(repository.MakeParent("target/1/model.pt"));
  repository.Write("target/config.pbtxt", kConfig);
  repository.Write("target/labels.txt", "a\nb\nc\nd\n");
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      const auto server,
      StartServer(target.program, {"--model-repository", repository.root().string()}));
  grpc::GenericStub stub(
      grpc::CreateChannel(server->address(), grpc::InsecureChannelCredentials()));
  const std::vector<std::string> valid = ValidRequests();
  for (const std::string& bytes : valid) {
    const grpc::Status status = SendRaw(stub, bytes);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  std::mt19937_64 random(7);
  std::map<grpc::StatusCode, int> codes;
  for (int i = 0; i < target.payloads; ++i) {
    const std::string& from = valid[random() % valid.size()];
    const std::string& other = valid[random() % valid.size()];
    const grpc::Status status = SendRaw(stub, Mutate(from, other, random));
    ++codes[status.error_code()];
    switch (status.error_code()) {
      case grpc::StatusCode::OK:
      case grpc::StatusCode::INVALID_ARGUMENT:
      case grpc::StatusCode::NOT_FOUND:
      case grpc::StatusCode::DEADLINE_EXCEEDED:  // A mutated `timeout`.
      case grpc::StatusCode::INTERNAL:           // gRPC's own, for what is no message.
        break;
      default:
        ADD_FAILURE() << "payload " << i << ": " << status.error_code() << ' '
                      << status.error_message();
    }
    if (status.error_code() == grpc::StatusCode::INVALID_ARGUMENT) {
      EXPECT_FALSE(status.error_message().empty());
    }
    EXPECT_LE(status.error_message().size(), 2000u);
  }
  for (const auto& [code, count] : codes)
    fmt::print("code {}: {} of {}\n", static_cast<int>(code), count, target.payloads);

  EXPECT_TRUE(SendRaw(stub, valid[0]).ok());
  EXPECT_EQ(server->Terminate(), 0) << server->Log();
  fmt::print("{} mutated payloads against {}: server healthy, exit 0: {}\n", target.payloads,
             target.program, HasFailure() ? "FAIL" : "PASS");
}

}  // namespace
}  // namespace actium::test
