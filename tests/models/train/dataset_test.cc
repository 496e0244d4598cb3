#include "models/train/dataset.h"

#include <gmock/gmock.h>

#include <set>

#include "tests/models/train/synthetic_data.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::train {
namespace {

using test::IdxBytes;
using test::StatusIs;
using ::testing::HasSubstr;

// Images of one pixel, whose value is the image's number; labels are the number modulo 10.
void WriteImages(const test::TempRepository& folder, const std::string& prefix, uint32_t count) {
  std::string pixels, labels;
  for (uint32_t i = 0; i < count; ++i) {
    pixels += static_cast<char>(i);
    labels += static_cast<char>(i % 10);
  }
  folder.Write(prefix + "-images-idx3-ubyte", IdxBytes({count, 1, 1}, pixels));
  folder.Write(prefix + "-labels-idx1-ubyte", IdxBytes({count}, labels));
}

TEST(LoadSplitTest, HoldsOutImagesWithTheirLabelsAndSharesNone) {
  const test::TempRepository folder;
  WriteImages(folder, "train", 100);
  WriteImages(folder, "t10k", 7);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const Split split, LoadSplit(folder.root(), 20));
  EXPECT_EQ(split.train.size(), 80);
  EXPECT_EQ(split.validation.size(), 20);
  EXPECT_EQ(split.test.size(), 7);

  std::set<int64_t> seen;
  for (const Dataset* part : {&split.train, &split.validation}) {
    for (int64_t i = 0; i < part->size(); ++i) {
      const auto image = part->images[i].item<int64_t>();
      EXPECT_EQ(part->labels[i].item<int64_t>(), image % 10);
      EXPECT_TRUE(seen.insert(image).second) << "image " << image << " is in both parts";
    }
  }
  EXPECT_EQ(seen.size(), 100u);
}

TEST(LoadSplitTest, HoldsOutTheSameImagesEachTime) {
  const test::TempRepository folder;
  WriteImages(folder, "train", 100);
  WriteImages(folder, "t10k", 7);
  EXPECT_TRUE(torch::equal(LoadSplit(folder.root(), 20)->validation.images,
                           LoadSplit(folder.root(), 20)->validation.images));
}

TEST(LoadSplitTest, NeedsMoreImagesThanItHoldsOut) {
  const test::TempRepository folder;
  WriteImages(folder, "train", 20);
  WriteImages(folder, "t10k", 7);
  EXPECT_THAT(LoadSplit(folder.root(), 20),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("more than 20")));
}

TEST(LoadTestImagesTest, SaysWhichFileIsMissingAndWhatToDo) {
  const test::TempRepository folder;
  EXPECT_THAT(
      LoadTestImages(folder.root()),
      StatusIs(absl::StatusCode::kNotFound, ::testing::AllOf(HasSubstr("t10k-images-idx3-ubyte.gz"),
                                                             HasSubstr("dataset-fashion-mnist"))));
}

TEST(LoadTestImagesTest, RefusesImagesWithoutLabels) {
  const test::TempRepository folder;
  WriteImages(folder, "t10k", 7);
  folder.Write("t10k-labels-idx1-ubyte", IdxBytes({2}, std::string(2, '\1')));
  EXPECT_THAT(LoadTestImages(folder.root()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("7 images")));
}

TEST(LoadTestImagesTest, RefusesLabelsThatAreNoClass) {
  const test::TempRepository folder;
  WriteImages(folder, "t10k", 2);
  folder.Write("t10k-labels-idx1-ubyte", IdxBytes({2}, std::string("\1\12", 2)));
  EXPECT_THAT(LoadTestImages(folder.root()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("below 10, got 10")));
}

}  // namespace
}  // namespace actium::train
