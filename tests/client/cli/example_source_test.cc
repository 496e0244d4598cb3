#include "client/cli/example_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/cli/exit_status.h"
#include "client/cli/hold_out.h"
#include "tests/client/cli/encode_picture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::test {
namespace {

using cli::ExampleSource;
using cli::ExitStatus;
using cli::OpenExamples;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Ids(const ExampleSource& source) {
  std::vector<std::string> ids;
  for (int64_t i = 0; i < source.count(); ++i) ids.push_back(source.id(i));
  return ids;
}

std::vector<int32_t> Labels(const ExampleSource& source) {
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < source.count(); ++i) labels.push_back(source.label(i));
  return labels;
}

std::string Idx(int count) {
  return std::string("\0\0\x08\x01\0\0", 6) + static_cast<char>(count >> 8) +
         static_cast<char>(count & 0xff) + std::string(static_cast<size_t>(count), '\x01');
}

std::string IdxImages(int count) {
  std::string bytes = std::string("\0\0\x08\x03\0\0", 6) + static_cast<char>(count >> 8) +
                      static_cast<char>(count & 0xff) + std::string("\0\0\0\x01\0\0\0\x02", 8);
  for (int i = 0; i < count; ++i) {
    bytes += static_cast<char>(i & 0xff);
    bytes += static_cast<char>(i >> 8);
  }
  return bytes;
}

TEST(ImageFolderTest, SubFoldersAreClassesInTheOrderOfTheirNames) {
  const TempRepository folder;
  const std::string png = EncodePng(Gradient(5, 3, 3));
  folder.Write("dog/2.png", png);
  folder.Write("dog/10.JPG", EncodeJpeg(Gradient(4, 4, 1)));
  folder.Write("cat/a.jpeg", EncodeJpeg(Gradient(4, 4, 3)));
  folder.Write("cat/notes.txt", "not a picture");
  folder.Write("cat/.hidden.png", "nor this");
  folder.Write(".cache/x.png", "nor this");
  folder.MakeParent("empty/none");
  const auto source = OpenExamples(folder.root(), "");
  ASSERT_THAT(source, IsOk());
  ExampleSource& examples = **source;
  EXPECT_TRUE(examples.labelled());
  EXPECT_THAT(examples.class_names(), ElementsAre("cat", "dog", "empty"));
  EXPECT_THAT(Ids(examples), ElementsAre("cat/a.jpeg", "dog/10.JPG", "dog/2.png"));
  EXPECT_THAT(Labels(examples), ElementsAre(0, 1, 1));
  const auto sample = examples.Read(2);
  ASSERT_THAT(sample, IsOk());
  EXPECT_EQ(sample->image->pixels, Gradient(5, 3, 3).pixels);
  EXPECT_FALSE(sample->array.has_value());
  EXPECT_EQ(cli::ReadPicture(examples, 1)->channels, 1);
}

TEST(ImageFolderTest, PicturesWithoutFoldersHaveNoLabels) {
  const TempRepository folder;
  folder.Write("b.png", EncodePng(Gradient(2, 2, 1)));
  folder.Write("a.png", "damaged");
  const auto source = OpenExamples(folder.root(), "");
  ASSERT_THAT(source, IsOk());
  EXPECT_FALSE((*source)->labelled());
  EXPECT_THAT((*source)->class_names(), IsEmpty());
  EXPECT_THAT(Ids(**source), ElementsAre("a.png", "b.png"));
  const auto damaged = (*source)->Read(0);
  EXPECT_THAT(damaged.status().ToString(), HasSubstr("a.png"));
  EXPECT_EQ(cli::ExitStatusOf(damaged.status()), ExitStatus::kBadFile);
  EXPECT_FALSE(cli::ReadPicture(**source, 0).has_value());
}

TEST(ImageFolderTest, RefusesWhatIsNoSetOfPictures) {
  const auto error = [](const std::filesystem::path& path) {
    const absl::Status status = OpenExamples(path, "").status();
    EXPECT_EQ(cli::ExitStatusOf(status), ExitStatus::kBadFile);
    return status.ToString();
  };
  EXPECT_THAT(error("/nowhere"), HasSubstr("cannot read /nowhere: No such file"));
  const TempRepository empty;
  EXPECT_THAT(error(empty.root()), HasSubstr("holds no .png, .jpg or .jpeg"));
  const TempRepository mixed;
  mixed.Write("cat/a.png", "");
  mixed.Write("b.png", "");
  EXPECT_THAT(error(mixed.root()), HasSubstr("both pictures ('b.png') and folders ('cat')"));
  const TempRepository nested;
  nested.Write("test/cat/a.png", "");
  EXPECT_THAT(error(nested.root()), HasSubstr("must hold no folders, it has 'cat'"));
  EXPECT_THAT(error(nested.Write("text", "no archive")), HasSubstr("no .npz file"));
}

TEST(IdxExamplesTest, PartsAreTestAndWhatTrainingHoldsOut) {
  const TempRepository folder;
  folder.Write("t10k-images-idx3-ubyte", IdxImages(2));
  folder.Write("t10k-labels-idx1-ubyte", Idx(2));
  folder.Write("train-images-idx3-ubyte", IdxImages(5100));
  folder.Write("train-labels-idx1-ubyte", Idx(5100));
  const auto test = OpenExamples(folder.root(), "");
  ASSERT_THAT(test, IsOk());
  EXPECT_EQ((*test)->count(), 2);
  EXPECT_THAT(Labels(**test), ElementsAre(1, 1));
  EXPECT_EQ((*test)->id(0), "");
  EXPECT_EQ((*test)->Read(1)->array->bytes, std::string("\x01\0", 2));

  const auto held_out = cli::OpenIdxExamples(folder.root(), "validation");
  ASSERT_THAT(held_out, IsOk());
  ASSERT_EQ((*held_out)->count(), cli::kHeldOutImages);
  const int64_t third = (*cli::HeldOutImages(5100))[3];
  const std::vector<uint8_t> pixels = {static_cast<uint8_t>(third & 0xff),
                                       static_cast<uint8_t>(third >> 8)};
  EXPECT_EQ(cli::ReadPicture(**held_out, 3)->pixels, pixels);
  EXPECT_THAT(cli::OpenIdxExamples(folder.root(), "train"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("got 'train'")));
}

TEST(ThinnedTest, SpreadsEvenlyAndKeepsTheOrder) {
  const TempRepository folder;
  for (const char* name : {"a/0", "a/1", "a/2", "b/3", "b/4", "b/5", "b/6"}) {
    folder.Write(std::string(name) + ".png", EncodePng(Gradient(1, 1, 1, name[2])));
  }
  auto source = cli::Thinned(*OpenExamples(folder.root(), ""), 3);
  EXPECT_THAT(Ids(*source), ElementsAre("a/0.png", "a/2.png", "b/4.png"));
  EXPECT_THAT(Labels(*source), ElementsAre(0, 0, 1));
  EXPECT_EQ(source->Read(2)->image->pixels[0], '4');
  EXPECT_EQ(cli::Thinned(std::move(source), 100)->count(), 3);
}

TEST(AsIdTest, IsPlainTextOfAtMost256Bytes) {
  EXPECT_EQ(cli::AsId("katze/größe.png"), "katze/größe.png");
  EXPECT_EQ(cli::AsId("a\n\xff.png"), "a??.png");
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "ö";
  const std::string id = cli::AsId(umlauts + "x");
  EXPECT_EQ(id.size(), 255u) << "the cut is moved to the next code point";
  EXPECT_TRUE(id.ends_with("öx"));
}

}  // namespace
}  // namespace actium::test
