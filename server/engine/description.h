#ifndef ACTIUM_SERVER_ENGINE_DESCRIPTION_H_
#define ACTIUM_SERVER_ENGINE_DESCRIPTION_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "server/tensor/shape.h"

/// What an engine says about a model that it has loaded: what really runs, step by step.
namespace actium::engine {

/// What is known of a loaded model without running it.
struct ModelFacts {
  /// SHA-256, lower-case hexadecimal, over the names, types, shapes and values of all weights
  /// (parameters, buffers and other tensors) as the file has them, in the order of their names. The
  /// program does not count: the same weights under another activation have the same digest.
  /// Empty: not known.
  std::string weights_digest;
  int64_t learned_parameters = 0;  ///< Numbers that training has changed.
  int64_t parameter_bytes = 0;     ///< Of these, as the file has them.
  int64_t buffer_bytes = 0;        ///< Of all other weights, as the file has them.
  /// Names of server/activation/table.h that occur in the model, each once, in order of their first
  /// occurrence; as far as the engine recognises them.
  std::vector<std::string> activations;
  /// Why the model runs on the reference engine although a fused one exists; empty: it does not, or
  /// there is none.
  std::string not_fused;
  /// Why the model runs on the CPU although a GPU was to run it; empty: it does not, or none was.
  std::string not_on_gpu;
  /// graph::ToText() of the model before any pass, constants by their shapes; empty: it runs op by
  /// op.
  std::string imported_graph;
};

/// One step of a run: what the engine does in one go.
struct Step {
  std::string kind;  ///< The engine's own word, as "aten::conv2d" or "conv2d".
  std::string name;  ///< Unique in its description, as "block1.conv2d".
  /// Places in ModelDescription::steps of the earlier ones whose results it reads, ascending.
  std::vector<int> inputs;
  std::vector<std::string> model_inputs;  ///< Which of the model's inputs it reads.
  tensor::Shape output_shape;             ///< Of its first result.
  std::string output_dtype;               ///< As "FP32"; empty: the step has no tensor as result.
  /// Name in server/activation/table.h of the one that it is, or that is fused into it; or empty.
  std::string activation;
  std::vector<std::string> fused;  ///< What else was fused into it, as "batch_norm".
  std::string algorithm;           ///< Which of several ways was chosen; empty: the engine has one.
  std::string source;            ///< Where the model's source says so, as "model.py:41"; or empty.
  std::optional<int64_t> flops;  ///< Two for a multiply-add; unset: not known.
  std::optional<int64_t> bytes;  ///< Of tensors read and written, each once; unset: not known.
  std::optional<std::chrono::nanoseconds> time;  ///< Median of the timed runs; unset: not timed.
};

/// What runs for one batch.
struct ModelDescription {
  int rows = 0;  ///< Of the batch; 0: the model has no batch dimension.
  std::vector<Step> steps;
  int timed_runs = 0;                             ///< How many count in the times.
  std::optional<std::chrono::nanoseconds> total;  ///< Median of whole timed runs; unset: not timed.
  std::vector<std::string> notes;  ///< What is not fused, or fell back, and why; for people.
  std::string graph;               ///< ModelFacts::imported_graph after all passes.
  /// Planned for the intermediate results of the batch; unset: the engine allocates as it goes.
  std::optional<int64_t> arena_bytes;
};

/// Does a piece of work, which returns its status, somewhere, and waits for it. Returns that
/// status, or why the work was not done.
using RunSomewhere = std::function<absl::Status(absl::FunctionRef<absl::Status()> work)>;

/// What to describe.
struct DescribeOptions {
  int rows = 1;              ///< In [1, max_batch_size]; any for a model without batch dimension.
  int timed_runs = 10;       ///< >= 0; 0: no times.
  int intra_op_threads = 1;  ///< Threads of one run, >= 1.
  RunSomewhere run;          ///< Called for each run of the model, one after the other.
};

/// Returns the activations of steps, each once, in order of their first occurrence.
inline std::vector<std::string> ActivationsOf(const std::vector<Step>& steps) {
  std::vector<std::string> names;
  for (const Step& step : steps) {
    if (step.activation.empty()) continue;
    bool seen = false;
    for (const std::string& name : names) seen = seen || name == step.activation;
    if (!seen) names.push_back(step.activation);
  }
  return names;
}

}  // namespace actium::engine

#endif  // ACTIUM_SERVER_ENGINE_DESCRIPTION_H_
