#ifndef ACTIUM_TESTS_SERVER_REPOSITORY_LOADED_REPOSITORY_H_
#define ACTIUM_TESTS_SERVER_REPOSITORY_LOADED_REPOSITORY_H_

#include <string>
#include <string_view>

#include "server/base/clock.h"
#include "server/batching/device_pools.h"
#include "server/observe/outcome.h"
#include "tests/support/fake_loader.h"
#include "tests/support/temp_repository.h"

namespace actium::test {

/// A recorder that records nothing.
class NoRecorder final : public observe::Recorder {
 public:
  void OnRequest(const observe::RequestOutcome&) override {}
  void OnBatch(const observe::BatchOutcome&) override {}
};

inline constexpr std::string_view kFakeFile = "fake-model\n";

/// The text of a config.pbtxt for a fake model; `more` is put behind it.
inline std::string FakeConfig(std::string_view more = "") {
  return "max_batch_size: 4\n"
         "input { name: 'x' data_type: TYPE_FP32 dims: 4 }\n"
         "output { name: 'y' data_type: TYPE_FP32 dims: 2 }\n" +
         std::string(more);
}

/// Files of fake models, and what it takes to serve them.
struct FakeRepository {
  /// Writes config.pbtxt and one version's model file, both as given.
  void Add(const std::string& model, int version, std::string_view file = kFakeFile,
           const std::string& config = FakeConfig()) const {
    files.Write(model + "/config.pbtxt", config);
    files.Write(model + "/" + std::to_string(version) + "/model.pt", file);
  }

  TempRepository files;
  FakeLoader loader;
  NoRecorder recorder;
  batching::DevicePools pools{{{.workers = 2}}, base::SteadyClock(), recorder};
};

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_REPOSITORY_LOADED_REPOSITORY_H_
