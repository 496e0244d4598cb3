// How a real server process ends when a model does not let it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "actium/client.h"
#include "actium/tensors.h"
#include "server/options/flags.h"
#include "tests/support/server_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::test {
namespace {

using ::testing::HasSubstr;

// A size that is not fixed, so that no warm-up runs the model.
constexpr char kConfig[] = R"(
max_batch_size: 0
input { name: "x" data_type: TYPE_FP32 dims: [ -1 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 4 ] }
)";

TEST(ShutdownTest, ARunThatNeverReturnsDoesNotKeepTheProcess) {
  TempRepository repository;
  repository.Write("hangs/config.pbtxt", kConfig);
  repository.Write("hangs/1/model.pt", "fake-model\nbusy_us 600000000\n");
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      auto server,
      StartServer("actium-fake-server", {"--model-repository", repository.root().string(),
                                         "--exit-timeout-secs", "1", "--threads", "1"}));
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto client, client::Client::Create({.address = server->address()}));
  auto request = std::make_shared<::inference::ModelInferRequest>();
  request->set_model_name("hangs");
  const std::vector<int64_t> shape = {1};
  const std::vector<float> values = {1};
  ACTIUM_ASSERT_OK(client::AddInput<float>(*request, "x", shape, values));
  // The second waits once the first runs.
  for (int i = 0; i < 2; ++i) client->InferAsync(request, [](auto) {});
  const auto waiting = [&] {
    const auto statistics = client->DetailedStatistics("hangs");
    return statistics.ok() ? statistics->versions(0).queue_depth() : 0;
  };
  while (waiting() != 1) std::this_thread::sleep_for(std::chrono::milliseconds(10));

  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(server->Terminate(), options::kExitCutOff) << server->Log();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_THAT(server->Log(), HasSubstr("exit_forced"));
}

}  // namespace
}  // namespace actium::test
