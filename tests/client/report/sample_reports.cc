#include "tests/client/report/sample_reports.h"

namespace actium::test {
namespace {

void Set(v1::Estimate& estimate, double value, double half_width) {
  estimate.set_value(value);
  estimate.set_lower(value - half_width);
  estimate.set_upper(value + half_width);
}

template <class Answered>
void SetVersion(Answered& answered, const std::string& variant) {
  answered.set_variant(variant);
  answered.set_model(variant);
  answered.set_version(1);
  answered.set_sha256("0b1866fa");
  answered.set_engine("libtorch");
  answered.set_precision("fp32");
}

void AddVariant(const std::string& name, int number, v1::AccuracyReport& report) {
  v1::VariantAccuracy& variant = *report.add_variants();
  SetVersion(variant, name);
  Set(*variant.mutable_accuracy(), 0.9 + 0.01 * number, 0.006);
  Set(*variant.mutable_top_k_accuracy(), 0.99, 0.002);
  variant.set_mean_confidence(0.93);
  for (int i = 0; i < 15; ++i) {
    v1::ReliabilityBin& bin = *variant.add_reliability();
    if (i < 5) continue;  // Nobody is less sure of two classes.
    bin.set_examples(10 * i);
    bin.set_mean_confidence((i + 0.5) / 15);
    bin.set_accuracy((i + 0.4) / 15);
  }
  for (const int count : {450 + number, 50 - number, 50, 450}) variant.add_confusion(count);
  for (int i = 0; i < 2; ++i) Set(*variant.add_recall(), 0.9 + 0.01 * i, 0.02);
}

void AddContrast(const std::string& name, int number, v1::AccuracyReport& report) {
  v1::AccuracyContrast& contrast = *report.add_contrasts();
  contrast.set_variant(name);
  contrast.set_baseline(report.baseline());
  Set(*contrast.mutable_agreement(), 0.95, 0.01);
  Set(*contrast.mutable_difference(), 0.01 * number, 0.004);
  Set(*contrast.mutable_difference_simultaneous(), 0.01 * number, 0.006);
  contrast.set_p_adjusted(0.01);
  contrast.set_verdict(number == 1 ? v1::ACCURACY_VERDICT_UNDECIDED : v1::ACCURACY_VERDICT_BETTER);
  contrast.set_examples_needed(number == 1 ? 4321 : 0);
  contrast.set_kappa(0.9);
}

void AddDisagreement(int number, v1::AccuracyReport& report) {
  v1::Disagreement& disagreement = *report.add_disagreements();
  disagreement.set_number(number);
  disagreement.set_label(number % 2);
  for (int i = 0; i < report.variants_size(); ++i) {
    disagreement.add_predicted(i % 2);
    disagreement.add_probability(0.5 + 0.1 * i);
  }
}

void AddQuantiles(double median, v1::LatencyCell& cell) {
  double factor = 1;
  for (const double quantile : {0.5, 0.9, 0.95, 0.99, 0.999}) {
    v1::LatencyQuantile& own = *cell.add_served();
    own.set_quantile(quantile);
    own.set_value_ns(median * factor);
    own.set_lower_ns(median * factor * 0.95);
    // The sample is too small to bound the last one from above.
    if (quantile < 0.999) own.set_upper_ns(median * factor * 1.1);
    factor *= 1.4;
  }
}

void AddCell(const std::string& name, int number, int batch, v1::LatencyReport& report) {
  v1::LatencyCell& cell = *report.add_cells();
  SetVersion(cell, name);
  cell.set_batch_size(batch);
  cell.set_concurrency(1);
  cell.set_samples(1000);
  const double median = 1e6 * batch * (1 + 0.2 * number);
  AddQuantiles(median, cell);
  cell.set_rows_per_second(1e9 / median);
  cell.set_queue_ns(1e4);
  cell.set_gather_ns(2e4);
  cell.set_compute_ns(median);
  cell.set_scatter_ns(1e4);
  for (int i = 0; i < 5; ++i) cell.add_served_round_medians_ns(median * (1 + 0.01 * i));
}

void AddRatio(const std::string& name, int number, int batch, v1::LatencyReport& report) {
  v1::LatencyContrast& contrast = *report.add_contrasts();
  contrast.set_variant(name);
  contrast.set_baseline(report.baseline());
  contrast.set_batch_size(batch);
  contrast.set_concurrency(1);
  contrast.set_measure(v1::LATENCY_MEASURE_SERVED);
  Set(*contrast.mutable_ratio(), 1 + 0.2 * number, 0.05);
  Set(*contrast.mutable_ratio_simultaneous(), 1 + 0.2 * number, 0.08);
  contrast.set_verdict(v1::LATENCY_VERDICT_SLOWER);
}

void AddSeeds(const std::string& name, int number, v1::SeedsReport& report) {
  v1::SeedVariant& variant = *report.add_variants();
  variant.set_variant(name);
  for (int i = 0; i < 4; ++i) {
    variant.add_seeds(static_cast<uint64_t>(i + 1));
    variant.add_accuracies(0.9 + 0.01 * number + 0.001 * i);
  }
  Set(*variant.mutable_mean_accuracy(), 0.9 + 0.01 * number, 0.003);
  if (number == 0) return;
  v1::SeedContrast& contrast = *report.add_contrasts();
  contrast.set_variant(name);
  contrast.set_baseline(report.baseline());
  contrast.set_paired(true);
  Set(*contrast.mutable_difference(), 0.01 * number, 0.003);
  Set(*contrast.mutable_difference_simultaneous(), 0.01 * number, 0.004);
  contrast.set_verdict(v1::ACCURACY_VERDICT_BETTER);
}

}  // namespace

std::vector<std::string> PlainNames() { return {"relu", "mish:2", "mine"}; }

std::vector<std::string> HostileNames() {
  return {"</script><script>window.injected = 1</script><!--", "<img src=x onerror='injected=1'>",
          "a.b[0]\"'\\); window.injected = 1; //\xe2\x80\xa8{{signal}}"};
}

v1::AccuracyReport SampleAccuracy(const std::vector<std::string>& variants) {
  v1::AccuracyReport report;
  report.set_headline("mish is better");
  report.set_inference_unit("these checkpoints");
  report.set_labelled(true);
  report.set_examples(1000);
  report.set_classes(2);
  report.add_labels("cat");
  report.add_labels("dog");
  report.set_baseline(variants[0]);
  report.set_confidence(0.95);
  report.set_margin(0.01);
  report.set_top_k(1);
  int number = 0;
  for (const std::string& name : variants) {
    AddVariant(name, number, report);
    if (number > 0) AddContrast(name, number, report);
    ++number;
  }
  report.mutable_omnibus()->set_p(0.02);
  for (int i = 0; i < 3; ++i) AddDisagreement(7 * i, report);
  report.set_disagreement_count(40);
  report.add_warnings("few examples");
  return report;
}

v1::AccuracyReport SampleAnswers(const std::vector<std::string>& variants) {
  v1::AccuracyReport report = SampleAccuracy(variants);
  report.set_labelled(false);
  report.clear_omnibus();
  for (v1::VariantAccuracy& variant : *report.mutable_variants()) {
    variant.clear_accuracy();
    variant.clear_reliability();
    variant.clear_confusion();
    variant.clear_recall();
  }
  for (v1::AccuracyContrast& contrast : *report.mutable_contrasts()) {
    contrast.clear_difference();
    contrast.clear_difference_simultaneous();
    contrast.clear_verdict();
  }
  for (v1::Disagreement& disagreement : *report.mutable_disagreements()) disagreement.set_label(-1);
  return report;
}

v1::LatencyReport SampleLatency(const std::vector<std::string>& variants) {
  v1::LatencyReport report;
  report.set_headline("mish is slower");
  report.set_inference_unit("these versions on this machine");
  report.set_baseline(variants[0]);
  report.set_confidence(0.95);
  report.set_margin(0.03);
  report.set_rounds(5);
  for (const int batch : {1, 8}) {
    int number = 0;
    for (const std::string& name : variants) {
      AddCell(name, number, batch, report);
      if (number > 0) AddRatio(name, number, batch, report);
      ++number;
    }
  }
  return report;
}

v1::SeedsReport SampleSeeds(const std::vector<std::string>& variants) {
  v1::SeedsReport report;
  report.set_headline("mish is better over seeds");
  report.set_inference_unit("activations with their recipe");
  report.set_examples(1000);
  report.set_baseline(variants[0]);
  report.set_confidence(0.95);
  report.set_margin(0.01);
  int number = 0;
  for (const std::string& name : variants) AddSeeds(name, number++, report);
  return report;
}

v1::AccuracyReport HostileAccuracy() {
  v1::AccuracyReport report = SampleAccuracy(HostileNames());
  const std::string text = HostileNames()[0];
  report.set_headline(text);
  report.set_labels(0, text);
  report.set_labels(1, HostileNames()[1]);
  report.add_warnings(text);
  report.mutable_disagreements(0)->set_id(text);
  return report;
}

std::map<std::string, std::string> SamplePages() {
  const auto accuracy = SampleAccuracy(PlainNames());
  const auto answers = SampleAnswers(PlainNames());
  const auto latency = SampleLatency(PlainNames());
  const auto seeds = SampleSeeds(PlainNames());
  const auto hostile_accuracy = HostileAccuracy();
  const auto hostile_latency = SampleLatency(HostileNames());
  const auto hostile_seeds = SampleSeeds(HostileNames());
  const report::GalleryImage image = {
      .number = 7, .width = 2, .height = 2, .channels = 1, .pixels = {0, 90, 180, 255}};
  const auto page = [&](const v1::AccuracyReport* own_accuracy,
                        const v1::LatencyReport* own_latency, const v1::SeedsReport* own_seeds) {
    return report::MakePage({.accuracy = own_accuracy,
                             .latency = own_latency,
                             .seeds = own_seeds,
                             .gallery = {image},
                             .facts = {.command_line = HostileNames()[0],
                                       .date = "2026-11-24",
                                       .program = "actium",
                                       .more = {}}});
  };
  return {{"whole.html", page(&accuracy, &latency, &seeds)},
          {"accuracy.html", page(&accuracy, nullptr, nullptr)},
          {"answers.html", page(&answers, &latency, nullptr)},
          {"latency.html", page(nullptr, &latency, nullptr)},
          {"seeds.html", page(nullptr, nullptr, &seeds)},
          {"hostile.html", page(&hostile_accuracy, &hostile_latency, &hostile_seeds)}};
}

}  // namespace actium::test
