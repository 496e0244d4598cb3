#include "server/batching/gather.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/server/batching/test_requests.h"
#include "tests/support/status_matchers.h"

namespace actium::batching {
namespace {

using test::MakeRequest;
using test::TestRequest;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::byte kGuard{0xee};

// A slot's input with a guard behind its end.
struct GuardedInput {
  GuardedInput(int64_t rows, int64_t columns)
      : memory(static_cast<size_t>(rows * columns) + 64, kGuard),
        view{.dtype = tensor::DType::kUint8,
             .shape = {rows, columns},
             .bytes = std::span(memory).first(static_cast<size_t>(rows * columns))} {}
  std::span<const std::byte> guard() const { return std::span(memory).subspan(view.bytes.size()); }
  std::vector<std::byte> memory;
  tensor::MutableTensorView view;
};

std::vector<std::unique_ptr<PendingRequest>> Pending(std::vector<TestRequest>& made) {
  std::vector<std::unique_ptr<PendingRequest>> pending;
  for (TestRequest& request : made) pending.push_back(std::move(request.pending));
  return pending;
}

// Every number of rows, of columns and of rows of padding: contents in order, zeros behind them,
// nothing behind the end.
TEST(GatherTest, CopiesInOrderAndFillsUpWithZeros) {
  for (int64_t columns = 1; columns <= 17; ++columns) {
    for (int rows = 1; rows <= 5; ++rows) {
      for (int padding = 0; padding <= 3; ++padding) {
        engine::Signature signature = test::SmallSignature(16);
        signature.inputs[0].shape = {columns};
        std::vector<TestRequest> made;
        made.push_back(MakeRequest(rows, 1, {columns}));
        made.push_back(MakeRequest(1, 99, {columns}));
        std::vector<std::byte> expected = *made[0].input;
        expected.insert(expected.end(), made[1].input->begin(), made[1].input->end());
        expected.resize(expected.size() + static_cast<size_t>(columns * padding), std::byte{0});
        const auto pending = Pending(made);
        GuardedInput slot(rows + 1 + padding, columns);

        ACTIUM_ASSERT_OK(Gather(signature, pending, rows + 1 + padding, std::span(&slot.view, 1)));

        ASSERT_TRUE(std::equal(expected.begin(), expected.end(), slot.view.bytes.begin(),
                               slot.view.bytes.end()));
        ASSERT_THAT(slot.guard(), Each(kGuard));
      }
    }
  }
}

TEST(GatherTest, FollowsTheSignaturesOrderOfInputs) {
  engine::Signature signature = test::SmallSignature(4);
  signature.inputs.push_back({.name = "mask", .dtype = tensor::DType::kUint8, .shape = {2}});
  TestRequest made = MakeRequest(1, 1);
  const std::vector<std::byte> mask = {std::byte{7}, std::byte{8}};
  auto& inputs = made.pending->request.inputs;
  inputs.insert(inputs.begin(), {.name = "mask",
                                 .dtype = tensor::DType::kUint8,
                                 .shape = {1, 2},
                                 .pieces = {{.bytes = mask}}});
  made.pending->inputs = {1, 0};
  std::vector<TestRequest> all;
  all.push_back(std::move(made));
  const auto pending = Pending(all);
  GuardedInput image(1, 6);
  GuardedInput second(1, 2);
  const std::vector<tensor::MutableTensorView> slot = {image.view, second.view};

  ACTIUM_ASSERT_OK(Gather(signature, pending, 1, slot));

  EXPECT_TRUE(std::equal(all[0].input->begin(), all[0].input->end(), slot[0].bytes.begin()));
  EXPECT_THAT(slot[1].bytes, ElementsAre(std::byte{7}, std::byte{8}));
}

TEST(GatherTest, RefusesBytesThatDoNotFitTheRowsAndWritesNothingOutside) {
  for (const int columns : {5, 7}) {  // The requests have 6.
    std::vector<TestRequest> made;
    made.push_back(MakeRequest(2, 1));
    const auto pending = Pending(made);
    GuardedInput slot(2, columns);
    EXPECT_THAT(Gather(test::SmallSignature(4), pending, 2, std::span(&slot.view, 1)),
                test::StatusIs(absl::StatusCode::kInternal, HasSubstr("input 'image': must have")));
    EXPECT_THAT(slot.guard(), Each(kGuard));
  }
}

TEST(GatherTest, RefusesDeviceMemory) {
  std::vector<TestRequest> made;
  made.push_back(MakeRequest(1, 1));
  made[0].pending->request.inputs[0].pieces[0].kind = tensor::MemoryKind::kDevice;
  const auto pending = Pending(made);
  GuardedInput slot(1, 6);
  EXPECT_THAT(Gather(test::SmallSignature(4), pending, 1, std::span(&slot.view, 1)),
              test::StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("device memory")));
}

TEST(SetBatchShapeTest, TakesTheRequestsShapeWithTheExecutedRows) {
  const TestRequest made = MakeRequest(2, 1, {3, 5});
  engine::BatchShape shape;
  SetBatchShape(test::SmallSignature(8), *made.pending, 4, shape);
  EXPECT_THAT(shape, ElementsAre(tensor::Shape{4, 3, 5}));
}

TEST(SetBatchShapeTest, LeavesShapesWithoutBatchDimensionAlone) {
  const TestRequest made = MakeRequest(1, 1, {3, 5}, false);
  engine::BatchShape shape;
  SetBatchShape(test::SmallSignature(0), *made.pending, 1, shape);
  EXPECT_THAT(shape, ElementsAre(tensor::Shape{3, 5}));
}

}  // namespace
}  // namespace actium::batching
