#include "models/zoo/export.h"

#include <torch/script.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

namespace actium::zoo {
namespace {

// Copies the tree of modules with its tensors; each scripted module brings its own forward().
torch::jit::Module ToScript(const torch::nn::Module& module, const std::string& type_name,
                            const std::shared_ptr<torch::jit::CompilationUnit>& unit) {
  torch::jit::Module script(c10::QualifiedName(type_name), unit);
  // Freezing and eval() ask for it.
  script.register_attribute("training", c10::BoolType::get(), false);
  for (const auto& parameter : module.named_parameters(/*recurse=*/false)) {
    script.register_parameter(parameter.key(),
                              parameter.value().detach().clone(torch::MemoryFormat::Contiguous),
                              /*is_buffer=*/false);
  }
  for (const auto& buffer : module.named_buffers(/*recurse=*/false)) {
    script.register_parameter(buffer.key(), buffer.value().detach(), /*is_buffer=*/true);
  }
  for (const auto& child : module.named_children()) {
    script.register_module(child.key(),
                           ToScript(*child.value(), type_name + "_" + child.key(), unit));
  }
  if (const auto* scripted = dynamic_cast<const Scripted*>(&module)) {
    script.define(scripted->ForwardScript());
  }
  return script;
}

}  // namespace

std::string SignatureJson(const ImageSignature& signature) {
  const nlohmann::ordered_json json = {
      {"max_batch_size", signature.max_batch_size},
      {"input",
       {{{"name", "image"}, {"dtype", "UINT8"}, {"dims", {1, signature.height, signature.width}}}}},
      {"output",
       {{{"name", "logits"},
         {"dtype", "FP32"},
         {"dims", nlohmann::ordered_json::array({signature.labels.size()})},
         {"labels", signature.labels}}}}};
  return json.dump();
}

std::string ExportTorchScript(const Network& network, const ImageSignature& signature) {
  const torch::NoGradGuard no_grad;
  const auto unit = std::make_shared<torch::jit::CompilationUnit>();
  const torch::jit::Module script = ToScript(network, "__torch__.actium.Network", unit);
  // Through a stream, because save(file name) puts the name into the archive.
  std::ostringstream bytes;
  script.save(bytes, {{kSignatureFile, SignatureJson(signature)}});
  return std::move(bytes).str();
}

}  // namespace actium::zoo
