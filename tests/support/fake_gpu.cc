#include "tests/support/fake_gpu.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "server/base/status_macros.h"
#include "tests/support/fake_model.h"

namespace actium::test {
namespace {

bool HasPoisonedRow(std::span<const tensor::TensorView> inputs, bool batched) {
  if (inputs.empty()) return false;  // Describe()
  const auto rows = batched ? static_cast<size_t>(inputs[0].shape[0]) : size_t{1};
  const size_t bytes = inputs[0].bytes.size() / rows;
  for (size_t row = 0; row < rows; ++row) {
    const auto content = inputs[0].bytes.subspan(row * bytes, bytes);
    if (std::ranges::all_of(content, [](std::byte byte) { return byte == kPoison; })) return true;
  }
  return false;
}

class FakeGpu final : public engine::Accelerator {
 public:
  explicit FakeGpu(FakeGpuBehaviour behaviour)
      : behaviour_(std::move(behaviour)), broken_(static_cast<size_t>(behaviour_.devices)) {}

  int devices() const override { return behaviour_.devices; }
  engine::DeviceFacts facts(int) const override {
    return {.name = "Fake GPU", .memory_bytes = int64_t{1} << 30, .compute_capability = "9.0"};
  }
  bool healthy(int index) const override { return !broken_[static_cast<size_t>(index)].load(); }

  absl::StatusOr<std::shared_ptr<engine::LoadedModel>> Load(graph::Graph,
                                                            const engine::Signature& signature,
                                                            const engine::ModelFacts& facts,
                                                            const engine::Target& target) override {
    if (!behaviour_.refuses.empty()) return absl::UnimplementedError(behaviour_.refuses);
    FakeBehaviour model;
    model.batch_sizes = {1, signature.max_batch_size};
    if (signature.max_batch_size == 1) model.batch_sizes.pop_back();
    model.busy = behaviour_.busy;
    model.max_in_flight = behaviour_.max_in_flight;
    model.depends_on_batch = behaviour_.differs;
    model.facts = facts;
    model.engine = "cuda";
    model.precision = target.precision;
    model.device = target.device;
    model.on_run = [this, batched = signature.max_batch_size > 0,
                    index = target.device.index](auto inputs) {
      if (behaviour_.on_run) behaviour_.on_run();
      std::atomic<bool>& broken = broken_[static_cast<size_t>(index)];
      if (HasPoisonedRow(inputs, batched)) broken.store(true);
      if (behaviour_.breaks && behaviour_.breaks(index)) broken.store(true);
      return broken.load() ? absl::InternalError("an illegal memory access was encountered")
                           : absl::OkStatus();
    };
    return std::make_shared<FakeModel>(signature, std::move(model));
  }

 private:
  const FakeGpuBehaviour behaviour_;
  std::vector<std::atomic<bool>> broken_;
};

}  // namespace

std::shared_ptr<engine::Accelerator> NewFakeGpu(FakeGpuBehaviour behaviour) {
  return std::make_shared<FakeGpu>(std::move(behaviour));
}

absl::StatusOr<std::shared_ptr<engine::Accelerator>> OpenFakeGpu(const std::filesystem::path& file,
                                                                 const engine::TuningOptions&) {
  std::ifstream stream(file);
  std::string text;
  if (!std::getline(stream, text) || text != "fake-gpu") {
    return absl::InvalidArgumentError(fmt::format("{}: not a fake GPU", file.string()));
  }
  FakeGpuBehaviour behaviour;
  while (std::getline(stream, text)) {
    std::istringstream line(text);
    std::string word, value;
    std::getline(line >> word >> std::ws, value);
    if (word == "none") return absl::NotFoundError(value);
    if (word == "refuses") {
      behaviour.refuses = value;
    } else if (word == "devices") {
      behaviour.devices = std::stoi(value);
    } else if (word == "in_flight") {
      behaviour.max_in_flight = std::stoi(value);
    } else if (word == "busy_us") {
      behaviour.busy = std::chrono::microseconds(std::stoi(value));
    } else if (word == "differs") {
      behaviour.differs = value == "1";
    } else {
      return absl::InvalidArgumentError(fmt::format("{}: unknown {}", file.string(), word));
    }
  }
  return NewFakeGpu(std::move(behaviour));
}

}  // namespace actium::test
