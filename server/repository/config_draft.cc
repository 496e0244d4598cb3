#include <fmt/format.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "server/repository/config_text.h"

namespace actium::repository {
namespace {

using Tensors = std::span<const tensor::TensorSpec>;

// Rows of a batch that suit small CNNs on a CPU.
constexpr int kDraftedBatch = 32;

bool AllLeadWithOne(Tensors tensors) {
  return std::ranges::all_of(tensors, [](const tensor::TensorSpec& tensor) {
    return !tensor.shape.empty() && tensor.shape[0] == 1;
  });
}

std::string Block(std::string_view field, const tensor::TensorSpec& tensor, bool batched) {
  const auto dims = std::span(tensor.shape).subspan(batched ? 1 : 0);
  return fmt::format("{} {{ name: \"{}\" data_type: TYPE_{} dims: [ {} ] }}\n", field,
                     absl::Utf8SafeCEscape(tensor.name), tensor::Name(tensor.dtype),
                     fmt::join(dims, ", "));
}

}  // namespace

std::string DraftConfig(std::string_view name, Tensors inputs, Tensors outputs) {
  const bool batched = AllLeadWithOne(inputs) && AllLeadWithOne(outputs);
  std::string text = fmt::format("name: \"{}\"\nbackend: \"pytorch\"\n",
                                 absl::Utf8SafeCEscape({name.data(), name.size()}));
  if (batched) {
    text += fmt::format(
        "# The leading 1 of every tensor is taken for the batch; dims leave it out. If it is no "
        "batch,\n"
        "# set max_batch_size to 0 and write dims whole.\nmax_batch_size: {}\n",
        kDraftedBatch);
  } else {
    text +=
        "# No batch dimension: dims are whole and every request runs alone.\nmax_batch_size: 0\n";
  }
  text += "# In the order of the model's arguments; -1 where any size fits.\n";
  for (const auto& input : inputs) text += Block("input", input, batched);
  text += "# In the order of the model's results; rename them as you like.\n";
  for (const auto& output : outputs) text += Block("output", output, batched);
  text +=
      "# For class names add to an output: label_filename: \"labels.txt\" (one label a line).\n";
  return text;
}

}  // namespace actium::repository
