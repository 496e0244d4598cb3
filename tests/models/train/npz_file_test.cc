#include "models/train/npz_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "models/train/predictions_command.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::train {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;

std::string Contents(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(NpzFileTest, NumPyReadsIt) {
  const test::TempRepository folder;
  const std::filesystem::path file = folder.root() / "new" / "arrays.npz";
  ACTIUM_ASSERT_OK(
      WriteNpz(file, {{"bytes", torch::tensor({1, 2, 255}, torch::kUInt8)},
                      {"halves", torch::tensor({{0.5, 1.0}, {0.25, 0.0}}, torch::kFloat16)},
                      {"numbers", torch::tensor({int64_t{1} << 40}, torch::kInt64)}}));
  const std::string script = "import numpy; a = numpy.load('" + file.string() +
                             "'); print(a['bytes'].tolist(), a['halves'].dtype, "
                             "a['halves'].tolist(), a['numbers'].tolist())";
  FILE* pipe = popen((ACTIUM_TEST_PYTHON " -c \"" + script + "\" 2>&1").c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  char buffer[4096] = {};
  const size_t size = fread(buffer, 1, sizeof(buffer) - 1, pipe);
  EXPECT_EQ(pclose(pipe), 0);
  EXPECT_EQ(std::string(buffer, size),
            "[1, 2, 255] float16 [[0.5, 1.0], [0.25, 0.0]] [1099511627776]\n");
}

TEST(NpzFileTest, EqualArraysGiveEqualFiles) {
  const test::TempRepository folder;
  const std::vector<NamedArray> arrays = {{"x", torch::arange(1000)}};
  ACTIUM_ASSERT_OK(WriteNpz(folder.root() / "a.npz", arrays));
  ACTIUM_ASSERT_OK(WriteNpz(folder.root() / "b.npz", arrays));
  EXPECT_EQ(Contents(folder.root() / "a.npz"), Contents(folder.root() / "b.npz"));
}

TEST(NpzFileTest, AFileThatCannotBeWrittenLeavesNothing) {
  const test::TempRepository folder;
  folder.Write("file", "in the way");
  EXPECT_THAT(WriteNpz(folder.root() / "file" / "x.npz", {{"x", torch::arange(3)}}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("x.npz' cannot be written")));
}

TEST(SeedRepositoryTest, IsANumberAndAFolder) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto parsed, ParseSeedRepository("12=a=b"));
  EXPECT_EQ(parsed.first, 12u);
  EXPECT_EQ(parsed.second, "a=b");
  for (const char* bad : {"", "=", "1=", "=x", "x=y", "-1=y", "1 =y", "12"}) {
    EXPECT_THAT(ParseSeedRepository(bad),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("must be SEED=DIR")))
        << bad;
  }
}

}  // namespace
}  // namespace actium::train
