#ifndef ACTIUM_CLIENT_CLI_COMPARISON_DATA_H_
#define ACTIUM_CLIENT_CLI_COMPARISON_DATA_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "actium/client.h"
#include "client/cli/class_order.h"
#include "client/cli/comparison_options.h"
#include "client/cli/example_source.h"
#include "client/cli/example_stream.h"
#include "client/cli/session.h"

namespace actium::cli {

/// Where Debian's package dataset-fashion-mnist puts its files.
inline constexpr char kDefaultData[] = "/usr/share/datasets/fashion-mnist";

/// Examples, and how they are made a request of the models that are compared.
struct ComparisonData {
  std::string path;
  std::unique_ptr<ExampleSource> source;
  ExampleTarget target;
  ClassOrder classes;     ///< Empty without names of classes.
  std::string converted;  ///< What is done to the first picture, in words; empty: nothing.

  /// Returns the examples from the first one, as messages; refers to this object.
  ExampleStream Stream() { return {*source, target, classes.model_class}; }
};

/// Opens the data at `path`, and thins it out to options.images. Errors: those of OpenExamples().
absl::StatusOr<std::unique_ptr<ExampleSource>> OpenData(const std::string& path,
                                                        const ComparisonOptions& options);

/// Finds out how a model takes the examples, and which of its classes theirs are.
///
/// variant: one of those that are compared, which all take the same inputs. unchanged: whether
/// examples that must be converted are an error.
/// Errors: those of the server and of conversion; INVALID_ARGUMENT (another shape, with
/// `unchanged`; classes that are no labels, of OrderClasses()).
absl::StatusOr<ComparisonData> PrepareData(client::Client& server, const std::string& path,
                                           std::unique_ptr<ExampleSource> source,
                                           const std::string& variant,
                                           const ComparisonOptions& options, bool unchanged);

/// Returns the ready models that take an example unchanged as their only input, by name.
///
/// Errors: NOT_FOUND if there is none; those of the server.
absl::StatusOr<std::vector<std::string>> FindModelsFor(client::Client& server,
                                                       const Sample& example);

/// Returns what the data is, in words, for people and for programs.
std::string Describe(const ComparisonData& data);
Json ToJson(const ComparisonData& data);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_COMPARISON_DATA_H_
