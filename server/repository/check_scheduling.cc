#include "server/repository/check_scheduling.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace actium::repository {
namespace {

using ::inference::ModelInstanceGroup;
using ::inference::ModelQueuePolicy;
using std::chrono::microseconds;

constexpr uint64_t kMostDelay = 60'000'000;        // 60 s, in microseconds.
constexpr uint64_t kMostTimeout = 86'400'000'000;  // One day, in microseconds.
constexpr uint32_t kMostQueued = 1'000'000;
constexpr int kMostInstances = 1024;

// Returns value, or 0 with a problem if it exceeds the limit.
uint64_t AtMost(uint64_t value, uint64_t limit, std::string_view field, Problems& problems) {
  if (value <= limit) return value;
  problems.Add("{} must be in [0, {}], got {}", field, limit, value);
  return 0;
}

std::vector<int> PreferredSizes(const ::inference::ModelConfig& config, Problems& problems) {
  const auto& given = config.dynamic_batching().preferred_batch_size();
  for (const int rows : given) {
    if (rows >= 1 && rows <= config.max_batch_size()) continue;
    problems.Add(
        "dynamic_batching.preferred_batch_size must be in [1, max_batch_size], which is {}, "
        "got {}",
        config.max_batch_size(), rows);
  }
  std::vector<int> sizes(given.begin(), given.end());
  std::ranges::sort(sizes);
  sizes.erase(std::ranges::unique(sizes).begin(), sizes.end());
  return sizes;
}

void CheckQueuePolicy(const ModelQueuePolicy& policy, batching::QueueOptions& options,
                      Problems& problems) {
  if (policy.timeout_action() != ModelQueuePolicy::REJECT) {
    problems.Add(
        "dynamic_batching.default_queue_policy.timeout_action must be REJECT: a request "
        "that has waited too long is not kept");
  }
  options.default_timeout = microseconds(
      AtMost(policy.default_timeout_microseconds(), kMostTimeout,
             "dynamic_batching.default_queue_policy.default_timeout_microseconds", problems));
  options.allow_timeout_override = policy.allow_timeout_override();
  const uint64_t size = AtMost(policy.max_queue_size(), kMostQueued,
                               "dynamic_batching.default_queue_policy.max_queue_size", problems);
  if (size > 0) options.max_queue_size = static_cast<int>(size);
}

// Returns the group's instances, >= 1.
int CheckGroup(const ModelInstanceGroup& group, int index, Problems& problems) {
  if (group.count() < 0 || group.count() > kMostInstances) {
    problems.Add("instance_group[{}].count must be in [0, {}], got {}", index, kMostInstances,
                 group.count());
    return 1;
  }
  return std::max(group.count(), 1);
}

int Instances(const ::inference::ModelConfig& config, Problems& problems) {
  int64_t sum = 0;
  for (int i = 0; i < config.instance_group_size(); ++i) {
    sum += CheckGroup(config.instance_group(i), i, problems);
  }
  return static_cast<int>(std::min<int64_t>(sum, kMostInstances));
}

}  // namespace

batching::QueueOptions CheckScheduling(const ::inference::ModelConfig& config, Problems& problems) {
  batching::QueueOptions options;
  options.instances = Instances(config, problems);
  if (!config.has_dynamic_batching()) return options;
  const auto& batching = config.dynamic_batching();
  options.preferred_batch_sizes = PreferredSizes(config, problems);
  options.max_queue_delay =
      microseconds(AtMost(batching.max_queue_delay_microseconds(), kMostDelay,
                          "dynamic_batching.max_queue_delay_microseconds", problems));
  if (batching.has_default_queue_policy()) {
    CheckQueuePolicy(batching.default_queue_policy(), options, problems);
  }
  return options;
}

void CompleteScheduling(const batching::QueueOptions& options, ::inference::ModelConfig& config) {
  if (config.max_batch_size() <= 1 && !config.has_dynamic_batching()) return;
  auto& policy = *config.mutable_dynamic_batching()->mutable_default_queue_policy();
  policy.set_max_queue_size(static_cast<uint32_t>(options.max_queue_size));
  policy.set_allow_timeout_override(options.allow_timeout_override);
}

}  // namespace actium::repository
