#include "client/cli/table.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "client/cli/progress.h"
#include "client/cli/terminal.h"

namespace actium::test {
namespace {

using cli::ColorMode;
using cli::Table;

TEST(TableTest, AlignsColumnsAndLeavesNoBlanksAtLineEnds) {
  Table table({{"NAME"}, {"N", Table::Align::kRight}, {"NOTE"}});
  table.AddRow({"relu", "7", ""});
  table.AddRow({"leaky_relu", "1234", "x"});
  EXPECT_EQ(table.Render(),
            "NAME           N  NOTE\n"
            "relu           7\n"
            "leaky_relu  1234  x\n");
}

TEST(TableTest, CountsCodePointsNotBytes) {
  Table table({{"A"}, {"B"}});
  table.AddRow({"µ", "1"});
  table.AddRow({"mm", "2"});
  EXPECT_EQ(table.Render(), "A   B\nµ   1\nmm  2\n");
}

TEST(TerminalTest, ReplacesControlCharacters) {
  EXPECT_EQ(cli::Printable("a\x1b[31mb\n\x7fµ"), "a?[31mb??µ");
}

TEST(TerminalTest, ChoosesColorsByTerminalAndEnvironment) {
  const auto choose = [](bool terminal, std::map<std::string, std::string> environment) {
    return cli::ChooseColorMode(terminal, [&](const char* name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      return found == environment.end() ? std::nullopt : std::optional(found->second);
    });
  };
  const std::string xterm = "xterm-256color";
  EXPECT_EQ(choose(true, {{"TERM", xterm}}), ColorMode::kPalette);
  EXPECT_EQ(choose(true, {{"TERM", xterm}, {"COLORTERM", "truecolor"}}), ColorMode::kTrueColor);
  EXPECT_EQ(choose(false, {{"TERM", xterm}}), ColorMode::kNone);
  EXPECT_EQ(choose(true, {{"TERM", xterm}, {"NO_COLOR", "1"}}), ColorMode::kNone);
  EXPECT_EQ(choose(true, {{"TERM", xterm}, {"NO_COLOR", ""}}), ColorMode::kPalette);
  EXPECT_EQ(choose(true, {{"TERM", "dumb"}, {"COLORTERM", "truecolor"}}), ColorMode::kNone);
  EXPECT_EQ(choose(true, {}), ColorMode::kNone);
}

TEST(ProgressLineTest, ShowsShareRateAndTimeLeft) {
  const std::string line =
      cli::ProgressLine("demo", "images", 250, 1000, std::chrono::seconds(5), 100);
  EXPECT_NE(line.find(" 25 %  250/1000 images  50/s  15 s left"), std::string::npos) << line;
  EXPECT_LT(cli::DisplayWidth(line), 100u);
}

TEST(ProgressLineTest, FitsNarrowTerminalsAndTheStart) {
  for (int columns = 2; columns < 120; ++columns) {
    for (const int64_t done : {0, 1, 999, 1000}) {
      const auto line =
          cli::ProgressLine("demo", "images", done, 1000, std::chrono::seconds(0), columns);
      EXPECT_LT(cli::DisplayWidth(line), static_cast<size_t>(columns)) << line;
    }
  }
}

}  // namespace
}  // namespace actium::test
