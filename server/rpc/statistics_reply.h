#ifndef ACTIUM_SERVER_RPC_STATISTICS_REPLY_H_
#define ACTIUM_SERVER_RPC_STATISTICS_REPLY_H_

#include "absl/status/status.h"
#include "actium/v1/introspection.pb.h"
#include "inference/grpc_service.pb.h"
#include "server/batching/device_pool.h"
#include "server/observe/statistics.h"
#include "server/repository/model_repository.h"

namespace actium::rpc {

/// Answers ModelStatistics: serving traffic of the versions that are ready, in order of name and
/// version.
///
/// Errors: INVALID_ARGUMENT (a version without a name, or no number), and those of Find().
absl::Status FillStatistics(const repository::ModelRepository& repository,
                            const observe::Statistics& statistics,
                            const ::inference::ModelStatisticsRequest& request,
                            ::inference::ModelStatisticsResponse& response);

/// Answers GetModelStatistics of the introspection service for the same versions; errors as above.
absl::Status FillStatistics(const repository::ModelRepository& repository,
                            const observe::Statistics& statistics,
                            const v1::GetModelStatisticsRequest& request,
                            v1::GetModelStatisticsResponse& response);

}  // namespace actium::rpc

#endif  // ACTIUM_SERVER_RPC_STATISTICS_REPLY_H_
