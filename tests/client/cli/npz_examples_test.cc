#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "client/cli/example_source.h"
#include "client/cli/exit_status.h"
#include "tests/client/cli/write_npz.h"
#include "tests/support/npy_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::test {
namespace {

using cli::OpenNpzExamples;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class NpzExamplesTest : public ::testing::Test {
 protected:
  // Files by their names without ".npy".
  std::string Write(std::vector<std::pair<std::string, std::string>> arrays, bool packed = true) {
    for (auto& [name, bytes] : arrays) name += ".npy";
    const std::string path = folder_.MakeParent("data.npz").string();
    WriteZip(path, arrays, packed);
    return path;
  }

  std::string Error(std::vector<std::pair<std::string, std::string>> arrays) {
    const absl::Status status = OpenNpzExamples(Write(std::move(arrays)), "").status();
    EXPECT_EQ(cli::ExitStatusOf(status), cli::ExitStatus::kBadFile);
    return std::string(status.message());
  }

  TempRepository folder_;
};

const std::string kTwoImages = NpyFile("|u1", "(2, 2, 3)", "abcdefghijkl");

TEST_F(NpzExamplesTest, RowsAreExamplesInAnyOrder) {
  for (const bool packed : {false, true}) {
    const auto source = OpenNpzExamples(
        Write({{"images", kTwoImages},
               {"labels",
                NpyFile("<i8", "(2,)", std::string("\5\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16))}},
              packed),
        "");
    ASSERT_THAT(source, IsOk());
    EXPECT_EQ((*source)->count(), 2);
    ASSERT_TRUE((*source)->labelled());
    EXPECT_EQ((*source)->label(0), 5);
    EXPECT_EQ((*source)->label(1), 2);
    for (const int64_t number : {1, 0, 1, 0, 0, 1}) {
      const auto sample = (*source)->Read(number);
      ASSERT_THAT(sample, IsOk());
      EXPECT_EQ(sample->array->bytes, number == 0 ? "abcdef" : "ghijkl");
      EXPECT_THAT(sample->array->shape, ElementsAre(2, 3));
      EXPECT_EQ(sample->image->width, 3);
    }
  }
}

TEST_F(NpzExamplesTest, TheModelsInputNamesTheArrayFirst) {
  const std::string other = NpyFile("<f4", "(1, 1)", std::string(4, 'z'));
  const std::string path = Write({{"images", kTwoImages}, {"pixels", other}});
  EXPECT_EQ((*OpenNpzExamples(path, "pixels"))->count(), 1);
  EXPECT_EQ((*OpenNpzExamples(path, "another"))->count(), 2);
  EXPECT_FALSE((*OpenNpzExamples(path, ""))->labelled());
  EXPECT_EQ((*OpenNpzExamples(Write({{"x", other}}), ""))->Read(0)->array->datatype, "FP32");
}

TEST_F(NpzExamplesTest, SaysWhatIsWrongWithWhichArray) {
  EXPECT_THAT(Error({{"arr_0", kTwoImages}}),
              AllOf(HasSubstr("must have an array images, inputs or x; it has 'arr_0'"),
                    HasSubstr("data.npz")));
  EXPECT_THAT(Error({{"x", NpyFile("|u1", "(2,)", "ab")}}), HasSubstr("array 'x': must have 1 to"));
  EXPECT_THAT(Error({{"x", NpyFile("|u1", "(0, 2)", "")}}), HasSubstr("it has shape [0, 2]"));
  EXPECT_THAT(Error({{"x", kTwoImages}, {"y", NpyFile("|u1", "(3,)", "abc")}}),
              HasSubstr("array 'y': must have one label for each of the 2 examples, it has"));
  EXPECT_THAT(Error({{"x", kTwoImages}, {"y", NpyFile("<f4", "(2,)", "abcdefgh")}}),
              HasSubstr("must be integers of 1 to 8 bytes, it is FP32"));
  EXPECT_THAT(Error({{"x", kTwoImages}, {"y", NpyFile("|i1", "(2,)", "\1\xff")}}),
              HasSubstr("got -1 for example 1"));
  EXPECT_THAT(Error({{"x", NpyFile("|u1", "(2, 3)", "abcdefg")}}),
              HasSubstr("announces 6 bytes, it has 7"));
  EXPECT_THAT(Error({{"x", "no npy"}}), HasSubstr("array 'x': no .npy file"));
}

// Nothing is allocated for what is only claimed.
TEST_F(NpzExamplesTest, AHugeClaimIsAnError) {
  EXPECT_THAT(Error({{"x", NpyFile("<f8", "(1, 4611686018427387904)", "")}}), HasSubstr("2^63"));
  EXPECT_THAT(Error({{"x", NpyFile("|u1", "(1, 1099511627776)", "abc")}}),
              HasSubstr("announces 1099511627776 bytes, it has 3"));
}

TEST_F(NpzExamplesTest, ALargeArrayIsReadRowByRow) {
  constexpr size_t kRow = 300'000;
  std::string contents;
  for (char c = 'a'; c < 'k'; ++c) contents += std::string(kRow, c);
  const auto source = OpenNpzExamples(Write({{"x", NpyFile("|u1", "(10, 300000)", contents)}}), "");
  ASSERT_THAT(source, IsOk());
  for (const int64_t number : {0, 1, 2, 7, 9, 3}) {
    const auto sample = (*source)->Read(number);
    ASSERT_THAT(sample, IsOk());
    EXPECT_EQ(sample->array->bytes, std::string(kRow, static_cast<char>('a' + number)));
  }
}

// Every truncation and many changed bytes: an error or the rows as they were, never anything else.
TEST_F(NpzExamplesTest, DamagedArchivesAreErrors) {
  const std::string path = Write({{"x", kTwoImages}, {"y", NpyFile("|u1", "(2,)", "ab")}});
  std::ifstream stream(path, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(stream), {}};
  const auto read = [&](const std::string& bytes) {
    const auto source = OpenNpzExamples(folder_.Write("damaged.npz", bytes), "");
    if (!source.ok()) return std::string("error");
    std::string rows;
    for (int64_t i = 0; i < (*source)->count(); ++i) {
      const auto row = (*source)->Read(i);
      if (!row.ok()) return std::string("error");
      rows += row->array->bytes;
    }
    return rows;
  };
  const auto error_or_rows = ::testing::AnyOf("error", "abcdefghijkl");
  EXPECT_EQ(read(whole), "abcdefghijkl");
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THAT(read(whole.substr(0, length)), error_or_rows) << length;
  }
  EXPECT_EQ(read(whole.substr(0, whole.size() / 2)), "error");
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    std::string changed = whole;
    const size_t at = random() % changed.size();
    changed[at] = static_cast<char>(random());
    EXPECT_THAT(read(changed), error_or_rows) << "byte " << at;
  }
}

}  // namespace
}  // namespace actium::test
