// Every CUDA call that can fail, failed in turn: the error is told with its code, nothing leaks,
// and the next try succeeds; after an error that breaks the device, nothing does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "server/cuda/host/control.h"
#include "server/graph/text.h"
#include "tests/server/cuda/cuda_model_of.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using absl::StatusCode;
using ::testing::AnyOf;
using ::testing::HasSubstr;
namespace host = cuda::host;

graph::Graph SmallGraph() {
  return graph::ParseText(R"(
    input image: uint8[1, 4, 4]
    constant weight: [2, 1, 3, 3] = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0}
    constant bias: [2] = {0, -1}
    x = cast(image)
    y = convolution(x, weight, bias) padding=[1, 1] { 1 = mish(0) }
    z = global_average(y)
    output z
  )")
      .value();
}

const Row kImage = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

using Calls = std::map<std::string, int64_t>;

// Everything that a server does with a model: loads it, makes a stream and a slot, runs a batch.
// calls: those until then; what is called to free it all cannot fail.
absl::Status LoadAndRun(Calls* calls = nullptr) {
  ACTIUM_ASSIGN_OR_RETURN(const auto model, CudaModelOf(SmallGraph(), 2));
  ACTIUM_ASSIGN_OR_RETURN(const auto executor, model->NewExecutor(model->device(), 1));
  ACTIUM_ASSIGN_OR_RETURN(const auto slot, executor->NewSlot());
  const absl::Status status = ModelStream::RunOn(*model, *executor, *slot, {kImage}).status();
  if (calls != nullptr) *calls = host::CallCounts();
  return status;
}

// Nobody can do anything about a failure of these.
bool Frees(const std::string& call) {
  return call.find("Destroy") != std::string::npos || call.find("Free") != std::string::npos;
}

class FaultsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ACTIUM_SKIP_WITHOUT_STAND_IN();
    host::Reset();
  }
  void TearDown() override { host::Reset(); }
};

TEST_F(FaultsTest, EveryCallThatFailsIsToldAndNothingLeaks) {
  Calls calls;
  ACTIUM_ASSERT_OK(LoadAndRun(&calls));
  // How often these are called depends on how long the batch takes.
  calls["cudaEventQuery"] = 1;
  calls.erase("cudaEventSynchronize");
  int64_t failed = 0;
  for (const auto& [call, count] : calls) {
    if (call == "kernel") continue;  // Its errors break the device: the last test.
    for (int64_t nth = 1; nth <= count; ++nth) {
      SCOPED_TRACE(call + " " + std::to_string(nth));
      host::Reset();
      host::InjectFault({.call = call, .nth = nth, .error = cudaErrorInvalidValue});
      const absl::Status status = LoadAndRun();
      if (Frees(call)) continue;
      EXPECT_THAT(status, StatusIs(StatusCode::kInternal, HasSubstr("cudaErrorInvalidValue")));
      EXPECT_EQ(host::LiveObjects(), host::ObjectCounts());
      ACTIUM_EXPECT_OK(LoadAndRun());
      ++failed;
    }
  }
  EXPECT_GT(failed, 30);
}

// How often each is called depends on the kernels' times: the first of each fails.
TEST_F(FaultsTest, CallsThatFailWhileKernelsAreMeasuredAreTold) {
  const auto load = [] { return CudaModelOf(SmallGraph(), 2, {}, {.measure = true}); };
  ACTIUM_ASSERT_OK(load());
  const Calls calls = host::CallCounts();
  EXPECT_TRUE(calls.contains("cudaEventSynchronize"));
  for (const auto& [call, count] : calls) {
    if (call == "kernel" || Frees(call)) continue;
    SCOPED_TRACE(call);
    host::Reset();
    host::InjectFault({.call = call, .nth = 1, .error = cudaErrorInvalidValue});
    EXPECT_THAT(load().status(),
                StatusIs(StatusCode::kInternal, HasSubstr("cudaErrorInvalidValue")));
    EXPECT_EQ(host::LiveObjects(), host::ObjectCounts());
  }
}

TEST_F(FaultsTest, TooLittleMemoryNamesTheNeedAndWhatIsFree) {
  host::SetDeviceMemory(64);
  EXPECT_THAT(CudaModelOf(SmallGraph(), 2).status(),
              StatusIs(StatusCode::kResourceExhausted,
                       HasSubstr("bytes of GPU memory are needed, 64 of 64 are free")));
  EXPECT_EQ(host::LiveObjects(), host::ObjectCounts());
}

TEST_F(FaultsTest, ADriverThatIsMissingOrTooOldIsNamed) {
  ActiumCudaError error;
  host::SetDeviceCount(-1);
  EXPECT_LT(ActiumCudaPluginTable()->device_count(&error), 0);
  EXPECT_THAT(engine::ToStatus(error),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("driver")));
  host::SetDeviceCount(0);
  EXPECT_EQ(ActiumCudaPluginTable()->device_count(&error), 0);
}

TEST_F(FaultsTest, ADeviceThatIsNotThereIsNamed) {
  EXPECT_THAT(
      engine::NewCudaModel(*ActiumCudaPluginTable(), SmallGraph(), SignatureOf(SmallGraph(), 1), {},
                           {.device = {engine::Device::Kind::kCuda, 3}}, {.measure = false})
          .status(),
      StatusIs(StatusCode::kFailedPrecondition, HasSubstr("GPU 3")));
}

// Last: health is for the process's life.
TEST_F(FaultsTest, AfterAStickyErrorTheDeviceIsUnhealthyAndEverythingUnavailable) {
  const ActiumCudaTable& table = *ActiumCudaPluginTable();
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model, CudaModelOf(SmallGraph(), 2));
  ModelStream stream(*model);
  ACTIUM_ASSERT_OK(stream.Run({kImage}));
  EXPECT_EQ(table.is_healthy(0), 1);
  host::InjectFault({.call = "kernel", .nth = 2, .error = cudaErrorIllegalAddress, .sticky = true});
  EXPECT_THAT(stream.Run({kImage}).status(),
              StatusIs(StatusCode::kUnavailable, HasSubstr("cudaErrorIllegalAddress")));
  EXPECT_EQ(table.is_healthy(0), 0);
  EXPECT_THAT(stream.Run({kImage}).status(),
              StatusIs(StatusCode::kUnavailable, HasSubstr("cudaErrorIllegalAddress")));
  EXPECT_THAT(CudaModelOf(SmallGraph(), 2).status(),
              StatusIs(StatusCode::kUnavailable, HasSubstr("cudaErrorIllegalAddress")));
}

}  // namespace
}  // namespace actium::test
