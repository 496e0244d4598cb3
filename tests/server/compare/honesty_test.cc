// How often comparisons are right: false winners among equals, and true differences found. On
// simulated machines and models with fixed seeds, and on rounds that were recorded while another
// process loaded a core (tests/compare/live.py record). Prints each figure beside its bound.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "server/compare/latency_report.h"
#include "server/stats/mcnemar.h"
#include "server/stats/paired_sample_size.h"

namespace actium::compare {
namespace {

// As a comparison measures by default: rounds, and batches of a variant in each.
constexpr int kRounds = 20;
constexpr int kSamples = 101;

void Print(const char* what, int measured, int least, int most, int of) {
  const bool pass = measured >= least && measured <= most;
  std::printf("%-52s measured %3d of %d, must be in [%d, %d]: %s\n", what, measured, of, least,
              most, pass ? "PASS" : "FAIL");
  EXPECT_TRUE(pass) << what;
}

// A restless machine. Consecutive timings resemble each other (AR(1), 0.8) and vary by 10 %, rounds
// by another 3 %, and one timing in a hundred takes five times as long.
class RestlessMachine {
 public:
  explicit RestlessMachine(uint32_t seed) : random_(seed) {}

  // The baseline takes 100 us, the variant `ratio` times as long.
  LatencyData Compare(double ratio) {
    LatencyData data;
    data.variants = {"baseline", "variant"};
    data.points = {{.batch_size = 1}};
    data.rounds.assign(1, std::vector<LatencyRounds>(2));
    data.repeated_baseline.resize(1);
    std::normal_distribution<double> between(0, 0.03);
    for (int round = 0; round < kRounds; ++round) {
      const double level = std::exp(between(random_));
      // In random order, as the runner does: what the machine does next meets anybody.
      std::vector<std::pair<LatencyRounds*, double>> cells = {{&data.rounds[0][0], 1.0},
                                                              {&data.rounds[0][1], ratio},
                                                              {&data.repeated_baseline[0], 1.0}};
      std::shuffle(cells.begin(), cells.end(), random_);
      for (const auto& [rounds, factor] : cells) rounds->push_back(Time(1e5 * level * factor));
    }
    return data;
  }

 private:
  std::vector<LatencySample> Time(double typical) {
    constexpr double kMemory = 0.8;
    std::normal_distribution<double> shock(0, 0.1 * std::sqrt(1 - kMemory * kMemory));
    std::vector<LatencySample> samples;
    for (int i = 0; i < kSamples; ++i) {
      state_ = kMemory * state_ + shock(random_);
      const double spike = random_() % 100 == 0 ? 5 : 1;
      const double compute = typical * std::exp(state_) * spike;
      samples.push_back({.served = compute, .compute = compute});
    }
    return samples;
  }

  std::mt19937 random_;
  double state_ = 0;
};

struct Verdicts {
  int slower = 0;
  int faster = 0;
  int undecided = 0;
};

// data: the measurements of comparison i.
template <class Data>
Verdicts CompareOften(int comparisons, const Data& data) {
  Verdicts verdicts;
  for (int i = 0; i < comparisons; ++i) {
    v1::LatencyReport report;
    FillLatencyReport(data(i), {}, report);
    switch (report.contrasts(0).verdict()) {
      case v1::LATENCY_VERDICT_SLOWER:
        ++verdicts.slower;
        break;
      case v1::LATENCY_VERDICT_FASTER:
        ++verdicts.faster;
        break;
      case v1::LATENCY_VERDICT_UNDECIDED:
        ++verdicts.undecided;
        break;
      default:
        break;
    }
  }
  return verdicts;
}

auto Simulated(double ratio, uint32_t first_seed) {
  return
      [=](int i) { return RestlessMachine(first_seed + static_cast<uint32_t>(i)).Compare(ratio); };
}

// Medians of rounds of three copies of one model.
class Recording {
 public:
  Recording() {
    std::ifstream file(ACTIUM_SOURCE_DIR "/tests/server/compare/recorded_rounds.csv");
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
      std::array<double, 3> round{};
      if (std::sscanf(line.c_str(), "%lf,%lf,%lf", &round[0], &round[1], &round[2]) == 3) {
        rounds_.push_back(round);
      }
    }
  }

  int comparisons() const { return static_cast<int>(rounds_.size()) / kRounds; }

  // The rounds of comparison i, the variant's slowed down.
  LatencyData Compare(int i, double ratio) const {
    LatencyData data;
    data.variants = {"baseline", "variant"};
    data.points = {{.batch_size = 1}};
    data.rounds.assign(1, std::vector<LatencyRounds>(2));
    data.repeated_baseline.resize(1);
    const auto sample = [](double time) {
      return std::vector<LatencySample>{{.served = time, .compute = time}};
    };
    for (int round = 0; round < kRounds; ++round) {
      const auto& medians = rounds_.at(static_cast<size_t>(i * kRounds + round));
      data.rounds[0][0].push_back(sample(medians[0]));
      data.rounds[0][1].push_back(sample(medians[1] * ratio));
      data.repeated_baseline[0].push_back(sample(medians[2]));
    }
    return data;
  }

 private:
  std::vector<std::array<double, 3>> rounds_;
};

TEST(HonestyTest, RecordedEqualsSeldomHaveAWinner) {
  const Recording recording;
  ASSERT_EQ(recording.comparisons(), 200);
  const Verdicts verdicts = CompareOften(200, [&](int i) { return recording.Compare(i, 1.0); });
  std::printf("latency, recorded, equal: undecided %d of 200\n", verdicts.undecided);
  Print("latency, recorded, equal: false winners", verdicts.slower + verdicts.faster, 0, 17, 200);
}

TEST(HonestyTest, ADelayOfFivePercentIsFoundInTheRecording) {
  const Recording recording;
  const Verdicts verdicts = CompareOften(100, [&](int i) { return recording.Compare(i, 1.05); });
  std::printf("latency, recorded, 5 %% slower: undecided %d of 100\n", verdicts.undecided);
  Print("latency, recorded, 5 % slower: found", verdicts.slower, 80, 100, 100);
}

TEST(HonestyTest, EqualLatenciesSeldomHaveAWinner) {
  const Verdicts verdicts = CompareOften(200, Simulated(1.0, 1));
  Print("latency, equal: false winners", verdicts.slower + verdicts.faster, 0, 17, 200);
}

TEST(HonestyTest, ADelayOfFivePercentIsFound) {
  const Verdicts verdicts = CompareOften(100, Simulated(1.05, 10'000));
  std::printf("latency, 5 %% slower: undecided %d of 100\n", verdicts.undecided);
  Print("latency, 5 % slower: found", verdicts.slower, 80, 100, 100);
}

// Two models on the same examples: each is right where the other is not on half of the discordant
// ones, more or less by `difference`. How often McNemar's test tells them apart.
int Significant(int comparisons, int64_t examples, double discordance, double difference,
                uint32_t seed) {
  std::mt19937 random(seed);
  int significant = 0;
  for (int i = 0; i < comparisons; ++i) {
    const double first_only = (discordance + difference) / 2;
    stats::PairedCounts counts;
    counts.first_only = std::binomial_distribution<int64_t>(examples, first_only)(random);
    counts.second_only = std::binomial_distribution<int64_t>(
        examples - counts.first_only, (discordance - difference) / 2 / (1 - first_only))(random);
    counts.both_right = examples - counts.discordant();
    significant += stats::McnemarTest(counts).mid_p <= 0.05 ? 1 : 0;
  }
  return significant;
}

TEST(HonestyTest, EqualAccuraciesSeldomDiffer) {
  Print("accuracy, equal: found to differ", Significant(200, 10'000, 0.05, 0, 1), 0, 17, 200);
}

TEST(HonestyTest, TheDetectableDifferenceIsFoundAsOftenAsItSays) {
  const auto detectable = stats::DetectableAccuracyDifference(10'000, 0.05, 0.05, 0.8);
  ASSERT_TRUE(detectable.has_value());
  std::printf("accuracy: detectable difference %.4f\n", *detectable);
  Print("accuracy, detectable difference: found", Significant(200, 10'000, 0.05, *detectable, 2),
        140, 180, 200);
}

}  // namespace
}  // namespace actium::compare
