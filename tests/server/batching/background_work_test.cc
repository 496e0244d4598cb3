#include "server/batching/background_work.h"

#include <future>
#include <thread>

#include "tests/server/batching/pool_fixture.h"

namespace actium::batching {
namespace {

using ::testing::HasSubstr;

class BackgroundWorkTest : public test::PoolFixture {
 protected:
  std::unique_ptr<BackgroundWork> Make() {
    auto ref = std::make_shared<observe::ModelRef>();
    ref->model = "explained";
    auto work = BackgroundWork::Make(*pool_, std::move(ref));
    EXPECT_THAT(work, test::IsOk());
    return *std::move(work);
  }
};

TEST_F(BackgroundWorkTest, RunsEachPieceOnceOnAWorker) {
  StartPool(2);
  const auto background = Make();
  int runs = 0;
  std::thread::id where;
  for (int i = 0; i < 3; ++i) {
    ACTIUM_EXPECT_OK(background->Run([&] {
      ++runs;
      where = std::this_thread::get_id();
      return absl::OkStatus();
    }));
  }
  EXPECT_EQ(runs, 3);
  EXPECT_NE(where, std::this_thread::get_id());
}

TEST_F(BackgroundWorkTest, ReturnsTheWorksErrorAndGoesOn) {
  StartPool(1);
  const auto background = Make();
  EXPECT_THAT(background->Run([] { return absl::CancelledError("enough"); }),
              test::StatusIs(absl::StatusCode::kCancelled, HasSubstr("'explained'")));
  ACTIUM_EXPECT_OK(background->Run([] { return absl::OkStatus(); }));
}

TEST_F(BackgroundWorkTest, WaitsWhileServingRequestsWait) {
  StartPool(1);
  std::promise<void> begun;
  std::promise<void> go_on;
  int served = 0;
  ModelQueue& queue = Add({.on_run = [&](auto) {
    if (++served == 1) {
      begun.set_value();
      go_on.get_future().wait();
    }
    return absl::OkStatus();
  }});
  test::TestRequest first = Submit(queue);
  begun.get_future().wait();
  test::TestRequest second = Submit(queue);
  const auto background = Make();
  int served_before = 0;
  std::thread working([&] {
    ACTIUM_EXPECT_OK(background->Run([&] {
      served_before = served;
      return absl::OkStatus();
    }));
  });
  go_on.set_value();
  working.join();
  EXPECT_EQ(served_before, 2) << "the request that waited goes first";
  ExpectOwnAnswer(first);
  ExpectOwnAnswer(second);
}

TEST_F(BackgroundWorkTest, IsNotRecorded) {
  StartPool(1);
  ACTIUM_EXPECT_OK(Make()->Run([] { return absl::OkStatus(); }));
  EXPECT_TRUE(batches_.batches().empty());
}

}  // namespace
}  // namespace actium::batching
