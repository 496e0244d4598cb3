#ifndef ACTIUM_SERVER_REPOSITORY_CONFIG_FIELDS_H_
#define ACTIUM_SERVER_REPOSITORY_CONFIG_FIELDS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inference/model_config.pb.h"

/// What becomes of each field of a model's configuration: the one table that checks configurations
/// and writes docs/model-config.md.
namespace actium::repository {

enum class FieldRule {
  kHonoured,  ///< Has the effect that its row says; other values are refused.
  kIgnored,   ///< Has no effect; one warning per model names all such fields that are set.
  kRefused,   ///< The model is not loaded when it is set.
};

/// The rule for one field.
struct ConfigField {
  /// Names from ModelConfig's field on, joined by "."; of a map its value's fields follow directly.
  std::string_view path;
  FieldRule rule;
  /// Honoured: values, unit, default. Ignored or refused: why.
  std::string_view note;
};

/// All rows. An ignored or refused row stands for all fields inside it, so these have no rows;
/// every other field has one.
std::span<const ConfigField> ConfigFields();

/// Returns the row for a path: its own, or that of the closest field around it; null if there is
/// none.
const ConfigField* FindConfigField(std::string_view path);

/// The fields of a configuration that do not simply count.
struct FieldFindings {
  std::vector<std::string> refused;       ///< `sequence_batching is refused: <why>`.
  std::vector<std::string_view> ignored;  ///< Paths, each once.
};

/// Compares what is set in a configuration with the table.
FieldFindings CheckFields(const ::inference::ModelConfig& config);

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_CONFIG_FIELDS_H_
