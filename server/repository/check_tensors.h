#ifndef ACTIUM_SERVER_REPOSITORY_CHECK_TENSORS_H_
#define ACTIUM_SERVER_REPOSITORY_CHECK_TENSORS_H_

#include <cstddef>

#include "inference/model_config.pb.h"
#include "server/engine/executor.h"
#include "server/repository/problems.h"

namespace actium::repository {

/// Most rows that a configuration may ask for.
inline constexpr int kMostBatchRows = 65536;

/// Longest name of a model, input or output.
inline constexpr size_t kMostNameBytes = 200;

/// Returns the signature that a configuration declares; what is wrong with it goes to `problems`,
/// and then the signature is of no use.
engine::Signature CheckTensors(const ::inference::ModelConfig& config, Problems& problems);

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_CHECK_TENSORS_H_
