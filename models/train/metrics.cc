#include "models/train/metrics.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

namespace actium::train {

std::string MetricsLine(const Recipe& recipe, const EpochResult& result) {
  const nlohmann::ordered_json json = {{"variant", recipe.activation},
                                       {"seed", recipe.seed},
                                       {"epoch", result.epoch},
                                       {"learning_rate", result.learning_rate},
                                       {"train_loss", result.train_loss},
                                       {"train_accuracy", result.train_accuracy},
                                       {"validation_loss", result.validation_loss},
                                       {"validation_accuracy", result.validation_accuracy},
                                       {"seconds", result.seconds}};
  return json.dump() + "\n";
}

absl::Status AppendLine(const std::filesystem::path& path, const std::string& line) {
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::app);
  file << line << std::flush;
  if (!file) {
    return absl::UnavailableError(
        fmt::format("writing '{}': {}", path.string(), std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace actium::train
