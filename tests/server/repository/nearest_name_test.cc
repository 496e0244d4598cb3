#include "server/repository/nearest_name.h"

#include <gtest/gtest.h>

#include <string>

namespace actium::repository {
namespace {

const std::string kKnown[] = {"max_batch_size", "input", "output", "dims", "name"};

TEST(NearestNameTest, FindsWhatWasMeant) {
  EXPECT_EQ(NearestName("max_batchsize", kKnown), "max_batch_size");
  EXPECT_EQ(NearestName("maxBatchSize", kKnown), "max_batch_size");
  EXPECT_EQ(NearestName("inputs", kKnown), "input");
  EXPECT_EQ(NearestName("outptu", kKnown), "output");
  EXPECT_EQ(NearestName("dim", kKnown), "dims");
}

TEST(NearestNameTest, FindsNothingAmongOtherWords) {
  EXPECT_EQ(NearestName("kernel", kKnown), std::nullopt);
  EXPECT_EQ(NearestName("", kKnown), std::nullopt);
  EXPECT_EQ(NearestName("name", {}), std::nullopt);
}

TEST(NearestNameTest, LooksAtNoLongNames) {
  const std::string known[] = {std::string(65, 'x')};
  EXPECT_EQ(NearestName(known[0], known), std::nullopt);
}

}  // namespace
}  // namespace actium::repository
