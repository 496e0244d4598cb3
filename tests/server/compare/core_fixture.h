#ifndef ACTIUM_TESTS_SERVER_COMPARE_CORE_FIXTURE_H_
#define ACTIUM_TESTS_SERVER_COMPARE_CORE_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "server/engine/choose_engine.h"
#include "server/inference/inference_core.h"
#include "server/observe/statistics.h"
#include "tests/support/fake_loader.h"
#include "tests/support/temp_repository.h"

namespace actium::test {

/// An inference core over fake models. The test writes them, then loads them all.
class CoreFixture : public ::testing::Test {
 protected:
  /// gpu: its first device has a pool of two workers; null: there is none.
  explicit CoreFixture(int workers, const std::shared_ptr<engine::Accelerator>& gpu = nullptr)
      : loader_(engine::ChooseEngine(std::make_unique<FakeLoader>(), {.accelerator = gpu})),
        pools_(PoolsFor(workers, gpu != nullptr), base::SteadyClock(), statistics_) {}

  /// model: the text of a file as FakeLoader reads it.
  void Write(const std::string& name, const std::string& config, const std::string& model) {
    folder_.Write(name + "/config.pbtxt", config);
    folder_.Write(name + "/1/model.pt", model);
  }

  static std::vector<batching::PoolOptions> PoolsFor(int workers, bool gpu) {
    std::vector<batching::PoolOptions> pools = {{.workers = workers}};
    if (gpu) pools.push_back({.device = {.kind = engine::Device::Kind::kCuda}, .workers = 2});
    return pools;
  }

  TempRepository folder_;
  std::unique_ptr<engine::ModelLoader> loader_;
  observe::Statistics statistics_;
  batching::DevicePools pools_;
  repository::ModelRepository repository_{
      {.roots = {folder_.root()}, .strict_model_config = false}, *loader_, pools_};
  inference::InferenceCore core_{repository_, base::SteadyClock(), statistics_};
};

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SERVER_COMPARE_CORE_FIXTURE_H_
