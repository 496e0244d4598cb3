#ifndef ACTIUM_SERVER_REPOSITORY_SIGNATURE_JSON_H_
#define ACTIUM_SERVER_REPOSITORY_SIGNATURE_JSON_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "inference/model_config.pb.h"

namespace actium::repository {

/// The signature that a model file carries as "actium.json"; docs/model-config.md has its schema.
struct EmbeddedSignature {
  ::inference::ModelConfig config;  ///< Only max_batch_size, input and output are set.
  /// For each output the labels of its classes; empty: none.
  std::vector<std::vector<std::string>> labels;
};

/// Reads the text of "actium.json". Only its form is checked: MakeSettings() checks what it says.
///
/// text: untrusted. where: as messages shall show it, as "model.pt: actium.json".
/// Errors: INVALID_ARGUMENT names the place, `model.pt: actium.json: input[0].dims[1] must be …`.
absl::StatusOr<EmbeddedSignature> ParseSignatureJson(std::string_view text, std::string_view where);

/// Takes inputs and outputs from the model file, and max_batch_size unless `config` has one, when
/// `config` declares neither an input nor an output; leaves everything else as it is. Returns
/// whether it took them (and so the labels apply).
bool AdoptSignature(const EmbeddedSignature& embedded, ::inference::ModelConfig& config);

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_SIGNATURE_JSON_H_
