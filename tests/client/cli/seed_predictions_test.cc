#include "client/cli/seed_predictions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <string>

#include "client/cli/element.h"
#include "client/cli/exit_status.h"
#include "tests/client/cli/write_npz.h"
#include "tests/support/npy_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::cli {
namespace {

using test::NpyFile;
using test::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
const std::filesystem::path kShipped = ACTIUM_SOURCE_DIR "/models/predictions";

double AccuracyOf(const SeedData& data, const v1::SeedPredictions& checkpoint) {
  int right = 0;
  for (size_t i = 0; i < data.labels.size(); ++i) {
    right += checkpoint.predicted(static_cast<int>(i)) == data.labels[i] ? 1 : 0;
  }
  return static_cast<double>(right) / static_cast<double>(data.labels.size());
}

TEST(SeedPredictionsTest, ShippedOnesHaveFiveSeedsOfElevenVariants) {
  for (const auto& [split, examples] :
       {std::pair{"test", 10'000u}, std::pair{"validation", 5'000u}}) {
    ACTIUM_ASSERT_OK_AND_ASSIGN(const SeedData data, ReadSeedPredictions(kShipped, split, {}));
    EXPECT_EQ(data.labels.size(), examples);
    std::map<std::string, std::vector<uint64_t>> seeds;
    for (const v1::SeedPredictions& checkpoint : data.checkpoints) {
      seeds[checkpoint.variant()].push_back(checkpoint.seed());
      EXPECT_EQ(checkpoint.predicted_size(), static_cast<int>(examples));
      EXPECT_EQ(checkpoint.probability_size(), static_cast<int>(examples));
      EXPECT_GT(AccuracyOf(data, checkpoint), 0.78);
    }
    EXPECT_EQ(seeds.size(), 11u);
    for (const auto& [variant, own] : seeds) EXPECT_THAT(own, ElementsAre(0, 1, 2, 3, 4));
  }
}

TEST(SeedPredictionsTest, SeedZeroIsTheShippedModel) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const SeedData data,
                              ReadSeedPredictions(kShipped, "test", {"relu:1"}));
  EXPECT_NEAR(AccuracyOf(data, data.checkpoints.front()), 0.9161, 1e-9) << "as its card says";
}

class SeedFolderTest : public ::testing::Test {
 protected:
  SeedFolderTest() {
    Write("labels.npz", {{"test", NpyFile("|u1", "(3,)", "\1\2\3")}});
    Write("mish.npz", good_);
  }

  void Write(const std::string& file, std::vector<std::pair<std::string, std::string>> arrays) {
    for (auto& [name, bytes] : arrays) name += ".npy";
    test::WriteZip((folder_.root() / file).string(), arrays, /*packed=*/true);
  }

  // Errors of reading a file mish.npz in which one array is another.
  absl::Status With(const std::string& array, const std::string& npy) {
    auto changed = good_;
    for (auto& [name, bytes] : changed) {
      if (name == array) bytes = npy;
    }
    Write("mish.npz", changed);
    return ReadSeedPredictions(folder_.root(), "test", {}).status();
  }

  test::TempRepository folder_;
  std::vector<std::pair<std::string, std::string>> good_ = {
      {"seeds", NpyFile("<i8", "(1,)", std::string("\7\0\0\0\0\0\0\0", 8))},
      {"test_class", NpyFile("|u1", "(1, 3)", "\1\2\xff")},
      {"test_probability", NpyFile("<f2", "(1, 3)", std::string("\0\x3c\0\x38\0\0", 6))}};
};

TEST_F(SeedFolderTest, IsReadWhole) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const SeedData data, ReadSeedPredictions(folder_.root(), "test", {}));
  EXPECT_THAT(data.labels, ElementsAre(1, 2, 3));
  ASSERT_EQ(data.checkpoints.size(), 1u);
  EXPECT_EQ(data.checkpoints[0].seed(), 7u);
  EXPECT_THAT(data.checkpoints[0].predicted(), ElementsAre(1, 2, -1));
  EXPECT_THAT(data.checkpoints[0].probability(), ElementsAre(1.0f, 0.5f, 0.0f));
}

TEST_F(SeedFolderTest, SaysWhatIsWrong) {
  EXPECT_THAT(ReadSeedPredictions(folder_.root(), "holdout", {}),
              StatusIs(kInvalid, HasSubstr("must have an array holdout, has test")));
  EXPECT_THAT(ReadSeedPredictions(folder_.root(), "test", {"gelu"}).status().message(),
              HasSubstr("gelu.npz"));
  EXPECT_THAT(ReadSeedPredictions(folder_.root() / "no", "test", {}).status().message(),
              HasSubstr("labels.npz"));
  EXPECT_THAT(With("test_class", NpyFile("|u1", "(1, 2)", "ab")),
              StatusIs(kInvalid, AllOf(HasSubstr("mish.npz"),
                                       HasSubstr("shape [1, 3], is UINT8 of [1, 2]"))));
  EXPECT_THAT(With("test_probability", NpyFile("|u1", "(1, 3)", "abc")),
              StatusIs(kInvalid, HasSubstr("FP16 or FP32")));
  EXPECT_THAT(With("seeds", NpyFile("<f8", "(1,)", std::string(8, '\0'))),
              StatusIs(kInvalid, HasSubstr("INT64 or UINT64")));
  EXPECT_THAT(With("seeds", "nothing"), StatusIs(kInvalid, HasSubstr("no .npy file")));
}

TEST(HalfTest, GoesThereAndBack) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = FromHalf(static_cast<uint16_t>(bits));
    if (std::isnan(value)) {
      EXPECT_EQ(bits & 0x7c00, 0x7c00u);
      continue;
    }
    EXPECT_EQ(ToHalf(value), bits);
  }
  EXPECT_EQ(FromHalf(0x3555), 0.333251953125f);
}

}  // namespace
}  // namespace actium::cli
