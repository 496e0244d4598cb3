// Which models get a GPU, and what becomes of the others.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/engine/choose_engine.h"
#include "tests/support/fake_gpu.h"
#include "tests/support/fake_loader.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::engine {
namespace {

using test::StatusIs;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Device kGpu1 = {.kind = Device::Kind::kCuda, .index = 1};

class ChooseGpuTest : public ::testing::Test {
 protected:
  // A fused engine's model.
  static absl::StatusOr<std::shared_ptr<LoadedModel>> Fuse(graph::Graph, const Signature& signature,
                                                           const ModelFacts&) {
    return std::make_shared<test::FakeModel>(signature, test::FakeBehaviour{.engine = "fused"});
  }

  absl::StatusOr<std::shared_ptr<LoadedModel>> Load(Target target) {
    const auto file = files_.Write("model.pt", file_);
    return ChooseEngine(std::make_unique<test::FakeLoader>(), engines_)
        ->Load({.model = "m", .file = file, .signature = signature_, .target = target});
  }

  // What a model tells that must run on a GPU and cannot.
  void ExpectRefused(const std::string& reason) {
    EXPECT_THAT(Load({.device = kGpu1, .required = true}),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasSubstr("model 'm': instance_group asks for KIND_GPU: " + reason)));
  }

  // The same of one that may run on the CPU, where it then runs, on this engine.
  void ExpectOnCpu(const std::string& reason, const std::string& engine) {
    ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model, Load({.device = kGpu1}));
    EXPECT_EQ(model->engine(), engine);
    EXPECT_EQ(model->device(), Device{});
    EXPECT_THAT(model->facts().not_on_gpu, HasSubstr(reason));
    ACTIUM_ASSERT_OK_AND_ASSIGN(const auto description,
                                model->Describe({.run = [](auto work) { return work(); }}));
    EXPECT_THAT(description.notes, Contains(HasSubstr("not on a GPU: " + reason)));
    ACTIUM_EXPECT_OK(model->NewExecutor({}, 1));
  }

  test::TempRepository files_;
  std::string file_ = "fake-model\nimportable 1\n";
  Signature signature_ = {.max_batch_size = 4,
                          .inputs = {{.name = "x", .dtype = tensor::DType::kFp32, .shape = {2}}},
                          .outputs = {{.name = "y", .dtype = tensor::DType::kFp32, .shape = {3}}}};
  Engines engines_ = {
      .fuse = Fuse, .accelerator = test::NewFakeGpu({.devices = 2}), .no_accelerator = {}};
};

TEST_F(ChooseGpuTest, AModelThatAgreesRunsWhereAndHowItIsToRun) {
  for (const bool required : {false, true}) {
    ACTIUM_ASSERT_OK_AND_ASSIGN(
        const auto model,
        Load({.device = kGpu1, .required = required, .precision = Precision::kFp16}));
    EXPECT_EQ(model->engine(), "cuda");
    EXPECT_EQ(model->device(), kGpu1);
    EXPECT_EQ(model->precision(), "fp16");
    EXPECT_THAT(model->facts().not_on_gpu, IsEmpty());
    EXPECT_THAT(model->facts().imported_graph, HasSubstr("relu"));
  }
}

TEST_F(ChooseGpuTest, AModelForTheCpuDoesNotSeeTheGpu) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model, Load({}));
  EXPECT_EQ(model->engine(), "fused");
  EXPECT_THAT(model->facts().not_on_gpu, IsEmpty());
}

TEST_F(ChooseGpuTest, WithoutAGpu) {
  engines_.accelerator = nullptr;
  engines_.no_accelerator = "--device cpu";
  ExpectRefused("there is no GPU: --device cpu");
  ExpectOnCpu("there is no GPU: --device cpu", "fused");
}

TEST_F(ChooseGpuTest, WhatCannotBeImported) {
  file_ = "fake-model\n";
  ExpectRefused("fake::mix: not known");
  ExpectOnCpu("fake::mix: not known", "fake");
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model, Load({.device = kGpu1}));
  EXPECT_EQ(model->facts().not_fused, "fake::mix: not known");
}

TEST_F(ChooseGpuTest, WhatTheGpuRefuses) {
  engines_.accelerator = test::NewFakeGpu({.devices = 2, .refuses = "conv3d: not here"});
  ExpectRefused("conv3d: not here");
  ExpectOnCpu("conv3d: not here", "fused");
  engines_.fuse = nullptr;
  ExpectOnCpu("conv3d: not here", "fake");
}

TEST_F(ChooseGpuTest, WhatGivesOtherNumbersThere) {
  engines_.accelerator = test::NewFakeGpu({.devices = 2, .differs = true});
  ExpectRefused("zeros inputs, batch of 1: output 'y', row 0: number ");
  ExpectOnCpu("zeros inputs, batch of 1: output 'y', row 0: number ", "fused");
}

TEST_F(ChooseGpuTest, AGpuThatFailsAndOneThatHasFailed) {
  engines_.accelerator =
      test::NewFakeGpu({.devices = 2, .breaks = [](int device) { return device == 1; }});
  ExpectOnCpu("zeros inputs, batch of 1: an illegal memory access", "fused");
  ExpectOnCpu("cuda:1 has failed", "fused");
  ExpectRefused("cuda:1 has failed");
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model, Load({.device = {kGpu1.kind, 0}}));
  EXPECT_EQ(model->engine(), "cuda");
}

TEST_F(ChooseGpuTest, AGpuThatIsNotThere) {
  engines_.accelerator = test::NewFakeGpu({.devices = 1});
  ExpectRefused("gpus must be in [0, 0], got 1");
  ExpectOnCpu("gpus must be in [0, 0], got 1", "fused");
}

}  // namespace
}  // namespace actium::engine
