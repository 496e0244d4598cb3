// The command line's validation images are those that actium-train holds out.
#include "client/cli/hold_out.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "client/cli/example_source.h"
#include "models/train/dataset.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

TEST(HeldOutImagesTest, AreThoseOfTraining) {
  const auto split = train::LoadSplit(train::kFashionMnistFolder);
  ASSERT_THAT(split, IsOk());
  const auto source = cli::OpenIdxExamples(train::kFashionMnistFolder, "validation");
  ASSERT_THAT(source, IsOk());
  ASSERT_EQ((*source)->count(), split->validation.size());
  const auto* pixels = split->validation.images.const_data_ptr<uint8_t>();
  for (int64_t i = 0; i < split->validation.size(); ++i) {
    const auto picture = cli::ReadPicture(**source, i);
    ASSERT_TRUE(picture.has_value());
    const std::vector<uint8_t> expected(pixels + i * 28 * 28, pixels + (i + 1) * 28 * 28);
    ASSERT_EQ(picture->pixels, expected) << "image " << i;
    ASSERT_EQ((*source)->label(i), split->validation.labels[i].item<int64_t>());
  }
}

TEST(HeldOutImagesTest, NeedMoreThanThat) {
  EXPECT_THAT(cli::HeldOutImages(5000),
              StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("got 5000")));
}

}  // namespace
}  // namespace actium::test
