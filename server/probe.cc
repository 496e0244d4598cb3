#include "server/probe.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include "server/base/status_macros.h"
#include "server/repository/config_text.h"

namespace actium {
namespace {

std::string ModelName(const std::filesystem::path& file) {
  const std::filesystem::path version = std::filesystem::absolute(file).parent_path();
  const std::string number = version.filename().string();
  const bool is_version = !number.empty() && std::all_of(number.begin(), number.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
  return is_version ? version.parent_path().filename().string() : file.stem().string();
}

}  // namespace

absl::StatusOr<std::string> DraftFromProbe(const options::Probe& probe,
                                           engine::ModelLoader& loader) {
  std::vector<tensor::TensorSpec> inputs;
  for (const std::string& text : probe.inputs) {
    ACTIUM_ASSIGN_OR_RETURN(tensor::TensorSpec input, options::ParseProbeInput(text));
    inputs.push_back(std::move(input));
  }
  ACTIUM_ASSIGN_OR_RETURN(const auto outputs, loader.Probe(probe.file, inputs));
  return repository::DraftConfig(ModelName(probe.file), inputs, outputs);
}

}  // namespace actium
