#include "server/libtorch/reference_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "tests/server/libtorch/run_model.h"
#include "tests/support/status_matchers.h"

namespace actium::libtorch {
namespace {

using tensor::DType;
using test::BytesOf;
using test::StatusIs;
using test::ValuesOf;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

engine::Signature OneToOne(DType in, DType out, int max_batch_size = 8) {
  return {.max_batch_size = max_batch_size,
          .inputs = {{.name = "x", .dtype = in, .shape = {3}}},
          .outputs = {{.name = "y", .dtype = out, .shape = {3}}}};
}

test::TinyModel Source(const std::string& source) {
  return {.source = source, .parameters = {}, .extra_files = {}};
}

template <class T>
std::vector<T> Incremented(DType dtype, const std::vector<T>& values) {
  const test::TempRepository folder;
  auto model = test::MakeRunnable(folder, Source("def forward(self, x):\n  return x + 1\n"),
                                  OneToOne(dtype, dtype));
  EXPECT_THAT(model, test::IsOk());
  EXPECT_THAT(model->Run({{.shape = {1, 3}, .bytes = BytesOf(values)}}), test::IsOk());
  EXPECT_EQ(model->slot->outputs()[0].dtype, dtype);
  EXPECT_EQ(model->slot->outputs()[0].shape, (tensor::Shape{1, 3}));
  return ValuesOf<T>(model->slot->outputs()[0]);
}

TEST(ReferenceModelTest, RunsEveryElementType) {
  EXPECT_THAT(Incremented<float>(DType::kFp32, {1.5f, -1, 0}), ElementsAre(2.5f, 0, 1));
  EXPECT_THAT(Incremented<double>(DType::kFp64, {1.5, -1, 0}), ElementsAre(2.5, 0, 1));
  EXPECT_THAT(Incremented<uint8_t>(DType::kUint8, {1, 254, 0}), ElementsAre(2, 255, 1));
  EXPECT_THAT(Incremented<int8_t>(DType::kInt8, {1, -128, 0}), ElementsAre(2, -127, 1));
  EXPECT_THAT(Incremented<int16_t>(DType::kInt16, {1, -300, 0}), ElementsAre(2, -299, 1));
  EXPECT_THAT(Incremented<int32_t>(DType::kInt32, {1, 1 << 30, 0}),
              ElementsAre(2, (1 << 30) + 1, 1));
  EXPECT_THAT(Incremented<int64_t>(DType::kInt64, {1, int64_t{1} << 60, 0}),
              ElementsAre(2, (int64_t{1} << 60) + 1, 1));
  // 1.0, -1.0 and 0 in binary16 and bfloat16.
  EXPECT_THAT(Incremented<uint16_t>(DType::kFp16, {0x3c00, 0xbc00, 0}),
              ElementsAre(0x4000, 0, 0x3c00));
  EXPECT_THAT(Incremented<uint16_t>(DType::kBf16, {0x3f80, 0xbf80, 0}),
              ElementsAre(0x4000, 0, 0x3f80));
}

TEST(ReferenceModelTest, PassesTypesWithoutArithmeticThrough) {
  for (const DType dtype : {DType::kBool, DType::kUint16, DType::kUint32, DType::kUint64}) {
    const test::TempRepository folder;
    auto model = test::MakeRunnable(folder, Source("def forward(self, x):\n  return x.clone()\n"),
                                    OneToOne(dtype, dtype));
    ACTIUM_ASSERT_OK(model) << tensor::Name(dtype);
    const std::vector<std::byte> bytes(3 * tensor::ElementBytes(dtype), std::byte{1});
    ACTIUM_ASSERT_OK(model->Run({{.shape = {1, 3}, .bytes = bytes}})) << tensor::Name(dtype);
    EXPECT_TRUE(std::ranges::equal(model->slot->outputs()[0].bytes, bytes)) << tensor::Name(dtype);
  }
}

TEST(ReferenceModelTest, TakesAndGivesSeveralTensors) {
  const test::TempRepository folder;
  const engine::Signature signature = {
      .max_batch_size = 4,
      .inputs = {{.name = "a", .dtype = DType::kFp32, .shape = {2}},
                 {.name = "b", .dtype = DType::kInt64, .shape = {}}},
      .outputs = {{.name = "scaled", .dtype = DType::kFp32, .shape = {2}},
                  {.name = "count", .dtype = DType::kInt64, .shape = {}}}};
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      auto model,
      test::MakeRunnable(folder,
                         Source("def forward(self, a, b):\n  return a * b.unsqueeze(1), b + 1\n"),
                         signature));
  ACTIUM_ASSERT_OK(model.Run({{.shape = {2, 2}, .bytes = BytesOf<float>({1, 2, 3, 4})},
                              {.shape = {2}, .bytes = BytesOf<int64_t>({10, 100})}}));
  EXPECT_THAT(ValuesOf<float>(model.slot->outputs()[0]), ElementsAre(10, 20, 300, 400));
  EXPECT_THAT(ValuesOf<int64_t>(model.slot->outputs()[1]), ElementsAre(11, 101));
}

TEST(ReferenceModelTest, BindsInputsByArgumentName) {
  const test::TempRepository folder;
  const engine::Signature signature = {
      .max_batch_size = 4,
      .inputs = {{.name = "b", .dtype = DType::kFp32, .shape = {1}},
                 {.name = "a", .dtype = DType::kFp32, .shape = {1}}},
      .outputs = {{.name = "y", .dtype = DType::kFp32, .shape = {1}}}};
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      auto model,
      test::MakeRunnable(folder, Source("def forward(self, a, b):\n  return a - b\n"), signature));
  ACTIUM_ASSERT_OK(model.Run({{.shape = {1, 1}, .bytes = BytesOf<float>({1})},
                              {.shape = {1, 1}, .bytes = BytesOf<float>({10})}}));
  EXPECT_THAT(ValuesOf<float>(model.slot->outputs()[0]), ElementsAre(9));
}

TEST(ReferenceModelTest, RunsAModelWithoutBatchDimension) {
  const test::TempRepository folder;
  const engine::Signature signature = {
      .max_batch_size = 0,
      .inputs = {{.name = "x", .dtype = DType::kFp32, .shape = {2, tensor::kAnySize}}},
      .outputs = {{.name = "y", .dtype = DType::kFp32, .shape = {tensor::kAnySize, 2}}}};
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      auto model,
      test::MakeRunnable(folder, Source("def forward(self, x):\n  return x.t()\n"), signature));
  ACTIUM_ASSERT_OK(model.Run({{.shape = {2, 3}, .bytes = BytesOf<float>({1, 2, 3, 4, 5, 6})}}));
  EXPECT_EQ(model.slot->outputs()[0].shape, (tensor::Shape{3, 2}));
  // Row-major, though the model gives a transposed view.
  EXPECT_THAT(ValuesOf<float>(model.slot->outputs()[0]), ElementsAre(1, 4, 2, 5, 3, 6));
}

engine::Signature ClassifierSignature() {
  return {.max_batch_size = 64,
          .inputs = {{.name = "image", .dtype = DType::kUint8, .shape = {1, 28, 28}}},
          .outputs = {{.name = "logits", .dtype = DType::kFp32, .shape = {10}}}};
}

TEST(ReferenceModelTest, ABatchedRowEqualsTheSingleRow) {
  const test::TempRepository folder;
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      auto model, test::MakeRunnable(folder, test::TinyClassifier(), ClassifierSignature()));
  constexpr int64_t kRows = 33;
  constexpr size_t kPixels = 28 * 28;
  std::mt19937 random(1);
  std::vector<uint8_t> pixels(kRows * kPixels);
  for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(random());

  ACTIUM_ASSERT_OK(model.Run({{.shape = {kRows, 1, 28, 28}, .bytes = BytesOf(pixels)}}));
  const std::vector<float> batched = ValuesOf<float>(model.slot->outputs()[0]);
  ASSERT_EQ(batched.size(), kRows * 10u);
  for (size_t row = 0; row < kRows; ++row) {
    const auto begin = pixels.begin() + static_cast<std::ptrdiff_t>(row * kPixels);
    const std::vector<uint8_t> image(begin, begin + kPixels);
    ACTIUM_ASSERT_OK(model.Run({{.shape = {1, 1, 28, 28}, .bytes = BytesOf(image)}}));
    const std::vector<float> single = ValuesOf<float>(model.slot->outputs()[0]);
    for (size_t i = 0; i < 10; ++i) {
      EXPECT_NEAR(batched[row * 10 + i], single[i], 1e-5f) << "row " << row;
    }
  }
}

TEST(ReferenceModelTest, ASmallerBatchStaysInTheMemoryOfALargerOne) {
  const test::TempRepository folder;
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      auto model, test::MakeRunnable(folder, test::TinyClassifier(), ClassifierSignature()));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto large, model.slot->Prepare({{64, 1, 28, 28}}));
  const std::byte* memory = large[0].bytes.data();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 64, 0u);
  EXPECT_EQ(large[0].bytes.size(), 64u * 784);
  for (const int64_t rows : {1, 63, 64, 7}) {
    ACTIUM_ASSERT_OK_AND_ASSIGN(const auto views, model.slot->Prepare({{rows, 1, 28, 28}}));
    EXPECT_EQ(views[0].bytes.data(), memory);
    EXPECT_EQ(views[0].bytes.size(), static_cast<size_t>(rows) * 784);
  }
}

TEST(ReferenceModelTest, ASlotRefusesMoreThanItsByteLimitAndStaysUsable) {
  const test::TempRepository folder;
  engine::Signature signature = ClassifierSignature();
  signature.inputs[0].shape = {1, tensor::kAnySize, tensor::kAnySize};
  ACTIUM_ASSERT_OK_AND_ASSIGN(auto model,
                              test::MakeRunnable(folder, test::TinyClassifier(), signature));
  EXPECT_THAT(model.slot->Prepare({{2, 1, 1 << 15, 1 << 15}}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("input 'image'")));
  EXPECT_THAT(model.slot->Prepare({{int64_t{1} << 40, 1, 1 << 15, 1 << 15}}),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("input 'image'")));
  ACTIUM_EXPECT_OK(
      model.Run({{.shape = {1, 1, 28, 28}, .bytes = BytesOf(std::vector<uint8_t>(784))}}));
}

TEST(ReferenceModelTest, AnErrorLeavesTheExecutorUsable) {
  const test::TempRepository folder;
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      auto model,
      test::MakeRunnable(folder,
                         Source("def forward(self, x):\n  assert bool((x < 5).all()), 'too big'\n"
                                "  return x\n"),
                         OneToOne(DType::kFp32, DType::kFp32)));
  EXPECT_THAT(model.Run({{.shape = {1, 3}, .bytes = BytesOf<float>({1, 2, 9})}}),
              StatusIs(absl::StatusCode::kInternal,
                       AllOf(::testing::StartsWith("running 'forward': "), HasSubstr("too big"),
                             ::testing::Not(HasSubstr("\n")))));
  EXPECT_TRUE(model.slot->outputs().empty());
  ACTIUM_ASSERT_OK(model.Run({{.shape = {1, 3}, .bytes = BytesOf<float>({1, 2, 3})}}));
  EXPECT_THAT(ValuesOf<float>(model.slot->outputs()[0]), ElementsAre(1, 2, 3));
}

TEST(ReferenceModelTest, ExecutorsOnSeveralThreadsDoNotDisturbEachOther) {
  const test::TempRepository folder;
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      auto model,
      test::MakeRunnable(folder, test::TinyDoubler(),
                         {.max_batch_size = 4,
                          .inputs = {{.name = "x", .dtype = DType::kFp32, .shape = {4}}},
                          .outputs = {{.name = "y", .dtype = DType::kFp32, .shape = {4}}}}));
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      test::RunnableModel own{
          .model = model.model, .executor = *model.model->NewExecutor({}, 1), .slot = nullptr};
      own.slot = *own.executor->NewSlot();
      for (int i = 0; i < 200; ++i) {
        const float value = static_cast<float>(t * 1000 + i);
        const std::vector<float> values(4, value);
        if (!own.Run({{.shape = {1, 4}, .bytes = BytesOf(values)}}).ok()) continue;
        right += ValuesOf<float>(own.slot->outputs()[0]) == std::vector<float>(4, 2 * value);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 800);
}

TEST(ReferenceModelTest, AModelThatCountsItsRunsCountsPerExecutorAndNotTheTrial) {
  const test::TempRepository folder;
  const test::TinyModel counter = {
      .source = "def forward(self, x):\n  self.runs += 1\n  return x + self.runs\n",
      .parameters = {{"runs", {3}}},  // -1, 0, 1
      .extra_files = {}};
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      auto model, test::MakeRunnable(folder, counter, OneToOne(DType::kFp32, DType::kFp32)));
  const test::Fed zeros = {.shape = {1, 3}, .bytes = BytesOf<float>({0, 0, 0})};
  ACTIUM_ASSERT_OK(model.Run({zeros}));
  ACTIUM_ASSERT_OK(model.Run({zeros}));
  EXPECT_THAT(ValuesOf<float>(model.slot->outputs()[0]), ElementsAre(1, 2, 3));
  test::RunnableModel other{
      .model = model.model, .executor = *model.model->NewExecutor({}, 1), .slot = nullptr};
  other.slot = *other.executor->NewSlot();
  ACTIUM_ASSERT_OK(other.Run({zeros}));
  EXPECT_THAT(ValuesOf<float>(other.slot->outputs()[0]), ElementsAre(0, 1, 2));
}

TEST(ReferenceModelTest, NamesItselfAndItsDevice) {
  const test::TempRepository folder;
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      auto model, test::MakeRunnable(folder, test::TinyClassifier(), ClassifierSignature()));
  EXPECT_EQ(model.model->engine(), "libtorch");
  EXPECT_EQ(model.model->precision(), "fp32");
  EXPECT_TRUE(model.model->batch_sizes().empty());
  EXPECT_THAT(model.model->NewExecutor({.kind = engine::Device::Kind::kCuda, .index = 0}, 1),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("CPU")));
}

}  // namespace
}  // namespace actium::libtorch
