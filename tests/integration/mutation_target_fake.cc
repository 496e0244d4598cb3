#include <fstream>

#include "tests/integration/mutation_target.h"

namespace actium::test {

MutationTarget WriteMutationTarget(const std::filesystem::path& model_file) {
  std::ofstream(model_file) << "fake-model\n";
  return {.program = "actium-fake-server", .payloads = 2000};
}

}  // namespace actium::test
