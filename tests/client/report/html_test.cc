#include "client/report/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

#include "tests/client/report/sample_reports.h"

namespace actium::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Texts of the characters that mean something to HTML, JSON or JavaScript, in any order.
std::string RandomText(std::mt19937& random) {
  const std::string alphabet[] = {"<",   ">",  "&",      "\"",           "'",
                                  "/",   "\\", "script", "<!--",         "-->",
                                  "]]>", "\n", "a",      "\xe2\x80\xa8", std::string(1, '\0')};
  std::string text;
  for (int i = 0; i < 20; ++i) text += alphabet[random() % std::size(alphabet)];
  return text;
}

TEST(EscapeTest, LeavesNothingThatIsMarkup) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    const std::string text = RandomText(random);
    const std::string escaped = Escape(text);
    EXPECT_EQ(escaped.find_first_of("<>\"'"), std::string::npos) << text;
    EXPECT_EQ(escaped.find('\0'), std::string::npos) << text;
  }
  EXPECT_EQ(Escape("a & b <c> \"d\" 'e' ü"), "a &amp; b &lt;c&gt; &quot;d&quot; &#39;e&#39; ü");
}

TEST(ScriptJsonTest, IsAsciiThatCannotEndTheElementAndReadsBackTheSame) {
  std::mt19937 random(2);
  for (int i = 0; i < 2000; ++i) {
    const std::string text = RandomText(random);
    const std::string json = ScriptJson({{text, text}});
    EXPECT_EQ(json.find_first_of("<>&"), std::string::npos) << text;
    for (const char c : json) EXPECT_GE(c, ' ') << text;
    EXPECT_EQ(nlohmann::json::parse(json), nlohmann::json({{text, text}}));
  }
}

TEST(ScriptJsonTest, TakesWhatIsNoTextAndNoNumber) {
  EXPECT_EQ(ScriptJson("a\xff"), "\"a\\ufffd\"");
  EXPECT_EQ(ScriptJson(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(ScriptJson(std::numeric_limits<double>::infinity()), "null");
}

TEST(HtmlTableTest, EscapesEverythingAndFillsShortRows) {
  const std::string hostile = test::HostileNames()[0];
  HtmlTable table(hostile, {{hostile}, {"n", HtmlTable::Align::kNumber}});
  table.AddRow({{hostile, "\"><script>"}});
  const std::string html = table.Render();
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("<td class=\"number \"></td>"));
}

}  // namespace
}  // namespace actium::report
