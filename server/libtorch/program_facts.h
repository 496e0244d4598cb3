#ifndef ACTIUM_SERVER_LIBTORCH_PROGRAM_FACTS_H_
#define ACTIUM_SERVER_LIBTORCH_PROGRAM_FACTS_H_

// Internal to server/libtorch: what is read off a program without running it.

#include <set>
#include <string>

#include "server/engine/description.h"

namespace torch::jit {
struct Module;
struct SourceRange;
}  // namespace torch::jit

namespace actium::libtorch {

/// What is known of a loaded program.
struct ProgramFacts {
  engine::ModelFacts model;  ///< Its activations are found by running it.
  /// Call sites (CallSite()) of convolutions into which freezing has folded a batch norm.
  std::set<std::string> holds_batch_norm;
  std::string not_frozen;  ///< Why the program could not be frozen; empty: it is.
};

/// Returns digest and sizes of the weights: tensors that are attributes of the module or, if there
/// are none (it was frozen before it was saved), constants of its code. Without a digest if the
/// weights are no plain tensors: packed, as those of quantised modules, sparse, or on no device.
///
/// script: as loaded. Its weights may have any memory format: they count in row-major order.
engine::ModelFacts ReadWeights(const torch::jit::Module& script);

/// Returns where a program is: "code/model.py:12" of each call, outermost first, joined by '|'.
std::string CallSite(const std::string& outer, const torch::jit::SourceRange& range);

/// Returns the call sites of convolutions of `loaded` whose batch norm is gone in `frozen`.
std::set<std::string> FoldedBatchNorms(const torch::jit::Module& loaded,
                                       const torch::jit::Module& frozen);

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_PROGRAM_FACTS_H_
