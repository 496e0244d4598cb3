#include "server/compare/shared_weights.h"

#include <gmock/gmock.h>

#include "tests/server/compare/core_fixture.h"
#include "tests/support/status_matchers.h"

namespace actium::compare {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kConfig[] = R"(
max_batch_size: 4
input { name: "x" data_type: TYPE_FP32 dims: [ 2 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 2 ] }
)";

class SharedWeightsTest : public test::CoreFixture {
 protected:
  SharedWeightsTest() : CoreFixture(1) {}

  // facts: lines of a fake model's file.
  void Write(const std::string& name, const std::string& facts) {
    CoreFixture::Write(name, kConfig, "fake-model\n" + facts);
    names_.push_back(name);
  }

  std::vector<std::string> Warnings() {
    EXPECT_THAT(repository_.LoadAll(), test::IsOk());
    const auto variants = PinVariants(repository_, names_);
    EXPECT_THAT(variants, test::IsOk());
    return WeightWarnings(*variants);
  }

  std::vector<std::string> names_;
};

TEST_F(SharedWeightsTest, NamesVariantsAndActivationsOfASwap) {
  Write("trained", "weights ab\nactivation relu\n");
  Write("other", "weights cd\nactivation relu\n");
  Write("swapped", "weights ab\nactivation mish\nactivation sigmoid\n");
  EXPECT_THAT(Warnings(),
              ElementsAre(AllOf(HasSubstr("trained and swapped have the same weights"),
                                HasSubstr("one runs them with relu, the other with mish and "
                                          "sigmoid"),
                                HasSubstr("swapped the activation without training"))));
}

TEST_F(SharedWeightsTest, WarnsOfEachPair) {
  Write("a", "weights ab\nactivation relu\n");
  Write("b", "weights ab\nactivation mish\n");
  Write("c", "weights ab\nactivation elu\n");
  EXPECT_THAT(Warnings(),
              ElementsAre(HasSubstr("a and b"), HasSubstr("a and c"), HasSubstr("b and c")));
}

TEST_F(SharedWeightsTest, AnUnknownActivationIsCalledSo) {
  Write("a", "weights ab\nactivation relu\n");
  Write("b", "weights ab\n");
  EXPECT_THAT(Warnings(), ElementsAre(HasSubstr("the other with an unknown activation")));
}

TEST_F(SharedWeightsTest, TheSameActivationIsNoSwap) {
  Write("a", "weights ab\nactivation relu\n");
  Write("b", "weights ab\nactivation relu\nbusy_us 1\n");
  EXPECT_THAT(Warnings(), ElementsAre(AllOf(HasSubstr("relu in both"), Not(HasSubstr("swapped")))));
}

TEST_F(SharedWeightsTest, OneFileAndUnknownWeightsGiveNone) {
  Write("a", "weights ab\nactivation relu\n");
  Write("a_again", "weights ab\nactivation relu\n");
  Write("b", "activation relu\n");
  Write("c", "activation mish\n");
  EXPECT_THAT(Warnings(), IsEmpty());
}

}  // namespace
}  // namespace actium::compare
