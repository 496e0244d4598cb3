#ifndef ACTIUM_SERVER_PROBE_H_
#define ACTIUM_SERVER_PROBE_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/engine/executor.h"
#include "server/options/options.h"

namespace actium {

/// Runs a model file once on zeros and returns a config.pbtxt for it, ready to be used. The model's
/// name is that of its folder in a repository (<name>/<version>/model.pt), otherwise of the file.
///
/// Errors: INVALID_ARGUMENT (an input, or the model does not run with these), NOT_FOUND (no file).
absl::StatusOr<std::string> DraftFromProbe(const options::Probe& probe,
                                           engine::ModelLoader& loader);

}  // namespace actium

#endif  // ACTIUM_SERVER_PROBE_H_
