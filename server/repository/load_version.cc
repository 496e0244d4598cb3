#include "server/repository/load_version.h"

#include <future>
#include <utility>

#include "server/base/clock.h"
#include "server/base/status_macros.h"

namespace actium::repository {
namespace {

void RemoveAndWait(batching::ModelQueue& queue, batching::DevicePool& pool) {
  std::promise<void> idle;
  pool.Remove(queue, [&idle] { idle.set_value(); });
  idle.get_future().wait();
}

}  // namespace

absl::StatusOr<WarmVersion> LoadVersion(const std::string& model, const VersionPlan& plan,
                                        engine::ModelLoader& loader, batching::DevicePool& pool) {
  const base::Clock& clock = base::SteadyClock();
  const base::TimePoint begin = clock.Now();
  ACTIUM_ASSIGN_OR_RETURN(
      const std::shared_ptr<engine::LoadedModel> loaded,
      loader.Load(
          {.model = model, .file = plan.file, .signature = plan.settings.signature, .device = {}}));
  auto served = std::make_unique<ServedModel>();
  served->ref = std::make_shared<const observe::ModelRef>(
      observe::ModelRef{.model = model,
                        .version = plan.version,
                        .sha256 = plan.sha256,
                        .engine = loaded->engine(),
                        .precision = loaded->precision()});
  served->signature = plan.settings.signature;
  served->config = plan.settings.config;
  (*served->config.mutable_parameters())["actium.engine"].set_string_value(loaded->engine());
  served->labels = plan.labels;
  ACTIUM_ASSIGN_OR_RETURN(served->queue, pool.Add(loaded, served->ref, plan.settings.queue));
  const base::TimePoint added = clock.Now();

  if (absl::Status status = pool.WarmUp(*served->queue); !status.ok()) {
    RemoveAndWait(*served->queue, pool);
    return status;
  }
  return WarmVersion{
      .served = std::move(served), .load = added - begin, .warm_up = clock.Now() - added};
}

void UnloadVersion(std::unique_ptr<ServedModel> served, batching::DevicePool& pool) {
  RemoveAndWait(*served->queue, pool);
}

}  // namespace actium::repository
