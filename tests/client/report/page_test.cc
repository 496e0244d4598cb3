#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "client/report/gallery.h"
#include "client/report/verdict_matrix.h"
#include "client/report/words.h"
#include "tests/client/report/sample_reports.h"

namespace actium::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Without the scripts of our own, which hold whatever their authors wrote.
std::string Markup(const std::string& page) {
  return page.substr(0, page.find("<script>!function"));
}

int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(PageTest, AllowsItselfNoNetworkAndNoOtherScript) {
  const std::string page = test::SamplePages()["whole.html"];
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, HasSubstr("img-src data:"));
  EXPECT_THAT(page, Not(HasSubstr("unsafe-eval")));
  EXPECT_EQ(Count(page, "'sha256-"), 4);
  EXPECT_EQ(Count(page, "\n<script>"), 4);
  EXPECT_THAT(Markup(page), Not(::testing::ContainsRegex("(src|href)=\"[^#d]")));
}

TEST(PageTest, CarriesTheLicenceOfItsScripts) {
  const std::string page = test::SamplePages()["seeds.html"];
  EXPECT_THAT(page, HasSubstr("University of Washington Interactive Data Lab"));
}

TEST(PageTest, EveryKindOfPageHasItsOwnParts) {
  auto pages = test::SamplePages();
  const std::string accuracy = Markup(pages["accuracy.html"]);
  EXPECT_THAT(accuracy, HasSubstr("id=\"accuracy-chart\""));
  EXPECT_THAT(accuracy, Not(HasSubstr("id=\"latency\"")));
  EXPECT_THAT(accuracy, Not(HasSubstr("trade-off-chart")));
  EXPECT_THAT(accuracy, HasSubstr("Few examples."));
  const std::string latency = Markup(pages["latency.html"]);
  EXPECT_THAT(latency, HasSubstr("id=\"percentile-chart\""));
  EXPECT_THAT(latency, Not(HasSubstr("id=\"accuracy\"")));
  const std::string whole = Markup(pages["whole.html"]);
  for (const char* id : {"trade-off-chart", "seed-chart", "activation-chart", "confusion-chart"}) {
    EXPECT_THAT(whole, HasSubstr(fmt::format("<figure id=\"{}\"", id)));
  }
}

TEST(PageTest, WithoutLabelsNothingIsSaidOfBeingRight) {
  const std::string page = Markup(test::SamplePages()["answers.html"]);
  EXPECT_THAT(page, HasSubstr("id=\"agreement-chart\""));
  EXPECT_THAT(page, HasSubstr("agree on 95.00 %"));
  for (const char* id : {"accuracy-chart", "difference-chart", "trade-off-chart", "recall-chart"}) {
    EXPECT_THAT(page, Not(HasSubstr(id)));
  }
}

TEST(PageTest, NothingAtAllIsAPageToo) {
  const std::string page = MakePage({});
  EXPECT_THAT(page, HasSubstr("<title>Comparison</title>"));
}

TEST(PageTest, HostileTextsBecomeNeitherMarkupNorScript) {
  const std::string page = test::SamplePages()["hostile.html"];
  EXPECT_EQ(Count(page, "<script>window.injected"), 0);
  EXPECT_EQ(Count(page, "<img src=x"), 0);
  EXPECT_EQ(Count(page, "<!--"), 1) << "the licences";
  EXPECT_THAT(page, Not(HasSubstr("\xe2\x80\xa8window")));
  EXPECT_EQ(Count(page, "\n<script>"), 4);
  // Every element of JSON ends where it should.
  EXPECT_EQ(Count(page, "<script type=\"application/json\">"),
            Count(page, "}</script>\n</figure>"));
}

TEST(PageTest, TheSameReportsGiveTheSamePage) {
  EXPECT_EQ(test::SamplePages(), test::SamplePages());
}

TEST(VerdictMatrixTest, AgainstTheBaselineHasOneColumn) {
  const auto accuracy = test::SampleAccuracy(test::PlainNames());
  Inputs inputs;
  inputs.accuracy = &accuracy;
  const VerdictMatrix matrix = MakeVerdictMatrix(inputs);
  EXPECT_THAT(matrix.columns, ElementsAre("relu"));
  EXPECT_THAT(matrix.rows, ElementsAre("mish:2", "mine"));
  const auto& entries = matrix.entries.at({"mine", "relu"});
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].verdict, "better");
  EXPECT_EQ(entries[0].detail, "+2.00 points");
}

TEST(VerdictMatrixTest, AllPairsAreSaidBothWays) {
  auto accuracy = test::SampleAccuracy(test::PlainNames());
  v1::AccuracyContrast& contrast = *accuracy.add_contrasts();
  contrast = accuracy.contrasts(1);
  contrast.set_baseline("mish:2");
  Inputs inputs;
  inputs.accuracy = &accuracy;
  const VerdictMatrix matrix = MakeVerdictMatrix(inputs);
  EXPECT_THAT(matrix.columns, ElementsAre("relu", "mish:2", "mine"));
  EXPECT_EQ(matrix.entries.at({"mish:2", "mine"})[0].verdict, "worse");
  EXPECT_EQ(matrix.entries.at({"mish:2", "mine"})[0].detail, "−2.00 points");
}

TEST(VerdictMatrixTest, LatencyRatiosTurnOver) {
  const auto latency = test::SampleLatency(test::PlainNames());
  Inputs inputs;
  inputs.latency = &latency;
  const VerdictMatrix matrix = MakeVerdictMatrix(inputs);
  EXPECT_EQ(matrix.entries.at({"mish:2", "relu"})[0].detail, "×1.20 at batch 1");
  EXPECT_EQ(matrix.entries.at({"relu", "mish:2"})[0].detail, "×0.83 at batch 1");
  EXPECT_EQ(matrix.entries.at({"relu", "mish:2"})[0].verdict, "faster");
}

// Reads the pixels of a data URI back.
std::vector<uint8_t> Decoded(const std::string& uri, png_uint_32 format) {
  std::string bytes;
  EXPECT_TRUE(absl::Base64Unescape(uri.substr(uri.find(',') + 1), &bytes));
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()), 0);
  png.format = format;
  std::vector<uint8_t> pixels(PNG_IMAGE_SIZE(png));
  EXPECT_NE(png_image_finish_read(&png, nullptr, pixels.data(), 0, nullptr), 0);
  return pixels;
}

TEST(GalleryTest, PicturesKeepTheirPixels) {
  const GalleryImage gray = {
      .number = 0, .width = 3, .height = 1, .channels = 1, .pixels = {0, 100, 255}};
  EXPECT_THAT(Decoded(PngDataUri(gray), PNG_FORMAT_GRAY), ElementsAre(0, 100, 255));
  const GalleryImage rgb = {
      .number = 0, .width = 1, .height = 2, .channels = 3, .pixels = {1, 2, 3, 4, 5, 6}};
  EXPECT_THAT(Decoded(PngDataUri(rgb), PNG_FORMAT_RGB), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(GalleryTest, APictureWhoseSizesDoNotFitIsLeftOut) {
  EXPECT_THAT(PngDataUri({.number = 0, .width = 2, .height = 2, .channels = 1, .pixels = {1}}),
              IsEmpty());
  EXPECT_THAT(PngDataUri({.number = 0, .width = 0, .height = 0, .channels = 1, .pixels = {}}),
              IsEmpty());
}

TEST(GalleryTest, ShowsEveryDisagreementWithOrWithoutAPicture) {
  const auto report = test::SampleAccuracy(test::PlainNames());
  const std::string html = RenderGallery(
      report, {{.number = 7, .width = 1, .height = 1, .channels = 1, .pixels = {9}},
               {.number = 999, .width = 1, .height = 1, .channels = 1, .pixels = {9}}});
  EXPECT_EQ(Count(html, "class=\"card\""), 3);
  EXPECT_EQ(Count(html, "<img "), 1);
  EXPECT_THAT(html, HasSubstr("example 14"));
  EXPECT_THAT(html, HasSubstr("3 of 40 examples"));
  EXPECT_THAT(RenderGallery(v1::AccuracyReport(), {}), IsEmpty());
}

TEST(WordsTest, NumbersThatAreNoneAreSigns) {
  EXPECT_EQ(Number(HUGE_VAL, 2), "∞");
  EXPECT_EQ(Number(-HUGE_VAL, 2), "−∞");
  EXPECT_EQ(Number(std::nan(""), 2), "–");
  EXPECT_EQ(Number(-1.255, 1), "−1.3");
  EXPECT_EQ(Number(0.5, 1, true), "+0.5");
  EXPECT_EQ(PValue(1e-9), "< 0.0001");
  EXPECT_EQ(LoadName(4, 0), "batch 4");
  EXPECT_EQ(LoadName(4, 2), "batch 4, 2 at once");
}

TEST(WordsTest, SentencesKeepNamesAsTheyAre) {
  EXPECT_EQ(Sentence("mish is better", {"mish"}), "mish is better.");
  EXPECT_EQ(Sentence("nothing differs", {"mish"}), "Nothing differs.");
  EXPECT_EQ(Sentence("Done.", {}), "Done.");
  EXPECT_EQ(Sentence("", {}), "");
}

}  // namespace
}  // namespace actium::report
