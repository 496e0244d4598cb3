#include "server/repository/failover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "server/engine/choose_engine.h"
#include "tests/server/batching/test_requests.h"
#include "tests/server/repository/loaded_repository.h"
#include "tests/support/fake_gpu.h"
#include "tests/support/status_matchers.h"

namespace actium::repository {
namespace {

using engine::Device;
using test::IsOk;
using test::StatusIs;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kImportable = "fake-model\nimportable 1\n";
constexpr char kNeedsGpu[] = "instance_group { kind: KIND_GPU }";
constexpr int kNone = -1;

// Loads as another does, and calls a hook once a model is loaded, before it is warmed.
class HookedLoader final : public engine::ModelLoader {
 public:
  explicit HookedLoader(std::unique_ptr<engine::ModelLoader> loader) : loader_(std::move(loader)) {}

  absl::StatusOr<std::optional<std::string>> ReadMetadata(
      const std::filesystem::path& file) override {
    return loader_->ReadMetadata(file);
  }
  absl::StatusOr<std::shared_ptr<engine::LoadedModel>> Load(const engine::LoadSpec& spec) override {
    auto model = loader_->Load(spec);
    if (on_loaded) on_loaded();
    return model;
  }
  absl::StatusOr<std::vector<tensor::TensorSpec>> Probe(
      const std::filesystem::path& file, std::span<const tensor::TensorSpec> inputs) override {
    return loader_->Probe(file, inputs);
  }

  std::function<void()> on_loaded;

 private:
  const std::unique_ptr<engine::ModelLoader> loader_;
};

// Models on two GPUs, of which a test can break one; models leave them unless said otherwise.
class FailoverTest : public ::testing::Test {
 protected:
  void Add(const std::string& model, const std::string& more = "",
           std::string_view file = kImportable) {
    fake_.Add(model, 1, file, test::FakeConfig(more));
  }

  batching::PoolOptions GpuPool(int index, bool models_may_leave) {
    return {.device = {.kind = Device::Kind::kCuda, .index = index},
            .workers = 2,
            .device_healthy = [this, index] { return gpu_->healthy(index); },
            .models_may_leave = models_may_leave};
  }

  // Loads all models; those that leave it open run on the first GPU.
  void Load(bool models_may_leave = true, int cpu_workers = 2) {
    pools_.emplace(
        std::vector<batching::PoolOptions>{
            {.workers = cpu_workers}, GpuPool(0, models_may_leave), GpuPool(1, models_may_leave)},
        base::SteadyClock(), fake_.recorder);
    repository_.emplace(ModelRepository::Options{.roots = {fake_.files.root()},
                                                 .device = {.kind = Device::Kind::kCuda}},
                        loader_, *pools_);
    ACTIUM_ASSERT_OK(repository_->LoadAll());
  }

  ModelHandle Find(const std::string& model) const {
    return repository_->Find(model, std::nullopt).value_or(nullptr);
  }

  std::string DeviceOf(const std::string& model) const {
    const ModelHandle handle = Find(model);
    return handle == nullptr ? "none" : engine::Name(handle->pool->device());
  }

  // Runs a model on zeros.
  absl::Status Run(const std::string& model) const {
    const ModelHandle handle = Find(model);
    if (handle == nullptr) return absl::NotFoundError(model);
    return handle->pool->WarmUp(*handle->queue);
  }

  // Breaks the GPU that a model is on.
  void BreakDeviceOf(const std::string& model) {
    breaking_ = Find(model)->pool->device().index;
    EXPECT_THAT(Run(model), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("has failed: ")));
    breaking_ = kNone;
  }

  std::unique_ptr<Failover> Watch(std::function<void()> on_look = [] {}) {
    return std::make_unique<Failover>(*repository_, *pools_, std::chrono::milliseconds(1),
                                      std::move(on_look));
  }

  // Waits for the reaper to tear down what has left.
  void AwaitReadiness() const {
    while (!pools_->WhyUnhealthy().empty()) std::this_thread::yield();
  }

  std::atomic<int> breaking_ = kNone;
  std::shared_ptr<engine::Accelerator> gpu_ = test::NewFakeGpu(
      {.devices = 2, .breaks = [this](int device) { return device == breaking_.load(); }});
  test::FakeRepository fake_;
  HookedLoader loader_{
      engine::ChooseEngine(std::make_unique<test::FakeLoader>(), {.accelerator = gpu_})};
  std::optional<batching::DevicePools> pools_;
  std::optional<ModelRepository> repository_;
};

TEST_F(FailoverTest, ModelsLeaveAFailedDeviceForTheCpuAndTheRestIsLeftAlone) {
  Add("auto");
  Add("named", "instance_group { gpus: 0 count: 1 }");
  Add("cpu", "instance_group { kind: KIND_CPU }");
  Add("other", "instance_group { gpus: 1 }");
  Load();
  const std::vector<ModelHandle> untouched = {Find("cpu"), Find("other")};
  BreakDeviceOf("auto");
  EXPECT_EQ(pools_->WhyUnhealthy(), "cuda:0: the device has failed; models on it: 2");
  repository_->LeaveAbandonedDevices();
  for (const char* model : {"auto", "named"}) {
    EXPECT_EQ(DeviceOf(model), "cpu") << model;
    EXPECT_EQ(Find(model)->ref->engine, "fake");
    EXPECT_EQ(Find(model)->queue->model().facts().not_on_gpu, "cuda:0 has failed");
    ACTIUM_EXPECT_OK(Run(model));
  }
  EXPECT_THAT(untouched, ElementsAre(Find("cpu"), Find("other")));
  AwaitReadiness();
  EXPECT_FALSE(pools_->all()[1]->healthy());
  for (const VersionStatus& status : repository_->Index()) {
    EXPECT_EQ(status.state, VersionState::kReady) << status.model;
  }
}

TEST_F(FailoverTest, TheConfigurationTellsWhereAModelHasGone) {
  Add("auto", "instance_group { count: 1 }");
  Load();
  BreakDeviceOf("auto");
  repository_->LeaveAbandonedDevices();
  const auto config = Find("auto")->config;
  ASSERT_EQ(config.instance_group_size(), 1);
  EXPECT_EQ(config.instance_group(0).kind(), ::inference::ModelInstanceGroup::KIND_CPU);
  EXPECT_EQ(config.instance_group(0).gpus_size(), 0);
  EXPECT_EQ(config.instance_group(0).count(), 1);
  EXPECT_EQ(config.parameters().at("actium.engine").string_value(), "fake");
}

TEST_F(FailoverTest, AModelThatNeedsAGpuStaysOnItAndIsMissed) {
  Add("gpu", kNeedsGpu);
  Add("auto");
  Load();
  const ModelHandle gpu = Find("gpu");
  BreakDeviceOf("gpu");
  repository_->LeaveAbandonedDevices();
  EXPECT_EQ(DeviceOf("auto"), "cpu");
  EXPECT_EQ(Find("gpu"), gpu);
  EXPECT_THAT(Run("gpu"), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cuda:0 has failed")));
  while (pools_->all()[1]->models() > 1) std::this_thread::yield();
  EXPECT_EQ(pools_->WhyUnhealthy(), "cuda:0: the device has failed; models on it: 1");
}

TEST_F(FailoverTest, EveryVersionLeaves) {
  const std::string config = test::FakeConfig("version_policy { all {} }");
  fake_.Add("m", 1, kImportable, config);
  fake_.Add("m", 2, kImportable, config);
  Load();
  BreakDeviceOf("m");
  repository_->LeaveAbandonedDevices();
  for (const int version : {1, 2}) {
    ACTIUM_ASSERT_OK_AND_ASSIGN(const ModelHandle handle, repository_->Find("m", version));
    EXPECT_EQ(handle->pool->device(), Device{}) << version;
  }
}

TEST_F(FailoverTest, NothingLeavesADeviceThatIsNotToBeLeft) {
  Add("auto");
  Load(/*models_may_leave=*/false);
  const ModelHandle before = Find("auto");
  BreakDeviceOf("auto");
  repository_->LeaveAbandonedDevices();
  EXPECT_EQ(Find("auto"), before);
  EXPECT_THAT(pools_->WhyUnhealthy(), HasSubstr("only a restart of the server can help"));
}

TEST_F(FailoverTest, AModelThatCannotBeLoadedStaysWhereItIs) {
  Add("auto");
  Load();
  const ModelHandle before = Find("auto");
  BreakDeviceOf("auto");
  Add("auto", "", "fake-model\nfail_load no memory\n");
  repository_->LeaveAbandonedDevices();
  EXPECT_EQ(Find("auto"), before);
  EXPECT_THAT(Run("auto"), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("has failed: ")));
  EXPECT_EQ(pools_->WhyUnhealthy(), "cuda:0: the device has failed; models on it: 1");
  EXPECT_EQ(repository_->Index()[0].state, VersionState::kReady);
}

TEST_F(FailoverTest, ADeviceIsMissedUntilTheLastHandleIsDropped) {
  Add("auto");
  Load();
  ModelHandle held = Find("auto");
  BreakDeviceOf("auto");
  repository_->LeaveAbandonedDevices();
  EXPECT_EQ(DeviceOf("auto"), "cpu");
  EXPECT_EQ(pools_->WhyUnhealthy(), "cuda:0: the device has failed; models on it: 1");
  held.reset();
  AwaitReadiness();
}

TEST_F(FailoverTest, AModelWhoseDeviceFailsWhileItIsLoadedIsLoadedOnTheCpu) {
  Add("auto");
  loader_.on_loaded = [this] { breaking_ = 0; };
  Load();
  EXPECT_EQ(DeviceOf("auto"), "cpu");
  EXPECT_EQ(Find("auto")->queue->model().facts().not_on_gpu, "cuda:0 has failed");
  AwaitReadiness();
}

TEST_F(FailoverTest, AModelWhoseDeviceFailsWhileItIsLoadedFailsWhereModelsStay) {
  Add("auto");
  loader_.on_loaded = [this] { breaking_ = 0; };
  Load(/*models_may_leave=*/false);
  EXPECT_THAT(repository_->Find("auto", std::nullopt),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("cuda:0 has failed: ")));
}

TEST_F(FailoverTest, NoFurtherModelLeavesOnceLoadingIsToStop) {
  Add("one");
  Add("two");
  Load(/*models_may_leave=*/true, /*cpu_workers=*/1);
  BreakDeviceOf("one");
  loader_.on_loaded = [this] { repository_->StopLoading(); };
  repository_->LeaveAbandonedDevices();
  EXPECT_EQ(DeviceOf("one"), "cpu");
  EXPECT_EQ(DeviceOf("two"), "cuda:0");
}

TEST_F(FailoverTest, WatchesEveryDevice) {
  Add("first");
  Add("second", "instance_group { gpus: 1 }");
  Load();
  const auto failover = Watch();
  for (const char* model : {"second", "first"}) {
    BreakDeviceOf(model);
    while (DeviceOf(model) != "cpu") std::this_thread::yield();
  }
  AwaitReadiness();
}

TEST_F(FailoverTest, TellsOfEachLookAlsoBeforeModelsLeave) {
  Add("auto");
  Load();
  base::Mutex mutex;
  std::vector<bool> healthy;  // Each change.
  const auto on_look = [&] {
    const bool now = pools_->WhyUnhealthy().empty();
    base::MutexLock lock(mutex);
    if (healthy.empty() || healthy.back() != now) healthy.push_back(now);
  };
  const auto wait_for = [&](size_t changes) {
    const auto seen = [&] {
      base::MutexLock lock(mutex);
      return healthy.size();
    };
    while (seen() < changes) std::this_thread::yield();
  };
  const auto failover = Watch(on_look);
  wait_for(1);
  BreakDeviceOf("auto");
  wait_for(3);
  base::MutexLock lock(mutex);
  EXPECT_THAT(healthy, ElementsAre(true, false, true));
}

TEST_F(FailoverTest, RequestsGoOnWhileModelsLeave) {
  Add("auto");
  Load();
  std::vector<std::thread> clients;
  BreakDeviceOf("auto");
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back([this] {
      absl::Status status;
      do {
        status = Run("auto");
        EXPECT_THAT(status, AnyOf(IsOk(), StatusIs(absl::StatusCode::kUnavailable,
                                                   HasSubstr("has failed: "))));
      } while (!status.ok());
    });
  }
  const auto failover = Watch();
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(DeviceOf("auto"), "cpu");
}

TEST_F(FailoverTest, EndsWithTheModelThatIsBeingLoaded) {
  Add("one");
  Add("two");
  Load(/*models_may_leave=*/true, /*cpu_workers=*/1);
  BreakDeviceOf("one");
  test::Gate gate;
  loader_.on_loaded = [&] { gate.Pass(); };
  auto failover = Watch();
  gate.AwaitArrivals(1);
  repository_->StopLoading();
  gate.Open();
  failover.reset();
  EXPECT_EQ(DeviceOf("one"), "cpu");
  EXPECT_EQ(DeviceOf("two"), "cuda:0");
}

}  // namespace
}  // namespace actium::repository
