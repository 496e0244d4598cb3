#ifndef ACTIUM_TESTS_INTEGRATION_MUTATION_TARGET_H_
#define ACTIUM_TESTS_INTEGRATION_MUTATION_TARGET_H_

#include <filesystem>
#include <string>

/// What mutated_payloads_test.cc attacks. Two definitions, of which a test program links one:
/// mutation_target_real.cc, and mutation_target_fake.cc for builds without LibTorch.
namespace actium::test {

/// A server for StartServer(), and how many damaged requests to send to it.
struct MutationTarget {
  std::string program;
  int payloads = 0;
};

/// Writes a model file with inputs x FP32 [N, 4] and k INT32 [N, 2], and output y FP32 [N, 4].
MutationTarget WriteMutationTarget(const std::filesystem::path& model_file);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_INTEGRATION_MUTATION_TARGET_H_
