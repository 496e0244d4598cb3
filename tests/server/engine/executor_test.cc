// The contract of executor.h as the batcher relies on it, shown by the fake model that its tests
// run on; and the fake model's own promises.

#include "server/engine/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fake_loader.h"
#include "tests/support/fake_model.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::engine {
namespace {

using test::FakeModel;
using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Signature BytesToFloats() {
  return {.max_batch_size = 4,
          .inputs = {{.name = "x", .dtype = tensor::DType::kUint8, .shape = {2}}},
          .outputs = {{.name = "y", .dtype = tensor::DType::kFp32, .shape = {3}}}};
}

// Prepares a slot for one row of these bytes.
void Fill(BatchSlot& slot, std::byte first, std::byte second) {
  const auto inputs = slot.Prepare({{1, 2}});
  ACTIUM_ASSERT_OK(inputs);
  (*inputs)[0].bytes[0] = first;
  (*inputs)[0].bytes[1] = second;
}

class ExecutorTest : public ::testing::TestWithParam<int> {};

TEST_P(ExecutorTest, EndsEachRunOnceInTheOrderOfTheStarts) {
  FakeModel model(BytesToFloats(), {.max_in_flight = GetParam()});
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto executor, model.NewExecutor({}, 1));
  EXPECT_EQ(executor->max_in_flight(), GetParam());
  std::vector<std::unique_ptr<BatchSlot>> slots;
  std::vector<int> ended;
  constexpr int kRuns = 20;
  for (int i = 0; i < GetParam(); ++i) {
    ACTIUM_ASSERT_OK_AND_ASSIGN(slots.emplace_back(), executor->NewSlot());
  }
  for (int first = 0; first < kRuns; first += GetParam()) {
    std::promise<void> round;
    for (int i = 0; i < GetParam(); ++i) {
      BatchSlot& slot = *slots[static_cast<size_t>(i)];
      Fill(slot, static_cast<std::byte>(first), static_cast<std::byte>(i));
      executor->Start(
          slot, [&, run = first + i, last = i + 1 == GetParam()](absl::Status status, RunTimes) {
            EXPECT_THAT(status, test::IsOk());
            ended.push_back(run);
            if (last) round.set_value();
          });
    }
    round.get_future().wait();
  }
  ASSERT_EQ(ended.size(), static_cast<size_t>(kRuns));
  for (int i = 0; i < kRuns; ++i) EXPECT_EQ(ended[static_cast<size_t>(i)], i);
}

TEST_P(ExecutorTest, IsUsableAfterAnError) {
  std::atomic<bool> failing = true;
  FakeModel model(
      BytesToFloats(),
      {.on_run = [&](auto) { return failing ? absl::InternalError("broken") : absl::OkStatus(); },
       .max_in_flight = GetParam()});
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto executor, model.NewExecutor({}, 1));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto slot, executor->NewSlot());
  const auto run = [&] {
    Fill(*slot, std::byte{1}, std::byte{2});
    std::promise<absl::Status> ended;
    executor->Start(*slot,
                    [&](absl::Status status, RunTimes) { ended.set_value(std::move(status)); });
    return ended.get_future().get();
  };
  EXPECT_THAT(run(), StatusIs(absl::StatusCode::kInternal, "broken"));
  failing = false;
  ACTIUM_EXPECT_OK(run());
  EXPECT_THAT(slot->outputs()[0].shape, ElementsAre(1, 3));
}

INSTANTIATE_TEST_SUITE_P(InlineAndOnAThread, ExecutorTest, ::testing::Values(1, 2));

TEST(FakeRowTest, DependsOnEveryByteItsPositionAndTheOutput) {
  const auto row = [](std::vector<std::byte> a, std::vector<std::byte> b, size_t output) {
    const std::span<const std::byte> inputs[] = {a, b};
    std::vector<std::byte> result(24);
    test::FakeRow(inputs, output, tensor::DType::kFp32, result);
    return result;
  };
  const std::byte one{1};
  const std::byte two{2};
  const std::set<std::vector<std::byte>> all = {
      row({one, two}, {one}, 0), row({two, one}, {one}, 0), row({one, two}, {two}, 0),
      row({one}, {two, one}, 0), row({one, two}, {one}, 1)};
  EXPECT_EQ(all.size(), 5u);
  EXPECT_EQ(row({one}, {}, 0), row({one}, {}, 0));
}

TEST(FakeRowTest, FloatingPointElementsAreWholeNumbers) {
  const std::byte byte{7};
  const std::span<const std::byte> input(&byte, 1);
  std::vector<float> wide(100);
  test::FakeRow(std::span(&input, 1), 0, tensor::DType::kFp32,
                std::as_writable_bytes(std::span(wide)));
  for (const float value : wide) {
    EXPECT_EQ(value, static_cast<float>(static_cast<int>(value)));
    EXPECT_LE(value, 1023.0f);
  }
}

class FakeLoaderTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::shared_ptr<LoadedModel>> Load(const std::string& text) {
    test::TempRepository folder;
    const auto file = folder.Write("model.pt", text);
    return test::FakeLoader().Load(
        {.model = "m", .file = file, .signature = BytesToFloats(), .target = {}});
  }
};

TEST_F(FakeLoaderTest, ReadsWhatTheFileSays) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto model,
                              Load("fake-model\nbatch_sizes 1 4\nin_flight 2\nbusy_us 0\n"));
  EXPECT_THAT(model->batch_sizes(), ElementsAre(1, 4));
  EXPECT_EQ(model->engine(), "fake");
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto executor, model->NewExecutor({}, 1));
  EXPECT_EQ(executor->max_in_flight(), 2);
}

TEST_F(FakeLoaderTest, RefusesDamagedFilesByName) {
  EXPECT_THAT(Load(""), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model.pt")));
  EXPECT_THAT(Load("fake-model\nwhat\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, "model.pt: damaged at line 2"));
  EXPECT_THAT(Load("fake-model\nfail_load out of luck\n"),
              StatusIs(absl::StatusCode::kInvalidArgument, "out of luck"));
}

TEST(PlannedRowsTest, IsTheSmallestPlanThatHoldsTheBatch) {
  const std::vector<int> plans = {1, 4, 16};
  EXPECT_EQ(PlannedRows(plans, 1), 1);
  EXPECT_EQ(PlannedRows(plans, 2), 4);
  EXPECT_EQ(PlannedRows(plans, 4), 4);
  EXPECT_EQ(PlannedRows(plans, 5), 16);
  EXPECT_EQ(PlannedRows({}, 5), 5);
}

}  // namespace
}  // namespace actium::engine
