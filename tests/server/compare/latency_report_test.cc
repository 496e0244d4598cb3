#include "server/compare/latency_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace actium::compare {
namespace {

using ::testing::HasSubstr;

// Rounds of a machine: each round has a slowness of its own, which all variants of it share, and
// each sample some more.
class Machine {
 public:
  explicit Machine(uint32_t seed, double between = 0.03, double within = 0.1)
      : random_(seed), between_(between), within_(within) {}

  LatencyData Measure(std::vector<double> variant_ns, int rounds, int samples = 21) {
    LatencyData data;
    data.points = {{.batch_size = 1}};
    data.rounds.resize(1);
    data.rounds[0].resize(variant_ns.size());
    data.repeated_baseline.resize(1);
    for (size_t i = 0; i < variant_ns.size(); ++i) data.variants.push_back("v" + std::to_string(i));
    std::normal_distribution<double> slowness(0, between_);
    for (int round = 0; round < rounds; ++round) {
      const double shared = std::exp(slowness(random_));
      for (size_t i = 0; i < variant_ns.size(); ++i) {
        data.rounds[0][i].push_back(Round(variant_ns[i] * shared, samples));
      }
      data.repeated_baseline[0].push_back(Round(variant_ns[0] * shared, samples));
    }
    return data;
  }

 private:
  std::vector<LatencySample> Round(double typical, int samples) {
    std::normal_distribution<double> noise(0, within_);
    std::vector<LatencySample> round;
    for (int i = 0; i < samples; ++i) {
      const double compute = typical * std::exp(noise(random_));
      round.push_back({.served = compute + 5000, .queue = 3000, .compute = compute});
    }
    return round;
  }

  std::mt19937 random_;
  double between_;
  double within_;
};

v1::LatencyReport Report(const LatencyData& data, const LatencySettings& settings = {}) {
  v1::LatencyReport report;
  FillLatencyReport(data, settings, report);
  return report;
}

TEST(MedianTest, IsTheMiddle) {
  EXPECT_EQ(Median(std::vector<double>{3, 1, 2}), 2);
  EXPECT_EQ(Median(std::vector<double>{4, 1, 2, 3}), 2.5);
  EXPECT_EQ(Median(std::vector<double>{7}), 7);
}

TEST(LatencyReportTest, ACellSaysWhatItsSamplesAre) {
  LatencyData data = Machine(1).Measure({1e5, 2e5}, 3, 5);
  const v1::LatencyReport report = Report(data);
  ASSERT_EQ(report.cells_size(), 2);
  const v1::LatencyCell& cell = report.cells(0);
  EXPECT_EQ(cell.variant(), "v0");
  EXPECT_EQ(cell.batch_size(), 1);
  EXPECT_EQ(cell.samples(), 15);
  EXPECT_EQ(cell.queue_ns(), 3000);
  EXPECT_NEAR(cell.served(0).value_ns(), 1.05e5, 2e4);
  EXPECT_FALSE(cell.served(3).has_upper_ns()) << "15 samples do not bound p99";
  EXPECT_NEAR(cell.rows_per_second(), 1e9 / cell.compute_ns(), 1e-6);
  EXPECT_EQ(cell.served_round_medians_ns_size(), 3);
}

TEST(LatencyReportTest, FindsWhatIsClearlySlower) {
  const v1::LatencyReport report = Report(Machine(2).Measure({1e5, 1.5e5}, 20));
  ASSERT_EQ(report.contrasts_size(), 2) << "in the engine and served";
  for (const v1::LatencyContrast& contrast : report.contrasts()) {
    EXPECT_EQ(contrast.verdict(), v1::LATENCY_VERDICT_SLOWER);
    EXPECT_LT(contrast.p_adjusted(), 0.001);
  }
  EXPECT_NEAR(report.contrasts(0).ratio().value(), 1.5, 0.1);
  EXPECT_FALSE(report.too_noisy());
  EXPECT_THAT(report.headline(), HasSubstr("slower: v1 at batch 1"));
}

TEST(LatencyReportTest, OneTenthFasterIsFasterAndEqualIsEquivalent) {
  const v1::LatencyReport report = Report(Machine(3, 0.03, 0.02).Measure({1e5, 0.9e5, 1e5}, 20));
  EXPECT_EQ(report.contrasts(0).verdict(), v1::LATENCY_VERDICT_FASTER);
  EXPECT_EQ(report.contrasts(1).verdict(), v1::LATENCY_VERDICT_EQUIVALENT);
}

TEST(LatencyReportTest, FewRoundsDecideLittleAndSayHowManyWould) {
  const v1::LatencyReport report = Report(Machine(4).Measure({1e5, 1.04e5}, 3));
  EXPECT_EQ(report.contrasts(0).verdict(), v1::LATENCY_VERDICT_UNDECIDED);
  EXPECT_GT(report.contrasts(0).rounds_needed(), 3);
}

TEST(LatencyReportTest, AMachineThatCannotTellTheBaselineFromItselfNamesNoWinner) {
  LatencyData data = Machine(5).Measure({1e5, 1.5e5}, 20);
  for (auto& round : data.repeated_baseline[0]) {
    for (LatencySample& sample : round) sample.compute *= 1.3;
  }
  const v1::LatencyReport report = Report(data);
  EXPECT_TRUE(report.too_noisy());
  EXPECT_EQ(report.contrasts(0).verdict(), v1::LATENCY_VERDICT_UNDECIDED);
  ASSERT_EQ(report.warnings_size(), 1);
  EXPECT_THAT(report.warnings(0), HasSubstr("too noisy"));
}

// The family-wise rate of false winners, with the margin for chance of 200 draws at 5 %.
TEST(LatencyReportTest, EqualVariantsSeldomDiffer) {
  int false_winners = 0;
  for (uint32_t seed = 0; seed < 200; ++seed) {
    const v1::LatencyReport report = Report(Machine(1000 + seed).Measure({1e5, 1e5, 1e5}, 20));
    for (const v1::LatencyContrast& contrast : report.contrasts()) {
      if (contrast.verdict() == v1::LATENCY_VERDICT_FASTER ||
          contrast.verdict() == v1::LATENCY_VERDICT_SLOWER) {
        ++false_winners;
        break;
      }
    }
  }
  EXPECT_LE(false_winners, 17);
}

}  // namespace
}  // namespace actium::compare
