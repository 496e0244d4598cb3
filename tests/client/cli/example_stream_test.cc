#include "client/cli/example_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/client/cli/encode_picture.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using cli::ExampleStream;
using cli::ExampleTarget;
using cli::Sample;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Examples in memory; counts what is read.
class FakeSource final : public cli::ExampleSource {
 public:
  FakeSource(std::vector<Sample> samples, bool labelled)
      : samples_(std::move(samples)), labelled_(labelled) {}

  std::string kind() const override { return "fake"; }
  int64_t count() const override { return std::ssize(samples_); }
  bool labelled() const override { return labelled_; }
  const std::vector<std::string>& class_names() const override { return names_; }
  int32_t label(int64_t number) const override { return static_cast<int32_t>(number % 2); }
  std::string id(int64_t number) const override {
    return labelled_ ? "id" + std::to_string(number) : "";
  }
  absl::StatusOr<Sample> Read(int64_t number) override {
    ++reads;
    if (samples_[static_cast<size_t>(number)].image) return samples_[static_cast<size_t>(number)];
    return absl::InvalidArgumentError("damaged");
  }

  int reads = 0;

 private:
  const std::vector<Sample> samples_;
  const bool labelled_;
  const std::vector<std::string> names_;
};

Sample Picture(int width, int height) {
  return {.image = Gradient(width, height, 1), .array = std::nullopt};
}

ExampleTarget Target(int height, int width, bool batched = true) {
  cli::PictureLayout layout{.height = height, .width = width};
  std::vector<int64_t> shape = {height == 0 ? -1 : height, width == 0 ? -1 : width};
  if (batched) shape.insert(shape.begin(), -1);
  return {.input = {.name = "image", .datatype = "UINT8", .batched = batched, .shape = shape},
          .layout = layout,
          .scale = cli::Scale::kNone};
}

std::vector<int64_t> ShapeOf(const inference::ModelInferRequest& inputs) {
  return {inputs.inputs(0).shape().begin(), inputs.inputs(0).shape().end()};
}

TEST(ExampleStreamTest, MessagesHoldManyRowsWithTheModelsClasses) {
  FakeSource source(std::vector<Sample>(300, Picture(2, 2)), /*labelled=*/true);
  ExampleStream stream(source, Target(2, 2), {7, 5});
  const auto first = stream.Next();
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ((*first)->labels_size(), 256);
  EXPECT_EQ((*first)->labels(1), 5);
  EXPECT_EQ((*first)->ids(255), "id255");
  EXPECT_THAT(ShapeOf((*first)->inputs()), ElementsAre(256, 2, 2));
  EXPECT_EQ((*first)->inputs().raw_input_contents(0).size(), 256u * 4);
  EXPECT_EQ(source.reads, 257) << "read while sending";
  EXPECT_EQ((*stream.Next())->labels_size(), 44);
  EXPECT_FALSE((*stream.Next()).has_value());
}

TEST(ExampleStreamTest, AnotherShapeBeginsAnotherMessage) {
  FakeSource source({Picture(2, 3), Picture(2, 3), Picture(4, 3)}, /*labelled=*/false);
  ExampleStream stream(source, Target(0, 0), {});
  const auto first = *stream.Next();
  EXPECT_THAT(ShapeOf(first->inputs()), ElementsAre(2, 3, 2));
  EXPECT_THAT(first->labels(), IsEmpty());
  EXPECT_THAT(first->ids(), IsEmpty());
  EXPECT_THAT(ShapeOf((*stream.Next())->inputs()), ElementsAre(1, 3, 4));
  EXPECT_FALSE((*stream.Next()).has_value());
}

TEST(ExampleStreamTest, MessagesAreAtMostEightMebibytes) {
  FakeSource source(std::vector<Sample>(5, Picture(2048, 2048)), /*labelled=*/false);
  ExampleStream stream(source, Target(2048, 2048), {});
  EXPECT_EQ(ShapeOf((*stream.Next())->inputs())[0], 2);
  EXPECT_EQ(ShapeOf((*stream.Next())->inputs())[0], 2);
  EXPECT_EQ(ShapeOf((*stream.Next())->inputs())[0], 1);
}

TEST(ExampleStreamTest, WithoutABatchEachExampleIsAMessage) {
  FakeSource source({Picture(2, 2), Picture(2, 2)}, /*labelled=*/false);
  ExampleStream stream(source, Target(2, 2, /*batched=*/false), {});
  EXPECT_THAT(ShapeOf((*stream.Next())->inputs()), ElementsAre(2, 2));
  EXPECT_TRUE((*stream.Next()).has_value());
  EXPECT_FALSE((*stream.Next()).has_value());
}

TEST(ExampleStreamTest, AnErrorOfReadingEndsIt) {
  FakeSource source({Picture(2, 2), Sample{}}, /*labelled=*/false);
  ExampleStream stream(source, Target(2, 2), {});
  EXPECT_THAT(stream.Next(), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("damaged")));
}

TEST(TimingRowsTest, SpreadsOverTheDataAndRepeatsWhatIsTooLittle) {
  FakeSource many(std::vector<Sample>(100, Picture(2, 2)), /*labelled=*/false);
  const auto spread = cli::TimingRows(many, Target(2, 2), 1, 10);
  ASSERT_THAT(spread, IsOk());
  EXPECT_THAT(ShapeOf(*spread), ElementsAre(10, 2, 2));
  EXPECT_LE(many.reads, 11);
  FakeSource few({Picture(2, 2), Picture(3, 3), Picture(2, 2)}, /*labelled=*/false);
  EXPECT_THAT(ShapeOf(*cli::TimingRows(few, Target(0, 0), 16, 64)), ElementsAre(64, 2, 2));
  EXPECT_THAT(ShapeOf(*cli::TimingRows(few, Target(2, 2, false), 1, 64)), ElementsAre(2, 2));
}

TEST(TimingRowsTest, LargeRowsAreFewerButEnoughForABatch) {
  FakeSource large(std::vector<Sample>(8, Picture(2048, 2048)), /*labelled=*/false);
  EXPECT_EQ(ShapeOf(*cli::TimingRows(large, Target(2048, 2048), 1, 64))[0], 4);
  EXPECT_EQ(ShapeOf(*cli::TimingRows(large, Target(2048, 2048), 6, 64))[0], 6);
}

}  // namespace
}  // namespace actium::test
