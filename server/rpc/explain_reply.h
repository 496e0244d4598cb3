#ifndef ACTIUM_SERVER_RPC_EXPLAIN_REPLY_H_
#define ACTIUM_SERVER_RPC_EXPLAIN_REPLY_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "actium/v1/introspection.pb.h"
#include "server/engine/description.h"
#include "server/repository/model_repository.h"

namespace actium::rpc {

/// Finds the model of a request and checks the rest of it.
///
/// Errors: INVALID_ARGUMENT (names the field), and those of ModelRepository::Find().
absl::StatusOr<repository::ModelHandle> FindModelToExplain(
    const repository::ModelRepository& repository, const v1::ExplainModelRequest& request);

/// Answers ExplainModel.
void FillExplanation(const repository::ServedModel& model,
                     const engine::ModelDescription& description,
                     v1::ExplainModelResponse& response);

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_EXPLAIN_REPLY_H_
