#ifndef ACTIUM_SERVER_REPOSITORY_CHECK_SCHEDULING_H_
#define ACTIUM_SERVER_REPOSITORY_CHECK_SCHEDULING_H_

#include "inference/model_config.pb.h"
#include "server/batching/model_queue.h"
#include "server/repository/problems.h"

namespace actium::repository {

/// Returns how requests become batches: dynamic_batching and the counts of
/// instance_group. What is wrong goes to
/// `problems`, and then the options are of no use.
batching::QueueOptions CheckScheduling(const ::inference::ModelConfig& config, Problems& problems);

/// Writes into dynamic_batching what holds where the configuration leaves it open.
void CompleteScheduling(const batching::QueueOptions& options, ::inference::ModelConfig& config);

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_CHECK_SCHEDULING_H_
