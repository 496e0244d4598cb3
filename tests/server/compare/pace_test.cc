#include "server/compare/pace.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>

#include "tests/server/compare/core_fixture.h"
#include "tests/support/fake_clock.h"

namespace actium::compare {
namespace {

using namespace std::chrono_literals;
using observe::TrafficClass;

class PaceTest : public test::CoreFixture {
 protected:
  PaceTest() : CoreFixture(1) {}

  // Answered or not, somebody is there who waits.
  void Ask(TrafficClass traffic) {
    batching::InferRequest request;
    request.model = "unknown";
    request.traffic = traffic;
    timed_core_.Infer(std::move(request), [](const auto&) {});
  }

  test::FakeClock clock_;
  inference::InferenceCore timed_core_{repository_, clock_, statistics_};
  const Pace pace_{timed_core_, clock_};
};

TEST_F(PaceTest, AServerWithoutClientsGetsNoRest) {
  EXPECT_EQ(pace_.RestAfter(2ms), 0ms);
  Ask(TrafficClass::kComparison);
  Ask(TrafficClass::kShadow);
  EXPECT_EQ(pace_.RestAfter(2ms), 0ms);
}

TEST_F(PaceTest, BesideClientsNineTenthsAreRest) {
  Ask(TrafficClass::kServing);
  EXPECT_EQ(pace_.RestAfter(2ms), 18ms);
  clock_.Advance(1s);
  EXPECT_EQ(pace_.RestAfter(2ms), 18ms);
  clock_.Advance(1ns);
  EXPECT_EQ(pace_.RestAfter(2ms), 0ms);
}

TEST_F(PaceTest, ACancelledComparisonDoesNotRest) {
  Ask(TrafficClass::kServing);
  const auto cancellation = std::make_shared<batching::Cancellation>();
  cancellation->Cancel();
  pace_.Rest(24h, cancellation);  // The test ends.
}

}  // namespace
}  // namespace actium::compare
