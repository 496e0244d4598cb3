#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "server/graph/text.h"
#include "tests/server/cpu/run_model.h"
#include "tests/support/status_matchers.h"

namespace {

std::atomic<bool> counting = false;
std::atomic<int> allocations = 0;
std::atomic<size_t> largest = 0;

}  // namespace

// gcc looks into one half of a pair at a time.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

// For the whole program, oneDNN included.
void* operator new(size_t bytes) {
  if (counting) {
    ++allocations;
    if (bytes > largest) largest = bytes;
  }
  if (void* const memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace actium::test {
namespace {

struct Counted {
  int allocations = 0;
  size_t largest = 0;
};

// What Prepare() and Start() allocate from the second run of a batch size on.
Counted CountOf(std::string_view text, const tensor::Shape& row) {
  const auto model = CpuModelOf(graph::ParseText(text).value(), 4);
  CpuStream stream(*model, 1);
  for (const int64_t rows : {1, 2, 4}) {
    tensor::Shape shape = {rows};
    shape.insert(shape.end(), row.begin(), row.end());
    const engine::BatchShape shapes = {shape};
    for (const bool count : {false, true}) {
      counting = count;
      const bool prepared = stream.slot().Prepare(shapes).ok();
      absl::Status status;
      stream.executor().Start(stream.slot(),
                              [&](absl::Status result, engine::RunTimes) { status = result; });
      counting = false;
      EXPECT_TRUE(prepared);
      ACTIUM_EXPECT_OK(status);
    }
  }
  return {allocations.exchange(0), largest.exchange(0)};
}

TEST(AllocationsTest, OurOwnStepsAllocateNothing) {
  const Counted counted = CountOf(R"(
    input image: fp32[2, 4, 4]
    constant slopes: [2] = {0.25, 0.5}
    a = pointwise(image, slopes) { 2 = mish(0); 3 = prelu(2, 1); 4 = add(2, 3) }
    b = pool(a) kind=max kernel=[2, 2] stride=[2, 2]
    c = concat(b, b)
    d = global_average(c)
    e = softmax(d)
    output e, c
  )",
                                  {2, 4, 4});
  EXPECT_EQ(counted.allocations, 0);
}

// oneDNN makes a table of its arguments at every call: some hundred bytes.
TEST(AllocationsTest, ConvolutionsAllocateWhatOneDnnDoes) {
  const Counted counted = CountOf(R"(
    input image: fp32[1, 2, 2]
    constant weight: [2, 1, 1, 1] = {1, -1}
    constant bias: [2] = {0, 1}
    y = convolution(image, weight, bias) { 1 = mish(0) }
    output y
  )",
                                  {1, 2, 2});
  RecordProperty("allocations_of_three_runs", counted.allocations);
  RecordProperty("largest_bytes", static_cast<int>(counted.largest));
  EXPECT_LE(counted.allocations, 3 * 20);
  EXPECT_LE(counted.largest, 1024u);
}

}  // namespace
}  // namespace actium::test
