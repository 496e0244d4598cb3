#include "server/base/log.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace actium::base::log {
namespace {

constexpr std::string_view kTime = "2026-01-02T03:04:05.678Z";

TEST(LogTest, TextShowsEventThenFields) {
  EXPECT_EQ(
      Render(Format::kText, kTime, Level::kInfo, "model_loaded",
             {{"model", "mish"}, {"version", 1}, {"load_ms", 83.4}, {"fused", true}}),
      "2026-01-02T03:04:05.678Z info model_loaded model=mish version=1 load_ms=83.4 fused=true");
}

TEST(LogTest, TextQuotesWhatWouldBreakTheLine) {
  EXPECT_EQ(Render(Format::kText, kTime, Level::kWarning, "e",
                   {{"a", "x y"}, {"b", "1\n2"}, {"c", ""}, {"d", "q\"q"}}),
            "2026-01-02T03:04:05.678Z warn e a=\"x y\" b=\"1\\n2\" c=\"\" d=\"q\\\"q\"");
}

TEST(LogTest, NoTextCommandsATerminalOrBeginsALine) {
  for (const Format format : {Format::kText, Format::kJson}) {
    const std::string line = Render(format, kTime, Level::kInfo, "e",
                                    {{"a", "x\x1b[2J"},
                                     {"b", "x\rfake"},
                                     {"c", "x\x7f"},
                                     {"d",
                                      "x\xc2\x9b"
                                      "2J"}});
    for (const char* const shown : {"\\u001b[2J", "\\u000dfake", "\\u007f", "x\\u009b2J"}) {
      EXPECT_NE(line.find(shown), std::string::npos) << line;
    }
    EXPECT_EQ(line.find_first_of("\x1b\r\x7f\xc2"), std::string::npos);
  }
}

TEST(LogTest, JsonIsOneObjectWithTypedValues) {
  EXPECT_EQ(
      Render(Format::kJson, kTime, Level::kError, "model_failed",
             {{"model", std::string("a\"b\\\t")},
              {"version", int64_t{7}},
              {"ok", false},
              {"ratio", std::numeric_limits<double>::infinity()}}),
      R"({"time":"2026-01-02T03:04:05.678Z","level":"error","event":"model_failed","model":"a\"b\\\u0009","version":7,"ok":false,"ratio":null})");
}

TEST(LogTest, DebugIsOffByDefault) {
  EXPECT_FALSE(DebugEnabled());
  Configure(Level::kDebug, Format::kText);
  EXPECT_TRUE(DebugEnabled());
  Configure(Level::kInfo, Format::kText);
}

}  // namespace
}  // namespace actium::base::log
