#ifndef ACTIUM_TESTS_SUPPORT_FAKE_GPU_H_
#define ACTIUM_TESTS_SUPPORT_FAKE_GPU_H_

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/engine/accelerator.h"

namespace actium::test {

/// How a fake GPU behaves.
struct FakeGpuBehaviour {
  int devices = 1;
  int max_in_flight = 2;             ///< Of each executor; above 1 runs end on a thread of its own.
  std::chrono::nanoseconds busy{0};  ///< Real time of each run.
  bool differs = false;              ///< Its models give other numbers than the CPU's.
  std::string refuses{};             ///< Not empty: Load() fails so, as UNIMPLEMENTED.
  std::function<void()> on_run{};    ///< Called at the begin of each run, on its thread. Null: not.
  /// Asked then too: whether the run breaks this device, as kPoison does. Null: no.
  std::function<bool(int device)> breaks{};
};

/// A row of a first input that is all of this byte breaks the device for good.
inline constexpr std::byte kPoison{0xee};

/// Returns GPUs "Fake GPU" of 1 GiB. Their models are FakeModels that answer from another thread,
/// in order, with what the CPU's FakeModel would give, whatever the graph; engine "cuda", any
/// precision. A run that breaks its device, and every run after it on that device, fails as
/// INTERNAL; the device is then not healthy.
std::shared_ptr<engine::Accelerator> NewFakeGpu(FakeGpuBehaviour behaviour = {});

/// Makes one from a text file: its first line is "fake-gpu"; each further line is a word and its
/// value, all optional: `devices N`, `in_flight N`, `busy_us N`, `differs 1`, `refuses TEXT`, and
/// `none TEXT`, with which this fails so, as NOT_FOUND. Errors: INVALID_ARGUMENT for other files.
absl::StatusOr<std::shared_ptr<engine::Accelerator>> OpenFakeGpu(
    const std::filesystem::path& file, const engine::TuningOptions& tuning = {});

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_FAKE_GPU_H_
