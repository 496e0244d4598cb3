#ifndef ACTIUM_TESTS_SERVER_LIBTORCH_RUN_MODEL_H_
#define ACTIUM_TESTS_SERVER_LIBTORCH_RUN_MODEL_H_

#include <cstring>
#include <memory>
#include <vector>

#include "server/base/status_macros.h"
#include "server/engine/executor.h"
#include "server/engine/run_batch.h"
#include "server/libtorch/loader.h"
#include "tests/support/temp_repository.h"
#include "tests/support/tiny_models.h"

namespace actium::test {

template <class T>
std::vector<std::byte> BytesOf(const std::vector<T>& values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

template <class T>
std::vector<T> ValuesOf(const tensor::TensorView& view) {
  std::vector<T> values(view.bytes.size() / sizeof(T));
  std::memcpy(values.data(), view.bytes.data(), view.bytes.size());
  return values;
}

/// One input of a run.
struct Fed {
  tensor::Shape shape;
  std::vector<std::byte> bytes;
};

/// A tiny model, loaded, with one executor and one slot.
struct RunnableModel {
  std::shared_ptr<engine::LoadedModel> model;
  std::unique_ptr<engine::Executor> executor;
  std::unique_ptr<engine::BatchSlot> slot;

  /// Runs once; the results are in slot->outputs().
  absl::Status Run(const std::vector<Fed>& inputs) {
    engine::BatchShape shapes;
    for (const Fed& input : inputs) shapes.push_back(input.shape);
    ACTIUM_ASSIGN_OR_RETURN(const auto views, slot->Prepare(shapes));
    for (size_t i = 0; i < inputs.size(); ++i) {
      ACTIUM_CHECK(views[i].bytes.size() == inputs[i].bytes.size());
      std::memcpy(views[i].bytes.data(), inputs[i].bytes.data(), inputs[i].bytes.size());
    }
    return engine::RunBatch(*executor, *slot).status();
  }
};

inline absl::StatusOr<RunnableModel> MakeRunnable(const TempRepository& folder,
                                                  const TinyModel& model,
                                                  engine::Signature signature) {
  const std::filesystem::path file = folder.root() / "model.pt";
  SaveTinyModel(file, model);
  const auto loader = libtorch::NewLoader();
  RunnableModel runnable;
  ACTIUM_ASSIGN_OR_RETURN(
      runnable.model,
      loader->Load(
          {.model = "tiny", .file = file, .signature = std::move(signature), .target = {}}));
  ACTIUM_ASSIGN_OR_RETURN(runnable.executor, runnable.model->NewExecutor({}, 1));
  ACTIUM_ASSIGN_OR_RETURN(runnable.slot, runnable.executor->NewSlot());
  return runnable;
}

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_LIBTORCH_RUN_MODEL_H_
