#include "models/train/checkpoint.h"

#include <fmt/format.h>

#include <sstream>

#include "models/train/atomic_file.h"
#include "server/base/status_macros.h"

namespace actium::train {

absl::Status SaveCheckpoint(const std::filesystem::path& path, const std::string& recipe,
                            int epochs_done, const torch::nn::Module& network,
                            const torch::optim::Optimizer& optimizer) {
  torch::serialize::OutputArchive archive;
  archive.write("recipe", c10::IValue(recipe));
  archive.write("epochs_done", c10::IValue(int64_t{epochs_done}));
  torch::serialize::OutputArchive weights(archive.compilation_unit());
  network.save(weights);
  archive.write("network", weights);
  torch::serialize::OutputArchive state(archive.compilation_unit());
  optimizer.save(state);
  archive.write("optimizer", state);
  std::ostringstream bytes;
  archive.save_to(bytes);
  return WriteFileAtomically(path, std::move(bytes).str());
}

absl::StatusOr<int> RestoreCheckpoint(const std::filesystem::path& path, const std::string& recipe,
                                      torch::nn::Module& network,
                                      torch::optim::Optimizer& optimizer) {
  const absl::StatusOr<std::string> bytes = ReadFile(path);
  if (absl::IsNotFound(bytes.status())) return 0;
  ACTIUM_RETURN_IF_ERROR(bytes.status());
  try {
    std::istringstream stream(*bytes);
    torch::serialize::InputArchive archive;
    archive.load_from(stream);
    c10::IValue value;
    archive.read("recipe", value);
    if (value.toStringRef() != recipe) return 0;
    archive.read("epochs_done", value);

    torch::serialize::InputArchive weights;
    archive.read("network", weights);
    network.load(weights);
    torch::serialize::InputArchive state;
    archive.read("optimizer", state);
    optimizer.load(state);
    return static_cast<int>(value.toInt());
  } catch (const c10::Error& error) {
    return absl::InvalidArgumentError(fmt::format("checkpoint '{}' is damaged, delete it: {}",
                                                  path.string(), error.what_without_backtrace()));
  }
}

}  // namespace actium::train
