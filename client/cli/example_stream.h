#ifndef ACTIUM_CLIENT_CLI_EXAMPLE_STREAM_H_
#define ACTIUM_CLIENT_CLI_EXAMPLE_STREAM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "actium/client.h"
#include "client/cli/example_source.h"
#include "client/cli/model_target.h"

namespace actium::cli {

/// What examples are converted for.
struct ExampleTarget {
  ModelInput input;
  /// An error matters for pictures only.
  absl::StatusOr<PictureLayout> layout = absl::UnknownError("");
  Scale scale = Scale::kNone;
};

/// Reads examples and converts them to messages of an accuracy comparison, one after the other.
/// Holds one message. Used by one thread at a time.
class ExampleStream {
 public:
  /// source: outlives this object. classes: the model's class for each label of the source; empty:
  /// the labels are the model's classes.
  ExampleStream(ExampleSource& source, ExampleTarget target, std::vector<int32_t> classes)
      : source_(source), target_(std::move(target)), classes_(std::move(classes)) {}

  /// Returns the next examples, all of one shape: 256 at most, 8 MiB at most if there are several,
  /// and one for a model without batch dimension; nothing after the last.
  ///
  /// Errors name the example; those of reading, and of FromSample().
  absl::StatusOr<std::optional<v1::LabelledExamples>> Next();

 private:
  // Converts the next example, unless that was done for the last message, which it did not fit.
  absl::Status Convert();
  bool Fits(const inference::ModelInferRequest& inputs) const;
  void Append(v1::LabelledExamples& examples);

  ExampleSource& source_;
  const ExampleTarget target_;
  const std::vector<int32_t> classes_;
  int64_t next_ = 0;
  std::optional<Array> converted_;  // Example number next_.
};

/// Returns rows for timing: examples spread evenly over the source, of the shape of the first one,
/// again from the start if there are fewer than `rows`. They take 16 MiB at most, if that leaves
/// `least` of them; a model without batch dimension gets one.
///
/// least, rows: 1 <= least <= rows. Errors: as ExampleStream::Next()'s.
absl::StatusOr<inference::ModelInferRequest> TimingRows(ExampleSource& source,
                                                        const ExampleTarget& target, int64_t least,
                                                        int64_t rows);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_EXAMPLE_STREAM_H_
