// Models of one repository on several devices.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/engine/choose_engine.h"
#include "server/repository/model_repository.h"
#include "tests/server/repository/loaded_repository.h"
#include "tests/support/fake_gpu.h"
#include "tests/support/status_matchers.h"

namespace actium::repository {
namespace {

using engine::Device;
using test::StatusIs;
using ::testing::HasSubstr;

constexpr std::string_view kImportable = "fake-model\nimportable 1\n";
constexpr Device kGpu0 = {.kind = Device::Kind::kCuda, .index = 0};
constexpr Device kGpu1 = {.kind = Device::Kind::kCuda, .index = 1};

class DevicesTest : public ::testing::Test {
 protected:
  void Add(const std::string& model, const std::string& more, std::string_view file = kImportable) {
    fake_.Add(model, 1, file, test::FakeConfig(more));
  }

  void Load(const Device& open) {
    repository_ = std::make_unique<ModelRepository>(
        ModelRepository::Options{.roots = {fake_.files.root()}, .device = open}, *loader_, pools_);
    ACTIUM_ASSERT_OK(repository_->LoadAll());
  }

  // "NAME ENGINE PRECISION" of the device, engine and precision that serve a model.
  std::string Placed(const std::string& model) const {
    const auto handle = repository_->Find(model, std::nullopt);
    if (!handle.ok()) return std::string(handle.status().message());
    const ServedModel& served = **handle;
    EXPECT_EQ(served.pool->device(), served.queue->model().device());
    return Name(served.pool->device()) + " " + served.ref->engine + " " + served.ref->precision;
  }

  test::FakeRepository fake_;
  std::unique_ptr<engine::ModelLoader> loader_ = engine::ChooseEngine(
      std::make_unique<test::FakeLoader>(), {.accelerator = test::NewFakeGpu({.devices = 2})});
  batching::DevicePools pools_{
      {{.workers = 3}, {.device = kGpu0, .workers = 2}, {.device = kGpu1, .workers = 2}},
      base::SteadyClock(),
      fake_.recorder};
  std::unique_ptr<ModelRepository> repository_;
};

TEST_F(DevicesTest, EveryModelIsServedWhereItsConfigurationSays) {
  Add("auto", "");
  Add("cpu", "instance_group { kind: KIND_CPU }");
  Add("gpu0", "instance_group { kind: KIND_GPU gpus: 0 }");
  Add("any", "instance_group { kind: KIND_GPU }");
  Add("half", "parameters { key: 'actium.precision' value { string_value: 'fp16' } }");
  Add("half_cpu",
      "parameters { key: 'actium.precision' value { string_value: 'fp16' } } "
      "instance_group { kind: KIND_CPU }");
  Add("odd", "", "fake-model\n");
  Load(kGpu1);
  EXPECT_EQ(Placed("auto"), "cuda:1 cuda fp32");
  EXPECT_EQ(Placed("cpu"), "cpu fake fp32");
  EXPECT_EQ(Placed("gpu0"), "cuda:0 cuda fp32");
  EXPECT_EQ(Placed("any"), "cuda:1 cuda fp32");
  EXPECT_EQ(Placed("half"), "cuda:1 cuda fp16");
  EXPECT_EQ(Placed("half_cpu"), "cpu fake fp32");
  EXPECT_EQ(Placed("odd"), "cpu fake fp32");
}

TEST_F(DevicesTest, WhatLeavesItOpenIsServedOnTheCpuWhereThatIsTheServersDevice) {
  Add("auto", "");
  Add("gpu", "instance_group { kind: KIND_GPU gpus: 1 }");
  Load({});
  EXPECT_EQ(Placed("auto"), "cpu fake fp32");
  EXPECT_EQ(Placed("gpu"), "cuda:1 cuda fp32");
}

TEST_F(DevicesTest, AModelThatNeedsAGpuThatCannotRunItIsTheOnlyOneThatIsNotServed) {
  Add("odd", "instance_group { kind: KIND_GPU }", "fake-model\n");
  Add("third", "instance_group { kind: KIND_GPU gpus: 2 }");
  Add("auto", "");
  Load(kGpu0);
  EXPECT_EQ(Placed("auto"), "cuda:0 cuda fp32");
  EXPECT_THAT(Placed("odd"), HasSubstr("model 'odd': instance_group asks for KIND_GPU: fake::mix"));
  EXPECT_THAT(Placed("third"), HasSubstr("asks for KIND_GPU: gpus must be in [0, 1], got 2"));
  EXPECT_THAT(repository_->Find("odd", 1),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("KIND_GPU")));
}

TEST_F(DevicesTest, AnInstanceIsAStreamOfTheDevice) {
  Add("all", "");
  Add("one", "instance_group { kind: KIND_GPU count: 1 }");
  Add("many", "instance_group { kind: KIND_GPU count: 9 }");
  Add("cpu", "instance_group { kind: KIND_CPU count: 9 }");
  Load(kGpu0);
  const auto instances = [&](const std::string& model) {
    return (*repository_->Find(model, std::nullopt))->queue->instances();
  };
  EXPECT_EQ(instances("all"), 2);
  EXPECT_EQ(instances("one"), 1);
  EXPECT_EQ(instances("many"), 2);
  EXPECT_EQ(instances("cpu"), 3);
}

TEST_F(DevicesTest, TheConfigurationTellsWhatServes) {
  Add("auto", "parameters { key: 'actium.precision' value { string_value: 'bf16' } }");
  Load(kGpu1);
  const auto config = (*repository_->Find("auto", std::nullopt))->config;
  ASSERT_EQ(config.instance_group_size(), 1);
  EXPECT_EQ(config.instance_group(0).kind(), ::inference::ModelInstanceGroup::KIND_GPU);
  ASSERT_EQ(config.instance_group(0).gpus_size(), 1);
  EXPECT_EQ(config.instance_group(0).gpus(0), 1);
  EXPECT_EQ(config.parameters().at("actium.engine").string_value(), "cuda");
  EXPECT_EQ(config.parameters().at("actium.precision").string_value(), "bf16");
}

}  // namespace
}  // namespace actium::repository
