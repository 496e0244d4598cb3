#include "server/activation/docs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "server/activation/table.h"

namespace actium::activation {
namespace {

using ::testing::HasSubstr;

std::string Committed(const std::string& name) {
  const auto file = std::filesystem::path(ACTIUM_SOURCE_DIR) / "docs" / name;
  std::ifstream stream(file, std::ios::binary);
  EXPECT_TRUE(stream) << file;
  return {std::istreambuf_iterator<char>(stream), {}};
}

constexpr char kHowTo[] = "run: actium-activation-docs docs";

TEST(DocsTest, TheCommittedPageIsFresh) {
  EXPECT_EQ(Committed("activations.md"), RenderPage()) << kHowTo;
}

TEST(DocsTest, TheCommittedChartsAreFresh) {
  EXPECT_EQ(Committed("activations.svg"), RenderCharts()) << kHowTo;
}

TEST(DocsTest, EveryActivationHasALineASectionAndAChart) {
  const std::string page = RenderPage();
  const std::string charts = RenderCharts();
  for (const Row& row : Table()) {
    EXPECT_THAT(page, HasSubstr("| [" + std::string(row.name) + "](#"));
    EXPECT_THAT(page, HasSubstr("### " + std::string(row.name) + "\n"));
    EXPECT_THAT(charts, HasSubstr(">" + std::string(row.title) + "</text>"));
  }
}

TEST(DocsTest, ChartsHoldNoUnfinishedNumber) {
  const std::string charts = RenderCharts();
  EXPECT_EQ(charts.find("nan"), std::string::npos);
  EXPECT_EQ(charts.find("inf"), std::string::npos);
}

}  // namespace
}  // namespace actium::activation
