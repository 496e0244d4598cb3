#include "server/repository/lifecycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/server/repository/loaded_repository.h"
#include "tests/support/status_matchers.h"

namespace actium::repository {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;

TEST(VersionStateTest, ReadyComesOnlyAfterLoadingAndEndsOnlyByUnloading) {
  using enum VersionState;
  for (const VersionState other : {kUnknown, kLoading, kReady, kUnloading, kUnavailable}) {
    EXPECT_EQ(MayFollow(other, kReady), other == kLoading) << Name(other);
    EXPECT_EQ(MayFollow(kReady, other), other == kUnloading) << Name(other);
    EXPECT_FALSE(MayFollow(other, other) && other != kUnavailable) << Name(other);
    EXPECT_FALSE(MayFollow(other, kUnknown)) << Name(other);
  }
  EXPECT_TRUE(MayFollow(kUnavailable, kLoading)) << "a failed version may be tried again";
}

class LifecycleTest : public ::testing::Test {
 protected:
  /// Scans the files again, wants what is there, and does it.
  absl::Status Sync() {
    const std::vector<std::filesystem::path> roots = {fake_.files.root()};
    std::vector<ModelFolder> folders = *ScanRoots(roots);
    for (ModelFolder& folder : folders) {
      if (folder.name == "m") lifecycle_.SetDesired(std::move(folder));
    }
    return lifecycle_.Reconcile();
  }

  /// "1:READY 2:UNAVAILABLE".
  std::string States() const {
    std::string text;
    for (const VersionStatus& status : lifecycle_.Statuses()) {
      text += (text.empty() ? "" : " ") + std::to_string(status.version) + ":" +
              std::string(Name(status.state));
    }
    return text;
  }

  std::string ReasonOf(int64_t version) const {
    for (const VersionStatus& status : lifecycle_.Statuses()) {
      if (status.version == version) return status.reason;
    }
    return "no such version";
  }

  /// Waits for the reaper to finish what was dropped.
  void AwaitStates(const std::string& expected) const {
    while (States() != expected) std::this_thread::yield();
  }

  void TearDown() override {
    lifecycle_.SetDesired(std::nullopt);
    ACTIUM_EXPECT_OK(lifecycle_.Reconcile());
    reaper_.reset();  // Before the lifecycle, to which it reports.
  }

  test::FakeRepository fake_;
  ServedModels served_;
  std::unique_ptr<Reaper> reaper_ = std::make_unique<Reaper>();
  ModelLifecycle lifecycle_{"m",
                            {.load = {.loader = fake_.loader, .pools = fake_.pools, .device = {}},
                             .served = served_,
                             .reaper = *reaper_,
                             .require_config = false}};
};

TEST_F(LifecycleTest, KnowsNothingBeforeItIsToldTo) {
  EXPECT_EQ(States(), "0:UNKNOWN");
  ACTIUM_EXPECT_OK(lifecycle_.Reconcile());
  EXPECT_EQ(States(), "0:UNKNOWN");
}

TEST_F(LifecycleTest, LoadsWhatThePolicyAsksFor) {
  fake_.Add("m", 1);
  fake_.Add("m", 2, test::kFakeFile, test::FakeConfig("version_policy { all {} }"));
  ACTIUM_ASSERT_OK(Sync());
  EXPECT_EQ(States(), "1:READY 2:READY");
  EXPECT_EQ(served_.Find("m", std::nullopt)->ref->version, 2);
  EXPECT_EQ(ReasonOf(1), "");
}

TEST_F(LifecycleTest, TheOldVersionServesUntilTheNewOneIsReadyAndGoesThen) {
  fake_.Add("m", 1);
  ACTIUM_ASSERT_OK(Sync());
  ModelHandle held = served_.Find("m", 1);
  fake_.Add("m", 2);
  ACTIUM_ASSERT_OK(Sync());
  // Whoever holds the old version may still use it.
  EXPECT_EQ(States(), "1:UNLOADING 2:READY");
  EXPECT_EQ(served_.Find("m", 1), nullptr);
  ACTIUM_EXPECT_OK(fake_.pools.cpu().WarmUp(*held->queue));
  held.reset();
  AwaitStates("1:UNAVAILABLE 2:READY");
  EXPECT_EQ(ReasonOf(1), "unloaded");
}

TEST_F(LifecycleTest, ABrokenNewVersionLeavesTheOldOneServing) {
  fake_.Add("m", 1);
  ACTIUM_ASSERT_OK(Sync());
  fake_.Add("m", 2, "fake-model\nfail_load output 'y' is missing\n");
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kInvalidArgument, "output 'y' is missing"));
  EXPECT_EQ(States(), "1:READY 2:UNAVAILABLE");
  EXPECT_EQ(ReasonOf(2), "output 'y' is missing");
  EXPECT_NE(served_.Find("m", 1), nullptr);

  fake_.Add("m", 2);
  ACTIUM_ASSERT_OK(Sync());
  AwaitStates("1:UNAVAILABLE 2:READY");
}

TEST_F(LifecycleTest, AVersionThatFailsWhenItIsWarmedIsNotReady) {
  fake_.Add("m", 1, "fake-model\nfail_run no such kernel\n");
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kInternal, HasSubstr("no such kernel")));
  EXPECT_EQ(States(), "1:UNAVAILABLE");
  EXPECT_EQ(served_.Find("m", std::nullopt), nullptr);
}

TEST_F(LifecycleTest, WhatDidNotChangeIsNotLoadedAgain) {
  fake_.Add("m", 1);
  ACTIUM_ASSERT_OK(Sync());
  const ModelHandle before = served_.Find("m", 1);
  ACTIUM_ASSERT_OK(Sync());
  EXPECT_EQ(served_.Find("m", 1), before);
}

TEST_F(LifecycleTest, AChangedFileOrConfigurationIsLoadedInItsPlace) {
  fake_.Add("m", 1);
  ACTIUM_ASSERT_OK(Sync());
  const ModelHandle before = served_.Find("m", 1);
  fake_.Add("m", 1, "fake-model\nbusy_us 1\n");
  ACTIUM_ASSERT_OK(Sync());
  const ModelHandle second = served_.Find("m", 1);
  EXPECT_NE(second->ref->sha256, before->ref->sha256);
  fake_.Add("m", 1, "fake-model\nbusy_us 1\n",
            test::FakeConfig("dynamic_batching { preferred_batch_size: 2 }"));
  ACTIUM_ASSERT_OK(Sync());
  EXPECT_NE(served_.Find("m", 1), second);
  EXPECT_EQ(States(), "1:READY");
}

TEST_F(LifecycleTest, ABrokenConfigurationIsReportedAndStopsNothingThatServes) {
  fake_.Add("m", 1);
  ACTIUM_ASSERT_OK(Sync());
  fake_.files.Write("m/config.pbtxt", "max_batchsize: 4");
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("max_batchsize")));
  EXPECT_EQ(States(), "1:READY");
  EXPECT_NE(served_.Find("m", 1), nullptr);
}

TEST_F(LifecycleTest, AModelThatIsBrokenFromTheStartSaysWhyAndCanBeMended) {
  fake_.Add("m", 1, test::kFakeFile, "max_batchsize: 4");
  EXPECT_FALSE(Sync().ok());
  EXPECT_EQ(States(), "0:UNAVAILABLE");
  EXPECT_THAT(ReasonOf(0), HasSubstr("max_batchsize"));
  fake_.Add("m", 1);
  ACTIUM_ASSERT_OK(Sync());
  EXPECT_EQ(States(), "1:READY");
}

TEST_F(LifecycleTest, NamesVersionsThatArePolicyButNotThere) {
  fake_.Add("m", 1, test::kFakeFile,
            test::FakeConfig("version_policy { specific { versions: [1, 5] } }"));
  EXPECT_THAT(Sync(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("got 5; there are: 1")));
  EXPECT_EQ(States(), "0:UNAVAILABLE");
}

TEST_F(LifecycleTest, UnloadsAndLoadsAgain) {
  fake_.Add("m", 1);
  ACTIUM_ASSERT_OK(Sync());
  lifecycle_.SetDesired(std::nullopt);
  ACTIUM_ASSERT_OK(lifecycle_.Reconcile());
  EXPECT_EQ(served_.Find("m", std::nullopt), nullptr);
  AwaitStates("1:UNAVAILABLE");
  ACTIUM_ASSERT_OK(Sync());
  EXPECT_EQ(States(), "1:READY");
}

TEST_F(LifecycleTest, AVersionThatIsWantedAgainWhileItIsUnloadingIsReadyAgain) {
  fake_.Add("m", 1);
  ACTIUM_ASSERT_OK(Sync());
  ModelHandle held = served_.Find("m", 1);
  lifecycle_.SetDesired(std::nullopt);
  ACTIUM_ASSERT_OK(lifecycle_.Reconcile());
  EXPECT_EQ(States(), "1:UNLOADING");
  ACTIUM_ASSERT_OK(Sync());
  EXPECT_EQ(States(), "1:READY");
  held.reset();
  lifecycle_.SetDesired(std::nullopt);
  ACTIUM_ASSERT_OK(lifecycle_.Reconcile());
  AwaitStates("1:UNAVAILABLE");
}

TEST_F(LifecycleTest, ManyWishesAtOnceEndInTheLast) {
  fake_.Add("m", 1);
  const std::vector<std::filesystem::path> roots = {fake_.files.root()};
  const std::vector<ModelFolder> folders = *ScanRoots(roots);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        lifecycle_.SetDesired(i % 2 == 0 ? std::optional(folders[0]) : std::nullopt);
        ACTIUM_EXPECT_OK(lifecycle_.Reconcile());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  lifecycle_.SetDesired(folders[0]);
  ACTIUM_EXPECT_OK(lifecycle_.Reconcile());
  EXPECT_EQ(States(), "1:READY");
  EXPECT_NE(served_.Find("m", 1), nullptr);
}

}  // namespace
}  // namespace actium::repository
