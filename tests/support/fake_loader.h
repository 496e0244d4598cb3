#ifndef ACTIUM_TESTS_SUPPORT_FAKE_LOADER_H_
#define ACTIUM_TESTS_SUPPORT_FAKE_LOADER_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/engine/executor.h"
#include "tests/support/fake_model.h"

namespace actium::test {

/// Loads FakeModels from small text files, so that everything above the engines, up to a whole
/// server, runs without LibTorch. A file's first line is "fake-model"; each further line is a word
/// and its value, all optional:
///
///   metadata TEXT        what ReadMetadata() returns, to the end of the line
///   batch_sizes N...     planned batch sizes, ascending
///   busy_us N            real time of each run, microseconds
///   in_flight N          as FakeBehaviour::max_in_flight
///   nan_marker N         as FakeBehaviour::nan_marker, 0 to 255
///   depends_on_batch 1   as FakeBehaviour::depends_on_batch
///   importable 1         as FakeBehaviour::importable
///   weights TEXT         as ModelFacts::weights_digest
///   activation TEXT      one more of ModelFacts::activations
///   not_fused TEXT       as ModelFacts::not_fused
///   fail_load TEXT       Load() fails so, as INVALID_ARGUMENT
///   fail_run TEXT        every run fails so, as INTERNAL
///
/// Anything else is a damaged file. The model has the signature that LoadSpec declares.
/// Thread-safe.
class FakeLoader final : public engine::ModelLoader {
 public:
  absl::StatusOr<std::optional<std::string>> ReadMetadata(
      const std::filesystem::path& file) override;
  absl::StatusOr<std::shared_ptr<engine::LoadedModel>> Load(const engine::LoadSpec& spec) override;

  /// Returns one output OUTPUT__0: FP32 [the first dimension of the first input, 10].
  absl::StatusOr<std::vector<tensor::TensorSpec>> Probe(
      const std::filesystem::path& file, std::span<const tensor::TensorSpec> inputs) override;
};

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_FAKE_LOADER_H_
