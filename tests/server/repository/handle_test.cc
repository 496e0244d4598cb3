#include "server/repository/handle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "server/repository/reaper.h"
#include "server/repository/served_models.h"

namespace actium::repository {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::unique_ptr<ServedModel> Version(const std::string& model, int64_t version) {
  auto served = std::make_unique<ServedModel>();
  served->ref = std::make_shared<const observe::ModelRef>(observe::ModelRef{
      .model = model, .version = version, .sha256 = "", .engine = "fake", .precision = "fp32"});
  return served;
}

ModelHandle Plain(const std::string& model, int64_t version) {
  return ModelHandle(Version(model, version));
}

TEST(ReaperTest, TearsDownOnItsOwnThreadAfterTheLastHandleOnly) {
  std::promise<std::thread::id> torn_down_on;
  auto torn_down = torn_down_on.get_future();
  Reaper reaper;
  ModelHandle first = reaper.Adopt(Version("m", 1), [&](std::unique_ptr<ServedModel> served) {
    EXPECT_EQ(served->ref->model, "m");
    torn_down_on.set_value(std::this_thread::get_id());
  });
  ModelHandle second = first;
  first.reset();
  EXPECT_EQ(torn_down.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  second.reset();
  EXPECT_NE(torn_down.get(), std::this_thread::get_id());
}

TEST(ReaperTest, ItsEndWaitsForHandlesThatOthersHold) {
  bool torn_down = false;
  std::thread holder;
  {
    Reaper reaper;
    ModelHandle handle =
        reaper.Adopt(Version("m", 1), [&](std::unique_ptr<ServedModel>) { torn_down = true; });
    holder = std::thread([moved = std::move(handle)]() mutable { moved.reset(); });
  }
  EXPECT_TRUE(torn_down);
  holder.join();
}

TEST(ServedModelsTest, FindsAVersionOrTheHighest) {
  ServedModels served;
  served.Publish(Plain("m", 2));
  served.Publish(Plain("m", 10));
  served.Publish(Plain("m", 9));
  EXPECT_EQ(served.Find("m", std::nullopt)->ref->version, 10);
  EXPECT_EQ(served.Find("m", 2)->ref->version, 2);
  EXPECT_EQ(served.Find("m", 3), nullptr);
  EXPECT_EQ(served.Find("n", std::nullopt), nullptr);
  EXPECT_THAT(served.Versions("m"), ElementsAre(2, 9, 10));
  EXPECT_THAT(served.Versions("n"), IsEmpty());
}

TEST(ServedModelsTest, AWithdrawnVersionLivesOnInItsHandles) {
  ServedModels served;
  served.Publish(Plain("m", 1));
  const ModelHandle held = served.Find("m", 1);
  served.Withdraw("m", 1);
  served.Withdraw("m", 1);
  served.Withdraw("n", 1);
  EXPECT_EQ(served.Find("m", std::nullopt), nullptr);
  EXPECT_EQ(held->ref->version, 1);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(ServedModelsTest, ASuccessorTakesThePlaceInOneStep) {
  ServedModels served;
  served.Publish(Plain("m", 1));
  std::atomic<bool> stop = false;
  std::atomic<int> missed = 0;
  std::thread reader([&] {
    while (!stop) missed += served.Find("m", std::nullopt) == nullptr;
  });
  for (int64_t version = 2; version < 500; ++version) {
    served.Publish(Plain("m", version));
    served.Withdraw("m", version - 1);
  }
  stop = true;
  reader.join();
  EXPECT_EQ(missed, 0);
  EXPECT_THAT(served.Versions("m"), ElementsAre(499));
}

}  // namespace
}  // namespace actium::repository
