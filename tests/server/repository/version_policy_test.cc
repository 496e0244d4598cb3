#include "server/repository/version_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace actium::repository {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = VersionPolicy::Kind;

const std::vector<int64_t> kPresent = {1, 3, 10};

TEST(ChooseVersionsTest, LatestTakesTheHighestNumbers) {
  EXPECT_THAT(ChooseVersions({.kind = Kind::kLatest, .latest = 1, .specific = {}}, kPresent).served,
              ElementsAre(10));
  EXPECT_THAT(ChooseVersions({.kind = Kind::kLatest, .latest = 2, .specific = {}}, kPresent).served,
              ElementsAre(3, 10));
  EXPECT_THAT(ChooseVersions({.kind = Kind::kLatest, .latest = 9, .specific = {}}, kPresent).served,
              ElementsAre(1, 3, 10));
}

TEST(ChooseVersionsTest, AllTakesAll) {
  EXPECT_THAT(ChooseVersions({.kind = Kind::kAll, .latest = 1, .specific = {}}, kPresent).served,
              ElementsAre(1, 3, 10));
}

TEST(ChooseVersionsTest, SpecificTakesWhatIsNamedAndReportsWhatIsMissing) {
  const VersionChoice choice =
      ChooseVersions({.kind = Kind::kSpecific, .latest = 1, .specific = {1, 2, 10, 11}}, kPresent);
  EXPECT_THAT(choice.served, ElementsAre(1, 10));
  EXPECT_THAT(choice.missing, ElementsAre(2, 11));
}

TEST(ChooseVersionsTest, NothingPresentServesNothing) {
  EXPECT_THAT(ChooseVersions({}, {}).served, IsEmpty());
  EXPECT_THAT(ChooseVersions({.kind = Kind::kAll, .latest = 1, .specific = {}}, {}).served,
              IsEmpty());
}

}  // namespace
}  // namespace actium::repository
