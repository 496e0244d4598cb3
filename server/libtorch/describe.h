#ifndef ACTIUM_SERVER_LIBTORCH_DESCRIBE_H_
#define ACTIUM_SERVER_LIBTORCH_DESCRIBE_H_

// Internal to server/libtorch.

#include <string>
#include <vector>

#include "ATen/core/TensorBody.h"
#include "absl/status/statusor.h"
#include "server/engine/description.h"
#include "server/libtorch/program.h"

namespace actium::libtorch {

/// Describes a program as engine::LoadedModel::Describe() does; options.rows is only repeated. Its
/// runs change neither the program's graph nor what other threads run: operators are observed by
/// callbacks of the thread that runs.
///
/// arguments: what it is run on. names: theirs.
absl::StatusOr<engine::ModelDescription> DescribeProgram(const Program& program,
                                                         const std::vector<at::Tensor>& arguments,
                                                         const std::vector<std::string>& names,
                                                         const engine::DescribeOptions& options);

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_DESCRIBE_H_
