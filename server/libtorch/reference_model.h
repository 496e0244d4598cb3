#ifndef ACTIUM_SERVER_LIBTORCH_REFERENCE_MODEL_H_
#define ACTIUM_SERVER_LIBTORCH_REFERENCE_MODEL_H_

// Internal to server/libtorch; see loader.h.

#include <memory>

#include "server/engine/executor.h"

namespace actium::libtorch {

/// Loads a model for the CPU and tries it on zeros, with one row and with two where it batches; as
/// engine::ModelLoader::Load(). Dimensions of any size are tried at several sizes until one runs.
absl::StatusOr<std::shared_ptr<engine::LoadedModel>> LoadReferenceModel(
    const engine::LoadSpec& spec);

}  // namespace actium::libtorch

#endif  // ACTIUM_SERVER_LIBTORCH_REFERENCE_MODEL_H_
