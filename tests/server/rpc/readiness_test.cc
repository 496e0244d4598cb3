#include "server/rpc/readiness.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "server/inference/inference_core.h"
#include "server/observe/statistics.h"
#include "tests/server/rpc/server_fixture.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace actium::rpc {
namespace {

TEST(ReadinessTest, IsNotReadyWhileABatchIsStuck) {
  test::TempRepository files;
  files.Write("gate/config.pbtxt",
              "input { name: 'x' data_type: TYPE_UINT8 dims: 4 }\n"
              "output { name: 'y' data_type: TYPE_FP32 dims: 10 }\n");
  files.Write("gate/1/model.pt", "fake-model\n");
  test::FakeClock clock;
  test::Gate gate;
  test::GateLoader loader(gate);
  observe::Statistics statistics;
  batching::DevicePools pools({{.workers = 1}}, clock, statistics);
  repository::ModelRepository repository({.roots = {files.root()}, .strict_model_config = false},
                                         loader, pools);
  InFlight in_flight({.requests = 1, .bytes = 1});
  const Readiness readiness(repository, pools, in_flight, /*strict=*/true);
  EXPECT_FALSE(readiness.ready());
  ACTIUM_ASSERT_OK(repository.LoadAll());
  EXPECT_TRUE(readiness.ready());

  inference::InferenceCore core(repository, clock, statistics);
  batching::InferRequest request;
  request.model = "gate";
  const std::string pixels = "abcd";
  request.inputs.push_back(
      {.name = "x", .dtype = tensor::DType::kUint8, .shape = {4}, .pieces = {}});
  request.inputs[0].pieces.push_back({.bytes = std::as_bytes(std::span(pixels))});
  std::promise<absl::Status> answered;
  gate.Close();
  core.Infer(std::move(request), [&](auto answer) { answered.set_value(answer.status()); });
  gate.WaitForRuns(1);
  EXPECT_TRUE(readiness.ready());
  clock.Advance(std::chrono::minutes(2));
  EXPECT_FALSE(readiness.ready());

  gate.Open();
  ACTIUM_EXPECT_OK(answered.get_future().get());
  // The worker lets go of its batch once it has answered.
  while (!readiness.ready()) std::this_thread::yield();
}

}  // namespace
}  // namespace actium::rpc
