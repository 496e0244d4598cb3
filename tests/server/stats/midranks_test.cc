#include "server/stats/midranks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace actium::stats {
namespace {

using ::testing::ElementsAre;

TEST(MidranksTest, EqualValuesShareTheirRanks) {
  EXPECT_THAT(Midranks(std::vector<double>{3, 1, 2}), ElementsAre(3, 1, 2));
  EXPECT_THAT(Midranks(std::vector<double>{5, 1, 5, 0, 5}), ElementsAre(4, 2, 4, 1, 4));
  EXPECT_THAT(Midranks(std::vector<double>{7, 7}), ElementsAre(1.5, 1.5));
  EXPECT_THAT(Midranks({}), ElementsAre());
}

TEST(MidranksDeathTest, RefusesNaN) {
  EXPECT_DEATH(Midranks(std::vector<double>{1.0, std::nan("")}), "broken invariant");
}

}  // namespace
}  // namespace actium::stats
