#ifndef ACTIUM_SERVER_INFERENCE_CLASSIFY_H_
#define ACTIUM_SERVER_INFERENCE_CLASSIFY_H_

#include <string>
#include <vector>

#include "server/batching/request.h"

namespace actium::inference {

/// Replaces an output by the names of its largest values, as the protocol's `classification`
/// parameter asks.
///
/// output: dense, of any type but kBytes. Afterwards kBytes of shape [rows, k] (or [k] when
/// `batched` is false), each element "value:index", or "value:index:label" where the index has a
/// label: largest value first, of equal values the lower index first, NaN last. value is written
/// with six decimals for floating-point types, whole otherwise.
/// batched: dimension 0 is the rows; all further dimensions together are a row's classes.
/// k: >= 1; a row with fewer classes gives all of them.
/// labels: of the classes in order; may be shorter or empty.
void Classify(batching::OutputTensor& output, bool batched, int k,
              const std::vector<std::string>& labels);

}  // namespace actium::inference

#endif  // ACTIUM_SERVER_INFERENCE_CLASSIFY_H_
