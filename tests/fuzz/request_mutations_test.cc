// The fuzz target's checks on payloads that are the same in every run, with any compiler.
#include <gtest/gtest.h>

#include "tests/fuzz/requests.h"

namespace actium::test {
namespace {

TEST(RequestMutationsTest, TheGoodSeedsAreAccepted) {
  const std::vector<std::string> seeds = SeedRequests();
  EXPECT_TRUE(CheckPayload(seeds[0]));
  EXPECT_TRUE(CheckPayload(seeds[1]));
}

TEST(RequestMutationsTest, NoMutationBreaksTheDecoderOrItsBounds) {
  constexpr int kPayloads = 20'000;
  std::mt19937_64 random(1);
  std::vector<std::string> pool = SeedRequests();
  int accepted = 0;
  for (int i = 0; i < kPayloads; ++i) {
    const std::string& from = pool[random() % pool.size()];
    std::string payload = Mutate(from, pool[random() % pool.size()], random);
    if (!CheckPayload(payload)) continue;
    // What is still good leads further in than what breaks at the first byte.
    ++accepted;
    if (pool.size() < 256) pool.push_back(std::move(payload));
  }
  EXPECT_GT(accepted, 100);
  EXPECT_LT(accepted, kPayloads);
}

}  // namespace
}  // namespace actium::test
