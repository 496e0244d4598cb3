#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "client/report/charts_accuracy.h"
#include "client/report/charts_activations.h"
#include "client/report/charts_calibration.h"
#include "client/report/charts_confusion.h"
#include "client/report/charts_latency.h"
#include "client/report/charts_seeds.h"
#include "client/report/charts_tradeoff.h"
#include "tests/client/report/sample_reports.h"

namespace actium::report {
namespace {

using test::PlainNames;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Json& Values(const Chart& chart) { return chart.spec["data"]["values"]; }

// What is drawn: the panel of a chart of many, or the chart itself.
Json Panel(const Chart& chart) {
  return chart.spec.contains("spec") ? chart.spec["spec"] : chart.spec;
}

std::string MarkOf(const Json& layer) {
  const Json& mark = layer["mark"];
  return mark.is_string() ? mark.get<std::string>() : mark["type"].get<std::string>();
}

std::vector<std::string> Marks(const Chart& chart) {
  const Json panel = Panel(chart);
  if (!panel.contains("layer")) return {MarkOf(panel)};
  std::vector<std::string> marks;
  for (const Json& layer : panel["layer"]) marks.push_back(MarkOf(layer));
  return marks;
}

std::vector<std::string> Texts(const Chart& chart, const std::string& field) {
  std::vector<std::string> texts;
  for (const Json& row : Values(chart)) texts.push_back(row[field]);
  return texts;
}

std::vector<Chart> AllCharts() {
  const auto names = PlainNames();
  const auto accuracy = test::SampleAccuracy(names);
  const auto latency = test::SampleLatency(names);
  const auto seeds = test::SampleSeeds(names);
  std::vector<Chart> charts = {AccuracyChart(accuracy, names),
                               DifferenceChart(accuracy),
                               AgreementChart(accuracy),
                               RecallChart(accuracy, names),
                               ReliabilityChart(accuracy, names),
                               *ConfusionChart(accuracy),
                               TradeOffChart(accuracy, latency, names),
                               PercentileChart(latency, names),
                               RatioChart(latency),
                               StageChart(latency),
                               RoundChart(latency, names),
                               SeedChart(seeds, names),
                               SeedDifferenceChart(seeds)};
  for (Chart& chart : ActivationCharts(FindActivations(names), names)) {
    charts.push_back(std::move(chart));
  }
  return charts;
}

// Collects the fields that a specification's encodings name.
void CollectFields(const Json& json, std::set<std::string>& fields) {
  if (json.is_object() && json.contains("field") && json["field"].is_string()) {
    fields.insert(json["field"].get<std::string>());
  }
  if (json.is_structured()) {
    for (const Json& part : json) CollectFields(part, fields);
  }
}

TEST(ChartsTest, EveryChartNamesOnlyFieldsThatItsRowsHave) {
  for (const Chart& chart : AllCharts()) {
    ASSERT_FALSE(Values(chart).empty()) << chart.id;
    std::set<std::string> known = {"at", "from", "to"};  // Of layers with rows of their own.
    for (const Json& row : Values(chart)) {
      for (const auto& [field, value] : row.items()) known.insert(field);
    }
    Json spec = chart.spec;
    spec.erase("data");
    std::set<std::string> named;
    CollectFields(spec, named);
    for (const std::string& field : named) EXPECT_THAT(known, Contains(field)) << chart.id;
  }
}

TEST(ChartsTest, EveryChartHasItsOwnIdAndWords) {
  std::set<std::string> ids;
  for (const Chart& chart : AllCharts()) {
    EXPECT_TRUE(ids.insert(chart.id).second) << chart.id;
    EXPECT_FALSE(chart.title.empty() || chart.caption.empty()) << chart.id;
    EXPECT_EQ(chart.spec["$schema"], "https://vega.github.io/schema/vega-lite/v4.json");
    EXPECT_FALSE(chart.spec["description"].get<std::string>().empty()) << chart.id;
  }
}

// Dots without a line of their own all lie in the middle.
TEST(ChartsTest, DotsAndIntervalsOfAPlotLieOnTheLineOfTheirName) {
  const Chart chart = DifferenceChart(test::SampleAccuracy(PlainNames()));
  EXPECT_THAT(Marks(chart), ElementsAre("rect", "rule", "rule", "rule", "point"));
  for (size_t i = 2; i < 5; ++i) {
    EXPECT_EQ(chart.spec["layer"][i]["encoding"]["y"]["field"], "pair") << i;
  }
}

TEST(ChartsTest, AccuracyIsInPercentWithItsInterval) {
  const Chart chart = AccuracyChart(test::SampleAccuracy(PlainNames()), PlainNames());
  ASSERT_EQ(Values(chart).size(), 3u);
  const Json& row = Values(chart)[1];
  EXPECT_EQ(row["variant"], "mish:2");
  EXPECT_NEAR(row["value"], 91.0, 1e-9);
  EXPECT_NEAR(row["lower"], 90.4, 1e-9);
  EXPECT_NEAR(row["upper"], 91.6, 1e-9);
}

TEST(ChartsTest, DifferencesHaveBothIntervalsAndTheirVerdict) {
  const Json row = Values(DifferenceChart(test::SampleAccuracy(PlainNames())))[1];
  EXPECT_EQ(row["pair"], "mine − relu");
  EXPECT_EQ(row["verdict"], "better");
  EXPECT_LT(row["lower"], row["inner_lower"]);
  EXPECT_GT(row["upper"], row["inner_upper"]);
}

TEST(ChartsTest, OfManyPairsThoseWithTheBaselineAreDrawn) {
  auto report = test::SampleAccuracy(PlainNames());
  while (report.contrasts_size() <= 16) {
    v1::AccuracyContrast& other = *report.add_contrasts();
    other.set_variant("mine");
    other.set_baseline("mish:2");
  }
  EXPECT_EQ(Values(DifferenceChart(report)).size(), 2u);
}

TEST(ChartsTest, PercentilesLeaveOpenWhatTheSampleDoesNotBound) {
  const Chart chart = PercentileChart(test::SampleLatency(PlainNames()), PlainNames());
  EXPECT_THAT(Marks(chart), ElementsAre("area", "line", "point"));
  ASSERT_EQ(Values(chart).size(), 3u * 2 * 5);
  EXPECT_TRUE(Values(chart)[0].contains("upper"));
  EXPECT_EQ(Values(chart)[4]["percentile"], "p99.9");
  EXPECT_FALSE(Values(chart)[4].contains("upper"));
}

TEST(ChartsTest, PanelsKeepTheOrderOfTheRows) {
  const Chart chart = ReliabilityChart(test::SampleAccuracy({"z", "y", "x"}), {"z", "y", "x"});
  EXPECT_EQ(chart.spec["facet"]["sort"]["field"], "panel_number");
  EXPECT_EQ(Values(chart)[0]["panel_number"], 0);
  EXPECT_EQ(Values(chart).back()["panel_number"], 2);
  EXPECT_EQ(Values(chart).size(), 3u * 10) << "bins without examples are left out";
}

TEST(ChartsTest, AVariantHasTheSameColorInEveryChart) {
  const Json all = VariantColor({"a", "b", "c"});
  EXPECT_EQ(all["scale"]["domain"], Json({"a", "b", "c"}));
  EXPECT_EQ(all["scale"]["range"].size(), 3u);
  EXPECT_NE(all["scale"]["range"][0], all["scale"]["range"][1]);
}

TEST(ChartsTest, ConfusionsAreCountedAgainstTheBaseline) {
  const auto report = test::SampleAccuracy(PlainNames());
  const auto changes = ConfusionChanges(report);
  ASSERT_EQ(changes.size(), 4u) << "two cells of each of the two others";
  EXPECT_EQ(changes[0].variant->variant(), "mish:2");
  EXPECT_EQ(changes[0].change, 1);
  EXPECT_EQ(changes[1].change, -1);
  EXPECT_THAT(Texts(*ConfusionChart(report), "kind"),
              ElementsAre("better", "better", "better", "better"));
}

TEST(ChartsTest, ManyClassesOrNoDifferenceHaveNoMatrix) {
  auto report = test::SampleAccuracy(PlainNames());
  for (auto& variant : *report.mutable_variants()) {
    *variant.mutable_confusion() = report.variants(0).confusion();
  }
  EXPECT_FALSE(ConfusionChart(report).has_value());
  auto many = test::SampleAccuracy(PlainNames());
  many.set_classes(kMostMatrixClasses + 1);
  EXPECT_FALSE(ConfusionChart(many).has_value());
}

TEST(TradeOffTest, TheFrontIsWhatNoOtherBeatsInBoth) {
  const auto point = [](const char* name, const char* load, double accuracy, double latency) {
    return TradeOff{.variant = name, .load = load, .accuracy = accuracy, .latency = latency};
  };
  std::vector<TradeOff> points = {point("fast", "1", 80, 1), point("good", "1", 90, 2),
                                  point("worse", "1", 85, 3), point("twin", "1", 90, 2),
                                  point("alone", "8", 50, 9)};
  MarkFront(points);
  std::vector<std::string> front;
  for (const TradeOff& own : points) {
    if (own.on_front) front.push_back(own.variant);
  }
  EXPECT_THAT(front, ElementsAre("fast", "good", "twin", "alone"));
}

TEST(TradeOffTest, MatchesVariantsByName) {
  const Chart chart = TradeOffChart(test::SampleAccuracy({"a", "b", "c"}),
                                    test::SampleLatency({"b", "x", "y"}), {"a", "b", "c"});
  EXPECT_THAT(Texts(chart, "variant"), ElementsAre("b", "b"));
  EXPECT_THAT(Texts(chart, "load"), ElementsAre("batch 1", "batch 8"));
}

TEST(ActivationsTest, AreFoundByNameWithoutVersion) {
  const auto named = FindActivations({"mine", "mish:2", "LeakyReLU", ""});
  ASSERT_EQ(named.size(), 2u);
  EXPECT_EQ(named[0].row->name, "mish");
  EXPECT_EQ(named[1].row->name, "leaky_relu");
  EXPECT_THAT(FindActivations({"mine"}), IsEmpty());
}

TEST(ActivationsTest, CurvesAreThoseOfTheTable) {
  const auto charts = ActivationCharts(FindActivations({"relu"}), {"relu"});
  ASSERT_EQ(charts.size(), 2u);
  for (const Json& row : Values(charts[0])) {
    EXPECT_EQ(row["value"], std::max(0.0, row["x"].get<double>()));
  }
  EXPECT_EQ(Values(charts[1]).front()["value"], 0);
  EXPECT_EQ(Values(charts[1]).back()["value"], 1);
}

TEST(SeedsTest, OneSeedHasNoInterval) {
  auto report = test::SampleSeeds(PlainNames());
  report.mutable_variants(0)->mutable_mean_accuracy()->set_lower(-HUGE_VAL);
  report.mutable_variants(0)->mutable_mean_accuracy()->set_upper(HUGE_VAL);
  const Chart chart = SeedChart(report, PlainNames());
  ASSERT_EQ(Values(chart).size(), 3u * 5) << "four seeds and their mean";
  EXPECT_TRUE(Values(chart)[4]["lower"].is_null());
  EXPECT_FALSE(Values(chart)[9]["lower"].is_null());
}

}  // namespace
}  // namespace actium::report
