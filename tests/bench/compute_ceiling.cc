#include "tests/bench/compute_ceiling.h"

#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "server/base/status_macros.h"
#include "server/engine/made_up_numbers.h"
#include "server/engine/run_batch.h"

namespace actium::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Instance {
  std::unique_ptr<engine::Executor> executor;
  std::unique_ptr<engine::BatchSlot> slot;
  absl::Status status;
  int64_t batches = 0;
};

absl::StatusOr<Instance> NewInstance(engine::LoadedModel& model, int batch_size) {
  Instance instance;
  ACTIUM_ASSIGN_OR_RETURN(instance.executor, model.NewExecutor(engine::Device{}, 1));
  ACTIUM_ASSIGN_OR_RETURN(instance.slot, instance.executor->NewSlot());
  ACTIUM_ASSIGN_OR_RETURN(const auto inputs, instance.slot->Prepare(engine::BatchShapeOf(
                                                 model.signature(), batch_size)));
  std::mt19937 random(1);
  for (const tensor::MutableTensorView& input : inputs) {
    engine::MakeUpNumbers(input.dtype, random, input.bytes);
  }
  return instance;
}

void Run(Instance& instance) {
  instance.status = engine::RunBatch(*instance.executor, *instance.slot).status();
  ++instance.batches;
}

}  // namespace

absl::StatusOr<double> ComputeCeiling(engine::LoadedModel& model, int workers, int batch_size,
                                      std::chrono::nanoseconds measured) {
  std::vector<Instance> instances;
  for (int i = 0; i < workers; ++i) {
    ACTIUM_ASSIGN_OR_RETURN(Instance instance, NewInstance(model, batch_size));
    Run(instance);  // Warm-up.
    instance.batches = 0;
    instances.push_back(std::move(instance));
  }
  const auto begin = Clock::now();
  std::vector<std::thread> threads;
  for (Instance& instance : instances) {
    threads.emplace_back([&instance, end = begin + measured] {
      while (Clock::now() < end && instance.status.ok()) Run(instance);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> elapsed = Clock::now() - begin;

  int64_t batches = 0;
  for (const Instance& instance : instances) {
    ACTIUM_RETURN_IF_ERROR(instance.status);
    batches += instance.batches;
  }
  return static_cast<double>(batches * batch_size) / elapsed.count();
}

}  // namespace actium::bench
