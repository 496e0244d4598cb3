#include "server/base/sha256.h"

#include <gtest/gtest.h>

#include <vector>

namespace actium::base {
namespace {

std::string Digest(const std::vector<std::string>& pieces) {
  Sha256 digest;
  for (const std::string& piece : pieces) digest.Update(std::as_bytes(std::span(piece)));
  return digest.Finish();
}

// FIPS 180-4's examples.
TEST(Sha256Test, KnowsTheStandardsExamples) {
  EXPECT_EQ(Digest({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Digest({"abc"}), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256Test, PiecesMakeOneWhole) { EXPECT_EQ(Digest({"a", "", "bc"}), Digest({"abc"})); }

TEST(Sha256Test, OfAllAtOnceIsTheSame) { EXPECT_EQ(Sha256Hex("abc"), Digest({"abc"})); }

TEST(Sha256Test, TextsInARowStayApart) {
  Sha256 one;
  one.UpdateText("ab");
  one.UpdateText("c");
  Sha256 other;
  other.UpdateText("a");
  other.UpdateText("bc");
  EXPECT_NE(one.Finish(), other.Finish());
}

}  // namespace
}  // namespace actium::base
