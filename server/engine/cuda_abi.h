#ifndef ACTIUM_SERVER_ENGINE_CUDA_ABI_H_
#define ACTIUM_SERVER_ENGINE_CUDA_ABI_H_

#include <stdint.h>

/// The border between the server and libactium_cuda.so, in C: the two may be built by different
/// compilers. The plug-in exports one function, ActiumCudaPluginTable(), which returns the table of
/// all others. Strings are UTF-8, end with 0 and belong to whoever made them. Functions that can
/// fail fill `error` and return null or nonzero; nothing is thrown across. All are thread-safe,
/// except that a stream of work is used by one thread at a time.

#ifdef __cplusplus
extern "C" {
#endif

/// Changes whenever anything in this file does.
#define ACTIUM_CUDA_ABI_VERSION 1

#define ACTIUM_CUDA_TABLE_FUNCTION "ActiumCudaPluginTable"

/// Why something failed.
struct ActiumCudaError {
  int32_t code;  ///< Of absl::StatusCode, which are gRPC's.
  char message[1020];
};

struct ActiumCudaDevice {
  char name[256];
  int64_t memory_bytes;
  int32_t major, minor;  ///< Compute capability.
};

struct ActiumCudaConstant {
  const float* numbers;
  int64_t count;
};

enum ActiumCudaPrecision {
  kActiumCudaFp32 = 0,
  kActiumCudaTf32 = 1,
  kActiumCudaFp16 = 2,
  kActiumCudaBf16 = 3,
};

/// What a model is made from; not needed any longer once it is made.
struct ActiumCudaModelSpec {
  int32_t device;
  int32_t precision;                    ///< An ActiumCudaPrecision.
  const char* graph;                    ///< graph::ToText() with ConstantStyle::kShapes.
  const ActiumCudaConstant* constants;  ///< In the order of the graph's text.
  int64_t constant_count;
  const int32_t* batch_sizes;  ///< Numbers of rows to plan for, ascending, >= 1.
  int64_t batch_size_count;
  int32_t tune;              ///< 0: takes the kernels that are usually fastest, unmeasured.
  const char* tuning_cache;  ///< A folder for what tuning found; null: none is kept.
};

struct ActiumCudaModel;
struct ActiumCudaStream;  ///< A stream of work: batches that run one after the other.
struct ActiumCudaSlot;    ///< The memory of one batch of a stream.

/// Called once for each start(), in order, on a thread of the plug-in's. error: null if the run was
/// successful. nanoseconds: on the device.
typedef void (*ActiumCudaDone)(void* context, const ActiumCudaError* error, int64_t nanoseconds);

/// One step of a plan, as graph::PlanStep.
struct ActiumCudaStep {
  int32_t kind;
  int32_t index;
  char algorithm[48];   ///< Which kernel was chosen; empty: there is one.
  int64_t nanoseconds;  ///< Of the timed run; 0: not timed.
};

struct ActiumCudaTable {
  int32_t abi_version;  ///< First, whatever the version.

  /// What the plug-in was built from, for people: "CUDA 13.0, sm_90".
  const char* build;

  /// Returns how many devices there are; negative: there is no driver, or it is too old.
  int32_t (*device_count)(ActiumCudaError* error);
  int32_t (*describe_device)(int32_t device, ActiumCudaDevice* description, ActiumCudaError* error);

  /// 0 once an error has made a device unusable for the rest of the process's life.
  int32_t (*is_healthy)(int32_t device);

  /// Puts a model's constants into device memory and plans it for all batch sizes.
  ActiumCudaModel* (*new_model)(const ActiumCudaModelSpec* spec, ActiumCudaError* error);
  void (*delete_model)(ActiumCudaModel* model);

  /// Bytes of device memory: of the constants, and of each slot besides its inputs and outputs.
  int64_t (*constant_bytes)(const ActiumCudaModel* model);
  int64_t (*arena_bytes)(const ActiumCudaModel* model, int32_t rows);

  /// Writes the steps of the plan for so many rows, `capacity` of them at most; times them in one
  /// run on zeros if `timed`. Returns how many there are; negative: error.
  int64_t (*describe_steps)(const ActiumCudaModel* model, int32_t rows, int32_t timed,
                            ActiumCudaStep* steps, int64_t capacity, ActiumCudaError* error);

  /// A stream keeps its model alive, a slot does not keep its stream; both are deleted when nothing
  /// runs.
  ActiumCudaStream* (*new_stream)(ActiumCudaModel* model, ActiumCudaError* error);
  void (*delete_stream)(ActiumCudaStream* stream);
  ActiumCudaSlot* (*new_slot)(ActiumCudaStream* stream, ActiumCudaError* error);
  void (*delete_slot)(ActiumCudaSlot* slot);

  /// Host memory for the largest batch of an input or an output, row-major, of the graph's types.
  void* (*input_memory)(ActiumCudaSlot* slot, int32_t input);
  void* (*output_memory)(ActiumCudaSlot* slot, int32_t output);

  /// Runs a planned number of rows; done is called later, whatever happens.
  void (*start)(ActiumCudaStream* stream, ActiumCudaSlot* slot, int32_t rows, ActiumCudaDone done,
                void* context);
};

typedef const ActiumCudaTable* (*ActiumCudaTableFunction)(void);

#ifdef __cplusplus
}
#endif

#endif  // ACTIUM_SERVER_ENGINE_CUDA_ABI_H_
