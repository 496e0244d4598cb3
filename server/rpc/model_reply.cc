#include "server/rpc/model_reply.h"

#include "server/base/status_macros.h"
#include "server/rpc/decode_request.h"

namespace actium::rpc {
namespace {

using repository::VersionState;
using repository::VersionStatus;
using TensorMetadata = ::inference::ModelMetadataResponse::TensorMetadata;

void FillTensor(const tensor::TensorSpec& spec, bool batched, TensorMetadata& metadata) {
  metadata.set_name(spec.name);
  metadata.set_datatype(std::string(tensor::Name(spec.dtype)));
  if (batched) metadata.add_shape(tensor::kAnySize);
  metadata.mutable_shape()->Add(spec.shape.begin(), spec.shape.end());
}

}  // namespace

absl::StatusOr<repository::ModelHandle> FindModel(const repository::ModelRepository& repository,
                                                  std::string_view name, std::string_view version) {
  ACTIUM_RETURN_IF_ERROR(CheckName("the model", name));
  ACTIUM_ASSIGN_OR_RETURN(const std::optional<int64_t> number, ParseVersion(version));
  return repository.Find(name, number);
}

absl::StatusOr<std::vector<repository::ModelHandle>> ReadyVersions(
    const repository::ModelRepository& repository, std::string_view name,
    std::optional<int64_t> version) {
  std::vector<repository::ModelHandle> handles;
  if (name.empty() && version.has_value()) {
    return absl::InvalidArgumentError("a version is given without the name of a model");
  }
  if (!name.empty()) {
    ACTIUM_RETURN_IF_ERROR(CheckName("the model", name));
    ACTIUM_ASSIGN_OR_RETURN(repository::ModelHandle found, repository.Find(name, version));
    if (version.has_value()) {
      handles.push_back(std::move(found));
      return handles;
    }
  }
  for (const VersionStatus& known : repository.Index()) {
    if (known.state != VersionState::kReady || (!name.empty() && known.model != name)) continue;
    // One that was unloaded since is left out.
    if (auto handle = repository.Find(known.model, known.version); handle.ok()) {
      handles.push_back(*std::move(handle));
    }
  }
  return handles;
}

void FillMetadata(const repository::ServedModel& model, const std::vector<VersionStatus>& index,
                  ::inference::ModelMetadataResponse& response) {
  response.set_name(model.ref->model);
  response.set_platform(model.config.platform());
  for (const VersionStatus& version : index) {
    if (version.model == model.ref->model && version.state == VersionState::kReady) {
      response.add_versions(std::to_string(version.version));
    }
  }
  const bool batched = model.signature.max_batch_size > 0;
  for (const auto& input : model.signature.inputs) {
    FillTensor(input, batched, *response.add_inputs());
  }
  for (const auto& output : model.signature.outputs) {
    FillTensor(output, batched, *response.add_outputs());
  }
}

void FillIndex(const std::vector<VersionStatus>& index, bool only_ready,
               ::inference::RepositoryIndexResponse& response) {
  for (const VersionStatus& version : index) {
    if (only_ready && version.state != VersionState::kReady) continue;
    auto& entry = *response.add_models();
    entry.set_name(version.model);
    if (version.version > 0) entry.set_version(std::to_string(version.version));
    entry.set_state(std::string(repository::Name(version.state)));
    entry.set_reason(version.reason);
  }
}

}  // namespace actium::rpc
