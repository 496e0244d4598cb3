// Where a configuration has its model run; what it must not say is in model_config_test.cc.
#include "server/repository/placement.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace actium::repository {
namespace {

using engine::Device;
using engine::Precision;
using engine::Target;
using ::inference::ModelConfig;

constexpr Device kCpu = {};
Device Gpu(int index) { return {.kind = Device::Kind::kCuda, .index = index}; }

ModelConfig Config(const std::string& text) {
  ModelConfig config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  return config;
}

Target TargetFor(const std::string& text, const Device& open) {
  Problems problems;
  const Placement placement = CheckPlacement(Config(text), problems);
  EXPECT_THAT(problems.ToStatus("config.pbtxt"), test::IsOk());
  return TargetOf(placement, open);
}

TEST(PlacementTest, KindsAndTheServersDeviceTogetherSayWhere) {
  struct Case {
    const char* config;
    Device open;
    Device device;
    bool required;
  };
  const Case cases[] = {
      {"", kCpu, kCpu, false},
      {"", Gpu(2), Gpu(2), false},
      {"instance_group { count: 2 }", Gpu(2), Gpu(2), false},
      {"instance_group { gpus: 1 }", Gpu(2), Gpu(1), false},
      {"instance_group { gpus: 1 }", kCpu, kCpu, false},
      {"instance_group { kind: KIND_CPU }", Gpu(2), kCpu, false},
      {"instance_group { kind: KIND_GPU }", Gpu(2), Gpu(2), true},
      {"instance_group { kind: KIND_GPU }", kCpu, Gpu(0), true},
      {"instance_group { kind: KIND_GPU gpus: [ 1, 1 ] }", Gpu(2), Gpu(1), true},
      {"instance_group { kind: KIND_GPU gpus: 5 }", kCpu, Gpu(5), true},
      {"instance_group { } instance_group { kind: KIND_GPU gpus: 1 }", Gpu(0), Gpu(1), true},
  };
  for (const Case& test : cases) {
    const Target target = TargetFor(test.config, test.open);
    EXPECT_EQ(target.device, test.device) << test.config << " at " << Name(test.open);
    EXPECT_EQ(target.required, test.required) << test.config << " at " << Name(test.open);
    EXPECT_EQ(target.precision, Precision::kFp32) << test.config;
  }
}

TEST(PlacementTest, ReadsThePrecision) {
  for (const char* name : {"fp32", "tf32", "fp16", "bf16"}) {
    const std::string text =
        std::string("parameters { key: 'actium.precision' value { string_value: '") + name +
        "' } }";
    EXPECT_EQ(Name(TargetFor(text, Gpu(0)).precision), name);
  }
}

TEST(PlacementTest, CompletesWithWhatReallyServes) {
  ModelConfig config = Config("");
  CompletePlacement(kCpu, "fp32", 4, config);
  EXPECT_EQ(config.ShortDebugString(),
            Config("instance_group { count: 4 kind: KIND_CPU } parameters { key: "
                   "'actium.precision' value { string_value: 'fp32' } }")
                .ShortDebugString());
  config =
      Config("instance_group { name: 'a' count: 3 gpus: 1 } instance_group { kind: KIND_GPU }");
  CompletePlacement(Gpu(1), "bf16", 2, config);
  EXPECT_EQ(config.ShortDebugString(),
            Config("instance_group { name: 'a' count: 3 kind: KIND_GPU gpus: 1 } instance_group { "
                   "kind: KIND_GPU gpus: 1 } parameters { key: 'actium.precision' value { "
                   "string_value: 'bf16' } }")
                .ShortDebugString());
}

}  // namespace
}  // namespace actium::repository
