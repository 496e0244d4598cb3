#ifndef ACTIUM_CLIENT_CLI_COMPARISON_OPTIONS_H_
#define ACTIUM_CLIENT_CLI_COMPARISON_OPTIONS_H_

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "actium/v1/comparison.pb.h"
#include "client/cli/example_source.h"
#include "client/cli/model_input.h"

namespace actium::cli {

/// Most examples that a report shows of those on which variants disagree.
inline constexpr int kGalleryExamples = 24;

/// What the options of `actium compare` say.
struct ComparisonOptions {
  std::vector<std::string> models;  ///< Empty: all that take the data as it is.
  std::string data;                 ///< Empty: Fashion-MNIST, if the models take it as it is.
  std::string data_set;             ///< Of the server's, instead of data; empty: none.
  int64_t images = kMostExamples;
  std::string input;   ///< Empty: the only one.
  std::string output;  ///< Empty: the only one.
  Scale scale = Scale::kNone;
  bool probabilities = false;
  std::string baseline;
  bool all_pairs = false;
  double confidence = 0.95;
  double margin_points = 1.0;
  int top_k = 0;
  bool no_latency = false;
  bool no_accuracy = false;
  std::vector<int> batch_sizes = {1};
  int rounds = 20;
  double time_limit_seconds = 60;
  double latency_margin_percent = 3;
  std::vector<int> concurrencies = {1};
  std::string seeds;           ///< Folder of predictions by training seed; empty: none.
  std::string split = "test";  ///< Of these predictions.
  std::string select_on;       ///< Empty, and report_on as well: nothing is chosen.
  std::string report_on;
  std::vector<std::string> fail_if;
  std::string report;  ///< HTML page to write; empty: none.
};

/// Adds them to the command.
void AddComparisonOptions(CLI::App& command, ComparisonOptions& options);

/// Returns the part of a request that the options say; latency inputs and labels are not among
/// them.
v1::AccuracySetup MakeAccuracySetup(const ComparisonOptions& options);
v1::CompareLatencyRequest MakeLatencyRequest(const ComparisonOptions& options);
v1::SeedsSetup MakeSeedsSetup(const ComparisonOptions& options);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_COMPARISON_OPTIONS_H_
