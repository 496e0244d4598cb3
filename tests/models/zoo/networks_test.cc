#include <gmock/gmock.h>

#include "models/zoo/plain_cnn.h"
#include "models/zoo/residual_cnn.h"
#include "tests/support/status_matchers.h"

namespace actium::zoo {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;

torch::Tensor RandomImages(int64_t count) {
  return torch::randint(0, 256, {count, 1, 28, 28}).to(torch::kUInt8);
}

TEST(PlainCnnTest, TheShippedNetworkHas72666Parameters) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto network, PlainCnn::Create({}, 0));
  EXPECT_EQ(network->ParameterCount(), 72'666);
}

TEST(PlainCnnTest, HasBiasesInsteadOfNormalisationWithoutIt) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto network, PlainCnn::Create({.norm = false}, 0));
  EXPECT_EQ(network->ParameterCount(), 72'442);
}

TEST(PlainCnnTest, PreluAddsASlopeAChannel) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      const auto network,
      PlainCnn::Create({.activation = {.id = activation::Activation::kPrelu}}, 0));
  EXPECT_EQ(network->ParameterCount(), 72'666 + 16 + 16 + 32 + 32 + 64 + 64);
}

TEST(PlainCnnTest, TurnsPixelsIntoLogits) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto network, PlainCnn::Create({}, 0));
  network->eval();
  const torch::Tensor logits = network->forward(RandomImages(3));
  EXPECT_EQ(logits.sizes(), torch::IntArrayRef({3, 10}));
  EXPECT_TRUE(logits.isfinite().all().item<bool>());
}

TEST(PlainCnnTest, DepthAndWidthAreOptions) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      const auto network, PlainCnn::Create({.widths = {4, 8}, .strides = {2, 1}, .classes = 3}, 0));
  EXPECT_EQ(network->forward(RandomImages(2)).sizes(), torch::IntArrayRef({2, 3}));
}

TEST(PlainCnnTest, RefusesOptionsOutOfRange) {
  const auto refused = [](const PlainCnnOptions& options, const char* why) {
    EXPECT_THAT(PlainCnn::Create(options, 0),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why)));
  };
  refused({.widths = {}, .strides = {}}, "widths must have at least 1 entry");
  refused({.widths = {0}, .strides = {1}}, "widths must be in [1, 65536], got 0");
  refused({.widths = {4, 4}, .strides = {1}}, "strides must have one entry a layer, 2, got 1");
  refused({.widths = {4}, .strides = {3}}, "strides must be 1 or 2, got 3");
  refused({.classes = 1}, "classes must be at least 2, got 1");
  refused({.init = {.scale = 0}}, "init scale must be above 0, got 0");
}

TEST(ResidualCnnTest, HasItsParametersAndShape) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto network, ResidualCnn::Create({}, 0));
  EXPECT_EQ(network->ParameterCount(), 77'754);
  EXPECT_EQ(network->forward(RandomImages(2)).sizes(), torch::IntArrayRef({2, 10}));
}

TEST(ResidualCnnTest, RefusesOptionsOutOfRange) {
  EXPECT_THAT(ResidualCnn::Create({.widths = {}}, 0),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("widths")));
}

// What passes through the convolutions of a block adds to what bypasses them.
TEST(ResidualBlockTest, PassesItsInputOnWhenItsConvolutionsAreZero) {
  ResidualBlock block(4, 4, 1, /*norm=*/false, {.id = activation::Activation::kIdentity});
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : block.parameters()) parameter.zero_();
  const torch::Tensor x = torch::randn({2, 4, 6, 6});
  EXPECT_TRUE(torch::equal(block.forward(x), x));
}

}  // namespace
}  // namespace actium::zoo
