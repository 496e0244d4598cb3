#include "server/repository/config_fields.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "server/base/status_macros.h"

namespace actium::repository {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using enum FieldRule;

// In the order of model_config.proto.
constexpr ConfigField kFields[] = {
    {"name", kHonoured, "the name of the model's folder; unset means just that"},
    {"platform", kHonoured, "`pytorch_libtorch` or unset, which means the same"},
    {"backend", kHonoured, "`pytorch` or `actium`, which mean the same; unset means `pytorch`"},
    {"runtime", kIgnored, "an engine has one runtime"},
    {"version_policy", kHonoured, "which version folders are served; unset means the latest one"},
    {"version_policy.latest", kHonoured, "the highest version numbers"},
    {"version_policy.latest.num_versions", kHonoured, "how many, up to 1000; 0 means 1"},
    {"version_policy.all", kHonoured, "every version folder"},
    {"version_policy.specific", kHonoured, "listed versions"},
    {"version_policy.specific.versions", kHonoured, "at least one, each at least 1"},
    {"max_batch_size", kHonoured,
     "0: tensors have no batch dimension; 1 to 65536: all have one, and a batch has at most so "
     "many "
     "rows"},
    {"input", kHonoured, "at least one, in the order of the model's arguments"},
    {"input.name", kHonoured, "not empty, unique among the inputs, at most 200 bytes"},
    {"input.data_type", kHonoured, "any but `TYPE_INVALID` and `TYPE_STRING`"},
    {"input.format", kHonoured, "what the dimensions stand for: told to clients, changes nothing"},
    {"input.dims", kHonoured,
     "without the batch dimension; at most 16, each at least 1, or -1 for any size; empty: one "
     "value"},
    {"input.reshape", kRefused, "a model gets the shape that clients send"},
    {"input.is_shape_tensor", kRefused, "it belongs to TensorRT"},
    {"input.allow_ragged_batch", kRefused, "only requests of equal shapes form a batch"},
    {"input.optional", kRefused, "every request gives every input"},
    {"input.is_non_linear_format_io", kRefused, "it belongs to TensorRT"},
    {"output", kHonoured, "at least one, in the order of the model's results"},
    {"output.name", kHonoured, "not empty, unique among the outputs, at most 200 bytes"},
    {"output.data_type", kHonoured, "any but `TYPE_INVALID` and `TYPE_STRING`"},
    {"output.dims", kHonoured, "as of an input"},
    {"output.reshape", kRefused, "clients get the shape that a model gives"},
    {"output.label_filename", kHonoured,
     "in the model's folder, a line per class index, for `classification`; unset: no labels"},
    {"output.is_shape_tensor", kRefused, "it belongs to TensorRT"},
    {"output.is_non_linear_format_io", kRefused, "it belongs to TensorRT"},
    {"batch_input", kRefused, "every input comes from the requests"},
    {"batch_output", kRefused, "outputs are divided by rows"},
    {"optimization", kHonoured, "may be there; what it holds has no effect"},
    {"optimization.graph", kIgnored, "the engine decides"},
    {"optimization.priority", kIgnored, "models share the workers fairly by compute time"},
    {"optimization.cuda", kIgnored, "the engine decides"},
    {"optimization.execution_accelerators", kIgnored, "the engine decides"},
    {"optimization.input_pinned_memory", kIgnored, "the engine decides"},
    {"optimization.output_pinned_memory", kIgnored, "the engine decides"},
    {"optimization.gather_kernel_buffer_threshold", kIgnored,
     "inputs are gathered before they go to a GPU"},
    {"optimization.eager_batching", kIgnored, "inputs are gathered by the worker that runs them"},
    {"dynamic_batching", kHonoured,
     "how batches form; unset: a free worker takes what waits, with the defaults below"},
    {"dynamic_batching.preferred_batch_size", kHonoured,
     "rows, each in [1, `max_batch_size`]; empty: no preference"},
    {"dynamic_batching.max_queue_delay_microseconds", kHonoured,
     "longest wait for company, up to 60 s; 0: a free worker never waits"},
    {"dynamic_batching.preserve_ordering", kIgnored, "every answer belongs to its own call"},
    {"dynamic_batching.priority_levels", kIgnored, "requests are served in the order of arrival"},
    {"dynamic_batching.default_priority_level", kIgnored,
     "requests are served in the order of arrival"},
    {"dynamic_batching.default_queue_policy", kHonoured,
     "limits of the queue; unset: the defaults below, and a request's own timeout counts"},
    {"dynamic_batching.default_queue_policy.timeout_action", kHonoured,
     "`REJECT` only: a request that has waited too long fails"},
    {"dynamic_batching.default_queue_policy.default_timeout_microseconds", kHonoured,
     "longest wait in the queue, up to one day; 0: no limit"},
    {"dynamic_batching.default_queue_policy.allow_timeout_override", kHonoured,
     "whether a request's own timeout counts"},
    {"dynamic_batching.default_queue_policy.max_queue_size", kHonoured,
     "most requests waiting at once, up to 1000000; 0 means 1024"},
    {"dynamic_batching.priority_queue_policy", kIgnored,
     "requests are served in the order of arrival"},
    {"sequence_batching", kRefused, "no state is kept between requests"},
    {"ensemble_scheduling", kRefused, "a model is one file"},
    {"instance_group", kHonoured,
     "where the model runs, and most batches of it that run at once: the sum of the counts; empty: "
     "`KIND_AUTO`, and as many as the device has workers"},
    {"instance_group.name", kHonoured, "told to clients, changes nothing"},
    {"instance_group.kind", kHonoured,
     "one device for all groups. `KIND_CPU`; `KIND_GPU`: without a GPU, or if the GPU cannot run "
     "the "
     "model, it is not loaded; `KIND_AUTO`: what `--device` says, the CPU if a GPU cannot run it. "
     "`KIND_MODEL` is refused"},
    {"instance_group.count", kHonoured, "1 to 1024; 0 means 1"},
    {"instance_group.rate_limiter", kIgnored, "`count` is the only limit"},
    {"instance_group.gpus", kHonoured,
     "the number of one GPU, from 0; empty: that of `--device`, or 0. A model version runs on one "
     "GPU"},
    {"instance_group.secondary_devices", kRefused, "they are no devices of this server"},
    {"instance_group.profile", kIgnored, "it belongs to TensorRT"},
    {"instance_group.passive", kRefused, "every instance serves"},
    {"instance_group.host_policy", kIgnored, "workers are not bound to processors"},
    {"default_model_filename", kHonoured, "in the version's folder; unset means `model.pt`"},
    {"cc_model_filenames", kIgnored, "one file serves all GPUs"},
    {"metric_tags", kIgnored, "metrics have fixed labels"},
    {"parameters", kHonoured,
     "`actium.precision`: `fp32` (the default), `tf32`, `fp16` or `bf16`, for GPUs; the CPU "
     "computes "
     "in `fp32`. Others are notes that are told to clients; those of Triton's PyTorch backend are "
     "ignored"},
    {"parameters.string_value", kHonoured, "any text"},
    {"model_warmup", kIgnored, "every version is run on zeros before it is ready"},
    {"model_operations", kRefused, "no library is loaded from a model repository"},
    {"model_transaction_policy", kHonoured, "may be there"},
    {"model_transaction_policy.decoupled", kRefused, "every request has one answer"},
    {"model_repository_agents", kRefused, "no agents are called, not even to verify a checksum"},
    {"response_cache", kIgnored, "every request is run"},
    {"model_metrics", kIgnored, "metrics have fixed buckets"},
};

std::string Join(std::string_view path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

// Walks what is set, except inside of what the table stops at.
class Walk {
 public:
  void Visit(const Message& message, std::string_view path) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      // Of a map's entries only the value counts, and its fields follow the map's own path.
      const bool entry = message.GetDescriptor()->options().map_entry();
      if (entry && field->number() == 1) continue;
      VisitField(message, *field, entry ? std::string(path) : Join(path, field->name()));
    }
  }

  FieldFindings findings;

 private:
  void VisitField(const Message& message, const FieldDescriptor& field, const std::string& path) {
    const ConfigField* row = FindConfigField(path);
    ACTIUM_CHECK(row != nullptr);
    if (row->rule == kRefused) {
      std::string text = fmt::format("{} is refused: {}", path, row->note);
      if (std::ranges::count(findings.refused, text) == 0)
        findings.refused.push_back(std::move(text));
    } else if (row->rule == kIgnored) {
      if (std::ranges::count(findings.ignored, row->path) == 0)
        findings.ignored.push_back(row->path);
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      VisitMessages(message, field, path);
    }
  }

  void VisitMessages(const Message& message, const FieldDescriptor& field,
                     const std::string& path) {
    const auto* reflection = message.GetReflection();
    if (!field.is_repeated()) return Visit(reflection->GetMessage(message, &field), path);
    for (int i = 0; i < reflection->FieldSize(message, &field); ++i) {
      Visit(reflection->GetRepeatedMessage(message, &field, i), path);
    }
  }
};

}  // namespace

std::span<const ConfigField> ConfigFields() { return kFields; }

const ConfigField* FindConfigField(std::string_view path) {
  while (true) {
    const auto* row = std::ranges::find(kFields, path, &ConfigField::path);
    if (row != std::end(kFields)) return row;
    const size_t dot = path.rfind('.');
    if (dot == std::string_view::npos) return nullptr;
    path = path.substr(0, dot);
  }
}

FieldFindings CheckFields(const ::inference::ModelConfig& config) {
  Walk walk;
  walk.Visit(config, "");
  return std::move(walk.findings);
}

}  // namespace actium::repository
