#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "server/cuda/host/control.h"
#include "server/engine/run_batch.h"
#include "server/graph/text.h"
#include "tests/server/cuda/cuda_model_of.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

graph::Graph Doubled() {
  return graph::ParseText("input x: fp32[3]\ny = pointwise(x, x) { 2 = add(0, 1) }\noutput y\n")
      .value();
}

TEST(CudaModelTest, HasTwoPlansInEveryDoublingAndOneForTheLargestBatch) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model, CudaModelOf(Doubled(), 33));
  EXPECT_THAT(model->batch_sizes(), ElementsAre(1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 33));
  EXPECT_EQ(model->engine(), "cuda");
}

TEST(CudaModelTest, RunsAgainOnWhatIsPrepared) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model, CudaModelOf(Doubled(), 2));
  ModelStream stream(*model);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto first, stream.Run({{{1, 2, 3}}}));
  EXPECT_THAT(first, ElementsAre(ElementsAre(ElementsAre(2, 4, 6))));
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(engine::RunBatch(stream.executor(), stream.slot()), IsOk());
    EXPECT_THAT(stream.slot().outputs(), SizeIs(1));
  }
}

// Numbers of TF32 lie 2^-10 apart: 1 + 3/4 of that is cut to 1, but rounded to its neighbour.
TEST(CudaModelTest, RoundsWeightsToTf32BeforeTheTensorCoresCutThem) {
  const auto graph = graph::ParseText(
      "input x: fp32[4]\nconstant w: [2, 4] = {1.000732421875, 0, 0, 0, -1.00048828125, 0, 0, 0}\n"
      "constant b: [2] = {0, 0}\ny = linear(x, w, b)\noutput y\n");
  ACTIUM_ASSERT_OK(graph);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model, CudaModelOf(*graph, 1, engine::Precision::kTf32));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto outputs, ModelStream(*model).Run({{{1, 0, 0, 0}}}));
  EXPECT_THAT(outputs, ElementsAre(ElementsAre(ElementsAre(1 + 0x1p-10, -1 - 0x1p-10))));
}

// A thread that has no device of its own would take memory of the first one to free anything.
TEST(CudaModelTest, IsFreedOnItsOwnDevice) {
  ACTIUM_SKIP_WITHOUT_STAND_IN();
  cuda::host::Reset();
  cuda::host::SetDeviceCount(2);
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      auto model,
      engine::NewCudaModel(*ActiumCudaPluginTable(), Doubled(), SignatureOf(Doubled(), 2), {},
                           {.device = {engine::Device::Kind::kCuda, 1}}, {.measure = false}));
  auto stream = std::make_unique<ModelStream>(*model);
  const auto device_after = [](auto& what) {
    int device = -1;
    std::thread([&] {
      what.reset();
      EXPECT_EQ(cudaGetDevice(&device), cudaSuccess);
    }).join();
    return device;
  };
  EXPECT_EQ(device_after(stream), 1);
  EXPECT_EQ(device_after(model), 1);
  EXPECT_EQ(cuda::host::LiveObjects(), cuda::host::ObjectCounts());
}

TEST(CudaModelTest, RefusesASignatureThatDiffers) {
  engine::Signature signature = SignatureOf(Doubled(), 2);
  signature.inputs[0].shape = {4};
  EXPECT_THAT(
      engine::NewCudaModel(*ActiumCudaPluginTable(), Doubled(), signature, {},
                           {.device = {.kind = engine::Device::Kind::kCuda}}, {.measure = false})
          .status(),
      StatusIs(StatusCode::kInvalidArgument, HasSubstr("input 'in0'")));
}

}  // namespace
}  // namespace actium::test
