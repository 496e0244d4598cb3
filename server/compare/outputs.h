#ifndef ACTIUM_SERVER_COMPARE_OUTPUTS_H_
#define ACTIUM_SERVER_COMPARE_OUTPUTS_H_

#include <memory>

#include "absl/status/status.h"
#include "actium/v1/comparison.pb.h"
#include "server/batching/request.h"
#include "server/inference/inference_core.h"

namespace actium::compare {

/// Runs one request through every variant and lays the answers side by side.
///
/// inputs: as RunRows() takes them; those of `request` are not looked at. cancellation: may be
/// null. report: empty; on error it is left half filled. Errors: those of PinVariants();
/// INVALID_ARGUMENT (names a field of the request; more rows than a variant takes in one batch;
/// answers that are no scores or of other classes), CANCELLED, and those of inference.
absl::Status CompareOutputs(inference::InferenceCore& core,
                            const repository::ModelRepository& repository,
                            const v1::CompareOutputsRequest& request,
                            const batching::InferRequest& inputs,
                            const std::shared_ptr<batching::Cancellation>& cancellation,
                            v1::OutputsReport& report);

}  // namespace actium::compare

#endif  // ACTIUM_SERVER_COMPARE_OUTPUTS_H_
