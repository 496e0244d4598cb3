// The plug-in's border: everything of engine/cuda_abi.h, and nothing else is visible from outside.
#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "server/cuda/device.h"
#include "server/cuda/model.h"
#include "server/cuda/slot.h"
#include "server/cuda/status.h"
#include "server/cuda/work_stream.h"
#include "server/engine/cuda_abi.h"
#include "server/graph/text.h"

using actium::cuda::Arithmetics;
using actium::cuda::Model;
using actium::cuda::ModelSpec;
using actium::cuda::Slot;
using actium::cuda::Storage;

struct ActiumCudaModel {
  std::shared_ptr<const Model> model;
};
struct ActiumCudaStream {
  std::shared_ptr<const Model> model;
  actium::cuda::WorkStream stream;
};
struct ActiumCudaSlot {
  std::unique_ptr<Slot> slot;
};

namespace {

// Copies a text with its final 0, cut to what there is room for.
template <size_t kSize>
void CopyText(std::string_view text, char (&to)[kSize]) {
  const size_t length = std::min(text.size(), kSize - 1);
  std::memcpy(to, text.data(), length);
  to[length] = '\0';
}

ActiumCudaError ToError(const absl::Status& status) {
  ActiumCudaError error;
  error.code = static_cast<int32_t>(status.code());
  const absl::string_view message = status.message();
  CopyText({message.data(), message.size()}, error.message);
  return error;
}

// Runs the body of a function of the table, and turns a failure into `failed` and an error.
template <class Result, class Body>
Result Guarded(ActiumCudaError* error, Result failed, Body body) {
  absl::StatusOr<Result> result = absl::InternalError("");
  try {
    result = body();
  } catch (const std::exception& exception) {
    result = absl::ResourceExhaustedError(exception.what());
  }
  if (result.ok()) return *result;
  *error = ToError(result.status());
  return failed;
}

int32_t DeviceCount(ActiumCudaError* error) {
  return Guarded<int32_t>(error, -1, [] { return actium::cuda::CountDevices(); });
}

int32_t DescribeDevice(int32_t device, ActiumCudaDevice* description, ActiumCudaError* error) {
  return Guarded<int32_t>(error, -1, [&]() -> absl::StatusOr<int32_t> {
    cudaDeviceProp properties;
    ACTIUM_RETURN_IF_CUDA_ERROR(cudaGetDeviceProperties(&properties, device), "describing the GPU");
    CopyText(properties.name, description->name);
    description->memory_bytes = static_cast<int64_t>(properties.totalGlobalMem);
    description->major = properties.major;
    description->minor = properties.minor;
    return 0;
  });
}

int32_t IsHealthy(int32_t device) { return actium::cuda::IsHealthy(device) ? 1 : 0; }

Arithmetics ArithmeticsOf(int32_t precision) {
  switch (precision) {
    case kActiumCudaTf32:
      return {.storage = Storage::kFloat, .tf32 = true};
    case kActiumCudaFp16:
      return {.storage = Storage::kHalf};
    case kActiumCudaBf16:
      return {.storage = Storage::kBfloat16};
    default:
      return {.storage = Storage::kFloat};
  }
}

absl::StatusOr<actium::graph::Graph> ReadGraph(const ActiumCudaModelSpec& spec) {
  std::vector<std::shared_ptr<const actium::graph::Numbers>> constants;
  for (int64_t i = 0; i < spec.constant_count; ++i) {
    const ActiumCudaConstant& constant = spec.constants[i];
    constants.push_back(std::make_shared<actium::graph::Numbers>(
        constant.numbers, constant.numbers + constant.count));
  }
  return actium::graph::ParseText(spec.graph, constants);
}

// Says so if the error has spoilt the device.
template <class T>
absl::StatusOr<T> Watched(int device, absl::StatusOr<T> result) {
  if (absl::IsUnavailable(result.status())) actium::cuda::MarkUnhealthy(device);
  return result;
}

ActiumCudaModel* NewModel(const ActiumCudaModelSpec* spec, ActiumCudaError* error) {
  return Guarded<ActiumCudaModel*>(error, nullptr, [&]() -> absl::StatusOr<ActiumCudaModel*> {
    ACTIUM_ASSIGN_OR_RETURN(actium::graph::Graph graph, ReadGraph(*spec));
    const ModelSpec made_from = {
        .device = spec->device,
        .arithmetics = ArithmeticsOf(spec->precision),
        .batch_sizes = {spec->batch_sizes, spec->batch_sizes + spec->batch_size_count},
        .tune = spec->tune != 0,
        .tuning_cache = spec->tuning_cache == nullptr ? "" : spec->tuning_cache};
    ACTIUM_ASSIGN_OR_RETURN(auto model,
                            Watched(spec->device, Model::Make(std::move(graph), made_from)));
    return new ActiumCudaModel{std::move(model)};
  });
}

void DeleteModel(ActiumCudaModel* model) { delete model; }

int64_t ConstantBytes(const ActiumCudaModel* model) {
  return static_cast<int64_t>(model->model->constant_bytes());
}

int64_t ArenaBytes(const ActiumCudaModel* model, int32_t rows) {
  const auto run = model->model->runs().find(rows);
  if (run == model->model->runs().end()) return 0;
  return static_cast<int64_t>(run->second.plan().arena_bytes);
}

int64_t DescribeSteps(const ActiumCudaModel* model, int32_t rows, int32_t timed,
                      ActiumCudaStep* steps, int64_t capacity, ActiumCudaError* error) {
  return Guarded<int64_t>(error, -1, [&]() -> absl::StatusOr<int64_t> {
    const auto run = model->model->runs().find(rows);
    if (run == model->model->runs().end()) {
      return absl::InvalidArgumentError("there is no plan for so many rows");
    }
    const auto& planned = run->second.plan().steps;
    std::vector<int64_t> times(planned.size(), 0);
    if (timed != 0) {
      ACTIUM_ASSIGN_OR_RETURN(times,
                              Watched(model->model->device(), model->model->TimeSteps(rows)));
    }
    for (size_t i = 0; i < planned.size() && static_cast<int64_t>(i) < capacity; ++i) {
      steps[i].kind = static_cast<int32_t>(planned[i].kind);
      steps[i].index = planned[i].index;
      steps[i].nanoseconds = times[i];
      CopyText(run->second.algorithm(i), steps[i].algorithm);
    }
    return std::ssize(planned);
  });
}

ActiumCudaStream* NewStream(ActiumCudaModel* model, ActiumCudaError* error) {
  return Guarded<ActiumCudaStream*>(error, nullptr, [&]() -> absl::StatusOr<ActiumCudaStream*> {
    return new ActiumCudaStream{.model = model->model, .stream = {}};
  });
}

void DeleteStream(ActiumCudaStream* stream) { delete stream; }

ActiumCudaSlot* NewSlot(ActiumCudaStream* stream, ActiumCudaError* error) {
  return Guarded<ActiumCudaSlot*>(error, nullptr, [&]() -> absl::StatusOr<ActiumCudaSlot*> {
    ACTIUM_ASSIGN_OR_RETURN(auto slot, Watched(stream->model->device(), Slot::Make(stream->model)));
    return new ActiumCudaSlot{std::move(slot)};
  });
}

void DeleteSlot(ActiumCudaSlot* slot) { delete slot; }

void* InputMemory(ActiumCudaSlot* slot, int32_t input) {
  return slot->slot->input(static_cast<size_t>(input));
}
void* OutputMemory(ActiumCudaSlot* slot, int32_t output) {
  return slot->slot->output(static_cast<size_t>(output));
}

void Start(ActiumCudaStream* stream, ActiumCudaSlot* slot, int32_t rows, ActiumCudaDone done,
           void* context) {
  stream->stream.Start(
      *slot->slot, rows,
      [done, context, device = stream->model->device()](absl::StatusOr<int64_t> nanoseconds) {
        nanoseconds = Watched(device, std::move(nanoseconds));
        if (nanoseconds.ok()) return done(context, nullptr, *nanoseconds);
        const ActiumCudaError error = ToError(nanoseconds.status());
        done(context, &error, 0);
      });
}

constexpr ActiumCudaTable kTable = {
    .abi_version = ACTIUM_CUDA_ABI_VERSION,
    .build = ACTIUM_CUDA_BUILD,
    .device_count = DeviceCount,
    .describe_device = DescribeDevice,
    .is_healthy = IsHealthy,
    .new_model = NewModel,
    .delete_model = DeleteModel,
    .constant_bytes = ConstantBytes,
    .arena_bytes = ArenaBytes,
    .describe_steps = DescribeSteps,
    .new_stream = NewStream,
    .delete_stream = DeleteStream,
    .new_slot = NewSlot,
    .delete_slot = DeleteSlot,
    .input_memory = InputMemory,
    .output_memory = OutputMemory,
    .start = Start,
};

}  // namespace

extern "C" __attribute__((visibility("default"))) const ActiumCudaTable* ActiumCudaPluginTable() {
  return &kTable;
}
