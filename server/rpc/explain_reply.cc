#include "server/rpc/explain_reply.h"

#include <algorithm>
#include <optional>

#include "fmt/format.h"
#include "server/base/status_macros.h"

namespace actium::rpc {
namespace {

using engine::ModelDescription;
using engine::Step;

template <class From, class To>
void CopyAll(const From& from, To& to) {
  to.Assign(from.begin(), from.end());
}

void FillStep(const Step& step, const ModelDescription& description, v1::ExplainedStep& reply) {
  reply.set_kind(step.kind);
  reply.set_name(step.name);
  CopyAll(step.inputs, *reply.mutable_inputs());
  CopyAll(step.model_inputs, *reply.mutable_model_inputs());
  CopyAll(step.output_shape, *reply.mutable_output_shape());
  reply.set_output_dtype(step.output_dtype);
  reply.set_activation(step.activation);
  CopyAll(step.fused, *reply.mutable_fused());
  reply.set_algorithm(step.algorithm);
  reply.set_source(step.source);
  if (step.flops.has_value()) reply.set_flops(*step.flops);
  if (step.bytes.has_value()) reply.set_bytes(*step.bytes);
  if (!step.time.has_value() || !description.total.has_value()) return;
  reply.set_time_ns(step.time->count());
  const auto total = static_cast<double>(std::max<int64_t>(description.total->count(), 1));
  reply.set_share(std::min(static_cast<double>(step.time->count()) / total, 1.0));
}

void FillFacts(const repository::ServedModel& model, v1::ExplainModelResponse& response) {
  response.set_model(model.ref->model);
  response.set_version(model.ref->version);
  response.set_engine(model.ref->engine);
  response.set_precision(model.ref->precision);
  response.set_sha256(model.ref->sha256);
  response.set_device(engine::Name(model.pool->device()));
  const engine::ModelFacts& facts = model.queue->model().facts();
  response.set_weights_sha256(facts.weights_digest);
  response.set_learned_parameters(facts.learned_parameters);
  response.set_parameter_bytes(facts.parameter_bytes);
  response.set_buffer_bytes(facts.buffer_bytes);
  response.set_imported_graph(facts.imported_graph);
}

}  // namespace

absl::StatusOr<repository::ModelHandle> FindModelToExplain(
    const repository::ModelRepository& repository, const v1::ExplainModelRequest& request) {
  if (request.model().empty()) return absl::InvalidArgumentError("model must be given");
  if (request.version() < 0) {
    return absl::InvalidArgumentError(
        fmt::format("version must be at least 1, or 0 for the highest, got {}", request.version()));
  }
  const std::optional<int64_t> version =
      request.version() == 0 ? std::nullopt : std::optional<int64_t>(request.version());
  ACTIUM_ASSIGN_OR_RETURN(repository::ModelHandle model, repository.Find(request.model(), version));
  const int most = std::max(model->signature.max_batch_size, 1);
  if (request.batch_size() < 0 || request.batch_size() > most) {
    return absl::InvalidArgumentError(fmt::format(
        "batch_size must be in [1, {}], or 0 for 1, got {}", most, request.batch_size()));
  }
  return model;
}

void FillExplanation(const repository::ServedModel& model, const ModelDescription& description,
                     v1::ExplainModelResponse& response) {
  FillFacts(model, response);
  // What has just run, and what ran when the model was loaded.
  CopyAll(engine::ActivationsOf(description.steps), *response.mutable_activations());
  for (const std::string& name : model.queue->model().facts().activations) {
    if (std::ranges::find(response.activations(), name) == response.activations().end()) {
      response.add_activations(name);
    }
  }
  response.set_batch_size(description.rows);
  for (const Step& step : description.steps) FillStep(step, description, *response.add_steps());
  response.set_timed_runs(description.timed_runs);
  if (description.total.has_value()) response.set_total_ns(description.total->count());
  CopyAll(description.notes, *response.mutable_notes());
  response.set_graph(description.graph);
  if (description.arena_bytes.has_value()) response.set_arena_bytes(*description.arena_bytes);
}

}  // namespace actium::rpc
