#include "client/cli/model_target.h"

#include <fmt/format.h>

#include <utility>

#include "actium/tensors.h"
#include "client/cli/exit_status.h"
#include "client/cli/ranking.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"

namespace actium::cli {

absl::StatusOr<ModelTarget> FindModelTarget(client::Client& server, const std::string& model,
                                            const std::string& version, const std::string& input,
                                            const std::string& output) {
  ACTIUM_ASSIGN_OR_RETURN(const auto metadata, server.ModelMetadata(model, version));
  ACTIUM_ASSIGN_OR_RETURN(const auto config, server.ModelConfig(model, version));
  ModelTarget target{
      .model = model, .version = version, .input = {}, .output = output, .classes = 0};
  ACTIUM_ASSIGN_OR_RETURN(target.input, FindInput(metadata, config, input));
  target.layout = FindLayout(target.input, config);
  for (const auto& own : metadata.outputs()) {
    if (target.output.empty()) target.output = own.name();
    if (own.name() != target.output) continue;
    target.classes = ClassesOf(own, target.input.batched);
  }
  return target;
}

absl::StatusOr<ModelTarget> FindVariantTarget(client::Client& server, const std::string& variant,
                                              const std::string& input, const std::string& output) {
  const size_t colon = variant.rfind(':');
  const std::string version = colon == std::string::npos ? "" : variant.substr(colon + 1);
  auto target = FindModelTarget(server, variant.substr(0, colon), version, input, output);
  if (!target.ok()) return Annotate(target.status(), "model " + base::Quote(variant));
  return target;
}

bool TakesUnchanged(const ModelTarget& target, const Sample& sample) {
  if (sample.array && FromArray(*sample.array, target.input).ok()) return true;
  if (!sample.image || !target.layout.ok()) return false;
  const PictureLayout& layout = *target.layout;
  return target.input.datatype == "UINT8" && layout.channels == sample.image->channels &&
         layout.height == sample.image->height && layout.width == sample.image->width;
}

absl::StatusOr<std::vector<std::string>> ReadModelLabels(client::Client& server,
                                                         const ModelTarget& target,
                                                         const Array& tensor) {
  constexpr int64_t kMostLabels = 10'000;
  std::vector<std::string> labels;
  if (target.classes < 1 || target.classes > kMostLabels) return labels;
  inference::ModelInferRequest request;
  request.set_model_name(target.model);
  request.set_model_version(target.version);
  ACTIUM_RETURN_IF_ERROR(
      client::AddRawInput(request, target.input.name, tensor.datatype, tensor.shape, tensor.bytes));
  client::RequestOutput(request, target.output, static_cast<int>(target.classes));
  ACTIUM_ASSIGN_OR_RETURN(const auto response, server.Infer(request));
  ACTIUM_ASSIGN_OR_RETURN(const auto rows, client::OutputClasses(response, target.output));
  if (rows.empty()) return labels;
  for (const client::Class& own : rows.front()) {
    if (own.label.empty() || own.index < 0 || own.index >= target.classes) continue;
    labels.resize(static_cast<size_t>(target.classes));
    labels[static_cast<size_t>(own.index)] = own.label;
  }
  return labels;
}

}  // namespace actium::cli
