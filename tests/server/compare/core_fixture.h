#ifndef ACTIUM_TESTS_SERVER_COMPARE_CORE_FIXTURE_H_
#define ACTIUM_TESTS_SERVER_COMPARE_CORE_FIXTURE_H_

#include <gtest/gtest.h>

#include <string>

#include "server/inference/inference_core.h"
#include "server/observe/statistics.h"
#include "tests/support/fake_loader.h"
#include "tests/support/temp_repository.h"

namespace actium::test {

/// An inference core over fake models. The test writes them, then loads them all.
class CoreFixture : public ::testing::Test {
 protected:
  explicit CoreFixture(int workers)
      : pools_({{.workers = workers}}, base::SteadyClock(), statistics_) {}

  /// model: the text of a file as FakeLoader reads it.
  void Write(const std::string& name, const std::string& config, const std::string& model) {
    folder_.Write(name + "/config.pbtxt", config);
    folder_.Write(name + "/1/model.pt", model);
  }

  TempRepository folder_;
  FakeLoader loader_;
  observe::Statistics statistics_;
  batching::DevicePools pools_;
  repository::ModelRepository repository_{
      {.roots = {folder_.root()}, .strict_model_config = false}, loader_, pools_};
  inference::InferenceCore core_{repository_, base::SteadyClock(), statistics_};
};

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_COMPARE_CORE_FIXTURE_H_
