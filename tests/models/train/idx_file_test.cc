#include "models/train/idx_file.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include "tests/models/train/synthetic_data.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::train {
namespace {

using test::IdxBytes;
using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ReadIdxTest, ReadsDimensionsAndBytes) {
  const test::TempRepository folder;
  const auto path = folder.Write("file", IdxBytes({2, 3}, "abcdef"));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const IdxFile idx, ReadIdx(path, 2));
  EXPECT_THAT(idx.dims, ElementsAre(2, 3));
  EXPECT_THAT(idx.bytes, ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
}

TEST(ReadIdxTest, ReadsGzipToo) {
  const test::TempRepository folder;
  const std::string path = folder.MakeParent("file.gz");
  const std::string bytes = IdxBytes({4}, "wxyz");
  gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_EQ(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())),
            static_cast<int>(bytes.size()));
  ASSERT_EQ(gzclose(file), Z_OK);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const IdxFile idx, ReadIdx(path, 1));
  EXPECT_THAT(idx.bytes, ElementsAre('w', 'x', 'y', 'z'));
}

struct BrokenFile {
  const char* name;
  std::string bytes;
  const char* why;
};

class ReadIdxBrokenTest : public ::testing::TestWithParam<BrokenFile> {};

TEST_P(ReadIdxBrokenTest, IsRefusedWithPathAndReason) {
  const test::TempRepository folder;
  const auto path = folder.Write("broken", GetParam().bytes);
  EXPECT_THAT(ReadIdx(path, 2),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       ::testing::AllOf(HasSubstr(path), HasSubstr(GetParam().why))));
}

INSTANTIATE_TEST_SUITE_P(
    Files, ReadIdxBrokenTest,
    ::testing::Values(
        BrokenFile{"Empty", "", "not an IDX file"},
        BrokenFile{"OtherFormat", "\x89PNG\r\n", "not an IDX file"},
        BrokenFile{"Floats", std::string("\0\0\x0d\x02", 4), "not an IDX file of unsigned bytes"},
        BrokenFile{"OtherRank", IdxBytes({4}, "abcd"), "must have 2 dimensions, got 1"},
        BrokenFile{"CutInTheHeader", IdxBytes({2, 2}, "").substr(0, 9), "cut off in its header"},
        BrokenFile{"CutInTheData", IdxBytes({2, 2}, "abc"), "cut off or damaged"},
        BrokenFile{"DataBehindTheEnd", IdxBytes({2, 2}, "abcde"), "longer than the 4 bytes"},
        BrokenFile{"NoImages", IdxBytes({0, 2}, ""), "dimension 0 is out of range: 0"},
        BrokenFile{"AbsurdlyLarge", IdxBytes({0xffffffff, 0xffffffff}, ""), "out of range"}),
    [](const auto& test) { return test.param.name; });

TEST(ReadIdxTest, NamesAFileThatIsNotThere) {
  EXPECT_THAT(ReadIdx("/nowhere/file", 1),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/nowhere/file")));
}

}  // namespace
}  // namespace actium::train
