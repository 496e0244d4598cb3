#include "server/base/quote.h"

#include <gtest/gtest.h>

#include <string>

namespace actium::base {
namespace {

TEST(QuoteTest, KeepsPlainTextAndUtf8) {
  EXPECT_EQ(Quote("mish"), "'mish'");
  EXPECT_EQ(Quote("größe €"), "'größe €'");
  EXPECT_EQ(Quote(""), "''");
}

TEST(QuoteTest, EscapesControlCharactersAndInvalidUtf8) {
  EXPECT_EQ(Quote(std::string("a\0b\n", 4)), "'a\\x00b\\x0a'");
  EXPECT_EQ(Quote("\xff"), "'\\xff'");
  EXPECT_EQ(Quote("\xc0\xaf"), "'\\xc0\\xaf'") << "overlong";
  EXPECT_EQ(Quote("\xed\xa0\x80"), "'\\xed\\xa0\\x80'") << "surrogate";
  EXPECT_EQ(Quote("\xf4\x90\x80\x80"), "'\\xf4\\x90\\x80\\x80'") << "beyond U+10FFFF";
  EXPECT_EQ(Quote("\xe2\x82"), "'\\xe2\\x82'") << "cut short";
}

TEST(QuoteTest, CutsAfterTwoHundredBytes) {
  EXPECT_EQ(Quote(std::string(200, 'x')), "'" + std::string(200, 'x') + "'");
  EXPECT_EQ(Quote(std::string(201, 'x')), "'" + std::string(200, 'x') + "...'");
  EXPECT_LE(Quote(std::string(1 << 20, '\1')).size(), 200 * 4 + 5);
}

TEST(IsPlainTextTest, TakesUtf8WithoutControlCharacters) {
  EXPECT_TRUE(IsPlainText(""));
  EXPECT_TRUE(IsPlainText("T-shirt/top \xc3\xa9 \xe2\x82\xac"));
  EXPECT_FALSE(IsPlainText(std::string("a\0b", 3)));
  EXPECT_FALSE(IsPlainText("a\n"));
  EXPECT_FALSE(IsPlainText("a\x7f"));
  EXPECT_FALSE(IsPlainText("a\xe2\x82"));
}

}  // namespace
}  // namespace actium::base
