#include "tests/integration/mutation_target.h"
#include "tests/support/tiny_models.h"

namespace actium::test {

MutationTarget WriteMutationTarget(const std::filesystem::path& model_file) {
  SaveTinyModel(model_file, {.source = "def forward(self, x, k):\n"
                                       "  return x * torch.sum(k, 1, True)\n",
                             .parameters = {},
                             .extra_files = {}});
  return {.program = "actium-server", .payloads = 200};
}

}  // namespace actium::test
