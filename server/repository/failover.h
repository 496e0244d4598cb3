#ifndef ACTIUM_SERVER_REPOSITORY_FAILOVER_H_
#define ACTIUM_SERVER_REPOSITORY_FAILOVER_H_

#include <chrono>
#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "server/base/mutex.h"
#include "server/batching/device_pools.h"
#include "server/repository/model_repository.h"

namespace actium::repository {

/// Looks at the devices, again and again, on a thread of its own, and has the models leave those
/// that were abandoned: ModelRepository::LeaveAbandonedDevices(), once for each device. Logs each,
/// "device_abandoned", a warning.
///
/// It looks rather than being told: a failure may show in a batch, in a load or in a measurement,
/// and the device's health is what all of them have in common.
class Failover {
 public:
  /// repository and pools, which are the repository's, outlive it. interval: between two looks.
  /// on_look: called at each look, before models leave, on that thread.
  Failover(ModelRepository& repository, const batching::DevicePools& pools,
           std::chrono::nanoseconds interval, std::function<void()> on_look);

  /// Waits until the models that are leaving have been loaded; StopLoading() of the repository lets
  /// no further ones begin.
  ~Failover();

  Failover(const Failover&) = delete;
  Failover& operator=(const Failover&) = delete;

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool StopsWithinInterval() ABSL_LOCKS_EXCLUDED(mutex_);

  ModelRepository& repository_;
  const batching::DevicePools& pools_;
  const std::chrono::nanoseconds interval_;
  const std::function<void()> on_look_;

  base::Mutex mutex_;
  base::CondVar stop_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_FAILOVER_H_
