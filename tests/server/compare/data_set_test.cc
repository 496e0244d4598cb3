#include "server/compare/data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/support/npy_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::compare {
namespace {

namespace fs = std::filesystem;
using test::NpyFile;
using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kUnfit = absl::StatusCode::kFailedPrecondition;
constexpr auto kNotFound = absl::StatusCode::kNotFound;

class DataSetTest : public ::testing::Test {
 protected:
  DataSetTest() {
    folder_.Write("shirts/x.npy", NpyFile("|u1", "(3, 2)", "aabbcc"));
    folder_.Write("shirts/y.npy", NpyFile("|u1", "(3, 1, 1)", "123"));
    folder_.Write("shirts/labels.npy", NpyFile("<i2", "(3,)", std::string("\0\0\2\0\1\0", 6)));
  }

  absl::StatusOr<DataSet> Open(const std::string& name) {
    return DataSet::Open(folder_.root(), name, signature_);
  }

  test::TempRepository folder_;
  engine::Signature signature_{.max_batch_size = 4,
                               .inputs = {{"x", tensor::DType::kUint8, {2}},
                                          {"y", tensor::DType::kUint8, {tensor::kAnySize, 1}}},
                               .outputs = {}};
};

std::string BytesOf(const batching::InputView& input) {
  std::string bytes;
  for (const auto& piece : input.pieces) {
    bytes.append(reinterpret_cast<const char*>(piece.bytes.data()), piece.bytes.size());
  }
  return bytes;
}

TEST_F(DataSetTest, ReadsRowsOfAllInputsWithTheirLabels) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(DataSet data, Open("shirts"));
  EXPECT_EQ(data.examples(), 3);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const DataSetPart last, data.Read(1, 2));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const DataSetPart first, data.Read(0, 1));
  ASSERT_EQ(last.inputs.inputs.size(), 2u);
  EXPECT_EQ(last.inputs.inputs[0].name, "x");
  EXPECT_THAT(last.inputs.inputs[0].shape, ElementsAre(2, 2));
  EXPECT_EQ(BytesOf(last.inputs.inputs[0]), "bbcc");
  EXPECT_EQ(BytesOf(last.inputs.inputs[1]), "23");
  EXPECT_THAT(last.inputs.inputs[1].shape, ElementsAre(2, 1, 1));
  EXPECT_THAT(last.labels, ElementsAre(2, 1));
  EXPECT_EQ(BytesOf(first.inputs.inputs[0]), "aa");
  EXPECT_THAT(first.labels, ElementsAre(0));
}

TEST_F(DataSetTest, MayHaveNoLabels) {
  fs::remove(folder_.root() / "shirts" / "labels.npy");
  ACTIUM_ASSERT_OK_AND_ASSIGN(DataSet data, Open("shirts"));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const DataSetPart part, data.Read(0, 3));
  EXPECT_THAT(part.labels, IsEmpty());
}

TEST_F(DataSetTest, LeavesItsFolderNeitherByNameNorByLink) {
  test::TempRepository outside;
  outside.Write("secret/x.npy", NpyFile("|u1", "(3, 2)", "aabbcc"));
  fs::create_directory_symlink(outside.root() / "secret", folder_.root() / "link");
  fs::create_directory(folder_.root() / "mixed");
  fs::create_symlink(outside.root() / "secret" / "x.npy", folder_.root() / "mixed" / "x.npy");
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".."), std::string("../x"),
        std::string("/etc"), std::string("shirts/"), std::string(".hidden"), std::string(300, 'x'),
        std::string("a\0b", 3)}) {
    EXPECT_THAT(Open(name), StatusIs(kInvalid, HasSubstr("data_set must be a name"))) << name;
  }
  EXPECT_THAT(Open("link"), StatusIs(kNotFound, HasSubstr("there is no 'link'")));
  EXPECT_THAT(Open("mixed"), StatusIs(kNotFound, HasSubstr("'x'.npy: there is no such file")));
}

TEST_F(DataSetTest, SaysWhatIsMissing) {
  EXPECT_THAT(Open("boots"), StatusIs(kNotFound, HasSubstr("there is no 'boots'")));
  fs::remove(folder_.root() / "shirts" / "y.npy");
  EXPECT_THAT(Open("shirts"), StatusIs(kNotFound, HasSubstr("'y'.npy")));
  signature_.inputs[0].name = "../x";
  EXPECT_THAT(Open("shirts"), StatusIs(kInvalid, HasSubstr("an input must be a name")));
  signature_.max_batch_size = 0;
  EXPECT_THAT(Open("shirts"), StatusIs(kInvalid, HasSubstr("batch dimension")));
}

TEST_F(DataSetTest, SaysWhatDoesNotFit) {
  const auto error = [&](const std::string& file, const std::string& bytes) {
    test::TempRepository changed;
    fs::copy(folder_.root(), changed.root(), fs::copy_options::recursive);
    changed.Write("shirts/" + file, bytes);
    return DataSet::Open(changed.root(), "shirts", signature_).status();
  };
  EXPECT_THAT(error("x.npy", "nothing"), StatusIs(kUnfit, HasSubstr("no .npy file")));
  EXPECT_THAT(error("x.npy", NpyFile("|u1", "(3, 2)", "aabb")),
              StatusIs(kUnfit, HasSubstr("must have")));
  EXPECT_THAT(error("x.npy", NpyFile("|i1", "(3, 2)", "aabbcc")),
              StatusIs(kUnfit, HasSubstr("must be UINT8 of rows of [2], is INT8 [3, 2]")));
  EXPECT_THAT(error("x.npy", NpyFile("|u1", "(2, 3)", "aabbcc")),
              StatusIs(kUnfit, HasSubstr("is UINT8 [2, 3]")));
  EXPECT_THAT(error("x.npy", NpyFile("|u1", "(0, 2)", "")),
              StatusIs(kUnfit, HasSubstr("at least 1, has 0")));
  EXPECT_THAT(error("y.npy", NpyFile("|u1", "(2, 1, 1)", "12")),
              StatusIs(kUnfit, HasSubstr("'y'.npy: must have as many rows")));
  EXPECT_THAT(error("labels.npy", NpyFile("|u1", "(2,)", "12")),
              StatusIs(kUnfit, HasSubstr("must have shape [3], has [2]")));
}

TEST_F(DataSetTest, LabelsAreWholeNumbersFromZeroOn) {
  for (const auto& [description, bytes] :
       {std::pair{"|i1", std::string("\0\xff\0", 3)}, std::pair{"<f4", std::string(12, '\0')},
        std::pair{"<u8", std::string(8, '\0') + std::string(16, '\xff')}}) {
    folder_.Write("shirts/labels.npy", NpyFile(description, "(3,)", bytes));
    ACTIUM_ASSERT_OK_AND_ASSIGN(DataSet data, Open("shirts"));
    EXPECT_THAT(data.Read(0, 3), StatusIs(kUnfit, HasSubstr("whole numbers from 0 on")));
  }
}

}  // namespace
}  // namespace actium::compare
