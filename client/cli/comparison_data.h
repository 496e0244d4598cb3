#ifndef ACTIUM_CLIENT_CLI_COMPARISON_DATA_H_
#define ACTIUM_CLIENT_CLI_COMPARISON_DATA_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "actium/client.h"
#include "client/cli/class_order.h"
#include "client/cli/comparison_options.h"
#include "client/cli/data_part.h"
#include "client/cli/example_source.h"
#include "client/cli/example_stream.h"
#include "client/cli/session.h"

namespace actium::cli {

/// Examples, and how they are made a request of the models that are compared.
struct ComparisonData {
  DataPart part;
  std::unique_ptr<ExampleSource> source;
  ExampleTarget target;
  ClassOrder classes;     ///< Empty without names of classes.
  std::string converted;  ///< What is done to the first picture, in words; empty: nothing.

  /// Returns the examples from the first one, as messages; refers to this object.
  ExampleStream Stream() { return {*source, target, classes.model_class}; }
};

/// Opens data, and thins it out to options.images.
///
/// input: name of the models' input, if it is known. Errors: those of OpenExamples().
absl::StatusOr<std::unique_ptr<ExampleSource>> OpenPart(const DataPart& part,
                                                        const std::string& input,
                                                        const ComparisonOptions& options);

/// Opens data, and finds out how a model takes the examples and which of its classes theirs are.
///
/// variant: one of those that are compared, which all take the same inputs.
/// Errors: those of OpenPart(), the server and conversion; INVALID_ARGUMENT (classes that are no
/// labels, of OrderClasses(); data that nobody named and that would have to be converted).
absl::StatusOr<ComparisonData> PrepareData(client::Client& server, const DataPart& part,
                                           const std::string& variant,
                                           const ComparisonOptions& options);

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
