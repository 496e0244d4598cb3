#ifndef ACTIUM_SERVER_RPC_MODEL_REPLY_H_
#define ACTIUM_SERVER_RPC_MODEL_REPLY_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "inference/grpc_service.pb.h"
#include "server/repository/model_repository.h"

namespace actium::rpc {

/// Finds a model by what a request of the protocol carries: a name and a version or "".
/// Errors: INVALID_ARGUMENT (no name, or a version that is no number), and those of Find().
absl::StatusOr<repository::ModelHandle> FindModel(const repository::ModelRepository& repository,
                                                  std::string_view name, std::string_view version);

/// Returns the versions that are ready, pinned, in order of name and version.
///
/// name: only of this model; empty: of all. version: only this one; unset: all.
/// Errors: INVALID_ARGUMENT (a version without a name), and those of Find() for the name and
/// version.
absl::StatusOr<std::vector<repository::ModelHandle>> ReadyVersions(
    const repository::ModelRepository& repository, std::string_view name,
    std::optional<int64_t> version);

/// Describes a model as ModelMetadata answers it. index: of the repository, for the versions that
/// are ready.
void FillMetadata(const repository::ServedModel& model,
                  const std::vector<repository::VersionStatus>& index,
                  ::inference::ModelMetadataResponse& response);

/// Lists the index as RepositoryIndex answers it. only_ready: leaves out what is not ready.
void FillIndex(const std::vector<repository::VersionStatus>& index, bool only_ready,
               ::inference::RepositoryIndexResponse& response);

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_MODEL_REPLY_H_
