#include "client/cli/class_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using cli::OrderClasses;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(OrderClassesTest, FindsEachNameAmongTheLabels) {
  const auto order = OrderClasses({"boot", "coat"}, {"shirt", "coat", "boot"});
  ASSERT_THAT(order, IsOk());
  EXPECT_TRUE(order->by_labels);
  EXPECT_THAT(order->model_class, ElementsAre(2, 1));
}

TEST(OrderClassesTest, ASlashInALabelIsAnUnderscoreInTheName) {
  const auto order = OrderClasses({"Bag", "T-shirt_top"}, {"T-shirt/top", "Bag"});
  ASSERT_THAT(order, IsOk());
  EXPECT_THAT(order->model_class, ElementsAre(1, 0));
}

TEST(OrderClassesTest, KeepsTheDatasOrderWhereNoNameIsALabel) {
  for (const std::vector<std::string>& labels :
       {std::vector<std::string>{}, std::vector<std::string>{"shirt", "coat"}}) {
    const auto order = OrderClasses({"a", "b", "c"}, labels);
    ASSERT_THAT(order, IsOk());
    EXPECT_FALSE(order->by_labels);
    EXPECT_THAT(order->model_class, ElementsAre(0, 1, 2));
  }
}

TEST(OrderClassesTest, NamesTheClassesThatAreNoLabelsWhileOthersAre) {
  EXPECT_THAT(OrderClasses({"boot", "boots"}, {"boot", "coat"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("classes 'boots' of the data are no labels"),
                             HasSubstr("'boot', 'coat'"))));
}

TEST(OrderClassesTest, RefusesTwoNamesOfOneLabel) {
  EXPECT_THAT(OrderClasses({"a/b", "a_b"}, {"a/b"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("the same label")));
}

}  // namespace
}  // namespace actium::test
