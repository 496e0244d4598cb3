#include "server/batching/device_pools.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/server/batching/test_requests.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace actium::batching {
namespace {

using engine::Device;
using test::MakeRequest;
using test::TestRequest;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr Device kGpu = {.kind = Device::Kind::kCuda, .index = 1};
constexpr Device kLeavable = {.kind = Device::Kind::kCuda, .index = 2};

class DevicePoolsTest : public ::testing::Test {
 protected:
  ModelQueue& Add(DevicePool& pool, test::FakeBehaviour behaviour) {
    behaviour.device = pool.device();
    auto queue =
        pool.Add(std::make_shared<test::FakeModel>(test::SmallSignature(8), std::move(behaviour)),
                 std::make_shared<observe::ModelRef>(), {});
    EXPECT_THAT(queue, test::IsOk());
    return **queue;
  }

  test::FakeClock clock_;
  test::BatchLog batches_;
  test::Gate gate_;
  std::atomic<bool> gpu_healthy_ = true;
  std::atomic<bool> leavable_healthy_ = true;
  DevicePools pools_{
      {{.workers = 1},
       {.device = kGpu, .workers = 1, .device_healthy = [&] { return gpu_healthy_.load(); }},
       {.device = kLeavable,
        .workers = 1,
        .device_healthy = [&] { return leavable_healthy_.load(); },
        .models_may_leave = true}},
      clock_,
      batches_};
};

TEST_F(DevicePoolsTest, FindsPoolsByDevice) {
  EXPECT_EQ(pools_.Find({}), &pools_.cpu());
  ASSERT_NE(pools_.Find(kGpu), nullptr);
  EXPECT_EQ(pools_.Find(kGpu)->device(), kGpu);
  EXPECT_EQ(pools_.Find({.kind = Device::Kind::kCuda, .index = 0}), nullptr);
  EXPECT_EQ(pools_.all().size(), 3u);
}

TEST_F(DevicePoolsTest, ABusyDeviceDoesNotHoldUpAnother) {
  ModelQueue& slow = Add(pools_.cpu(), {.on_run = [&](auto) {
                           gate_.Pass();
                           return absl::OkStatus();
                         }});
  ModelQueue& quick = Add(*pools_.Find(kGpu), {.max_in_flight = 2});
  TestRequest held = MakeRequest(1, 1);
  ACTIUM_ASSERT_OK(pools_.cpu().Submit(slow, held.pending));
  gate_.AwaitArrivals(1);
  for (uint32_t i = 0; i < 4; ++i) {
    TestRequest made = MakeRequest(1, i);
    ACTIUM_ASSERT_OK(pools_.Find(kGpu)->Submit(quick, made.pending));
    EXPECT_THAT(made.answer.get().response, test::IsOk());
  }
  gate_.Open();
  EXPECT_THAT(held.answer.get().response, test::IsOk());
}

TEST_F(DevicePoolsTest, NamesTheDeviceThatIsUnhealthy) {
  EXPECT_THAT(pools_.WhyUnhealthy(), IsEmpty());
  gpu_healthy_ = false;
  EXPECT_THAT(pools_.WhyUnhealthy(), StartsWith("cuda:1: the device has failed"));
  EXPECT_TRUE(pools_.cpu().healthy());
  EXPECT_FALSE(pools_.Find(kGpu)->abandoned());
}

TEST_F(DevicePoolsTest, AnAbandonedDeviceIsMissedWhileModelsAreOnIt) {
  DevicePool& pool = *pools_.Find(kLeavable);
  ModelQueue& queue = Add(pool, {});
  EXPECT_FALSE(pool.abandoned());
  leavable_healthy_ = false;
  EXPECT_TRUE(pool.abandoned());
  EXPECT_EQ(pools_.WhyUnhealthy(), "cuda:2: the device has failed; models on it: 1");
  std::promise<void> idle;
  pool.Remove(queue, [&] { idle.set_value(); });
  idle.get_future().wait();
  EXPECT_EQ(pool.models(), 0);
  EXPECT_THAT(pools_.WhyUnhealthy(), IsEmpty());
  EXPECT_FALSE(pool.healthy()) << "the device itself has failed for good";
}

}  // namespace
}  // namespace actium::batching
