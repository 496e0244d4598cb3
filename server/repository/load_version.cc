#include "server/repository/load_version.h"

#include <future>
#include <utility>

#include "server/base/clock.h"
#include "server/base/log.h"
#include "server/base/status_macros.h"

namespace actium::repository {
namespace {

void RemoveAndWait(ServedModel& served) {
  std::promise<void> idle;
  served.pool->Remove(*served.queue, [&idle] { idle.set_value(); });
  idle.get_future().wait();
}

void WarnOfPrecision(const std::string& model, engine::Precision asked,
                     const engine::LoadedModel& loaded) {
  if (loaded.precision() == engine::Name(asked)) return;
  base::log::Warning("model_precision", {{"model", model},
                                         {"asked", engine::Name(asked)},
                                         {"served", loaded.precision()},
                                         {"device", engine::Name(loaded.device())}});
}

absl::StatusOr<WarmVersion> LoadOnce(const std::string& model, const VersionPlan& plan,
                                     const engine::Target& target,
                                     const LoadEnvironment& environment) {
  const base::Clock& clock = base::SteadyClock();
  const base::TimePoint begin = clock.Now();
  ACTIUM_ASSIGN_OR_RETURN(const std::shared_ptr<engine::LoadedModel> loaded,
                          environment.loader.Load({.model = model,
                                                   .file = plan.file,
                                                   .signature = plan.settings.signature,
                                                   .target = target}));
  WarnOfPrecision(model, target.precision, *loaded);
  auto served = std::make_unique<ServedModel>();
  served->ref = std::make_shared<const observe::ModelRef>(
      observe::ModelRef{.model = model,
                        .version = plan.version,
                        .sha256 = plan.sha256,
                        .engine = loaded->engine(),
                        .precision = loaded->precision()});
  served->signature = plan.settings.signature;
  served->labels = plan.labels;
  served->device_required = target.required;
  served->pool = environment.pools.Find(loaded->device());
  ACTIUM_CHECK(served->pool != nullptr);
  ACTIUM_ASSIGN_OR_RETURN(served->queue,
                          served->pool->Add(loaded, served->ref, plan.settings.queue));
  served->config = plan.settings.config;
  CompletePlacement(loaded->device(), loaded->precision(), served->queue->instances(),
                    served->config);
  (*served->config.mutable_parameters())["actium.engine"].set_string_value(loaded->engine());
  const base::TimePoint added = clock.Now();

  if (absl::Status status = served->pool->WarmUp(*served->queue); !status.ok()) {
    RemoveAndWait(*served);
    return status;
  }
  return WarmVersion{
      .served = std::move(served), .load = added - begin, .warm_up = clock.Now() - added};
}

bool Abandoned(const engine::Device& device, const batching::DevicePools& pools) {
  const batching::DevicePool* const pool = pools.Find(device);
  return pool != nullptr && pool->abandoned();
}

}  // namespace

absl::StatusOr<WarmVersion> LoadVersion(const std::string& model, const VersionPlan& plan,
                                        const LoadEnvironment& environment) {
  const engine::Target target = TargetOf(plan.settings.placement, environment.device);
  const bool abandoned = Abandoned(target.device, environment.pools);
  absl::StatusOr<WarmVersion> warm = LoadOnce(model, plan, target, environment);
  const bool lost_its_device = !abandoned && Abandoned(target.device, environment.pools);
  if (warm.ok() || target.required || !lost_its_device) return warm;
  return LoadOnce(model, plan, target, environment);  // The loader knows of the failure now.
}

void UnloadVersion(std::unique_ptr<ServedModel> served) { RemoveAndWait(*served); }

}  // namespace actium::repository
