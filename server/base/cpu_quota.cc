#include "server/base/cpu_quota.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

namespace actium::base {
namespace {

namespace fs = std::filesystem;

std::string ReadAll(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return in ? text.str() : std::string();
}

// Returns processors granted by a cgroup folder; nothing if it sets no limit.
std::optional<double> QuotaOf(const fs::path& folder) {
  double quota = -1;
  double period = 0;
  if (std::istringstream v2(ReadAll(folder / "cpu.max"));
      v2 >> quota >> period) {  // "max 100000" fails.
    return period > 0 && quota > 0 ? std::optional(quota / period) : std::nullopt;
  }
  std::istringstream v1_quota(ReadAll(folder / "cpu.cfs_quota_us"));
  std::istringstream v1_period(ReadAll(folder / "cpu.cfs_period_us"));
  if (v1_quota >> quota && v1_period >> period && quota > 0 && period > 0) return quota / period;
  return std::nullopt;
}

// Returns this process's cgroup paths: of version 2 ("0::/path") and of version 1's cpu controller
// ("4:cpu,cpuacct:/path"), with the folder where each hierarchy is mounted.
std::vector<std::pair<fs::path, fs::path>> CgroupsOf(const fs::path& root) {
  std::vector<std::pair<fs::path, fs::path>> cgroups;
  std::istringstream lines(ReadAll(root / "proc/self/cgroup"));
  for (std::string line; std::getline(lines, line);) {
    const size_t first = line.find(':');
    const size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const fs::path path = fs::path(line.substr(second + 1)).relative_path();
    if (controllers == ",,") {
      cgroups.emplace_back(root / "sys/fs/cgroup", path);
    } else if (controllers.find(",cpu,") != std::string::npos) {
      cgroups.emplace_back(root / "sys/fs/cgroup/cpu", path);
    }
  }
  return cgroups;
}

int AffinityCount() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof(mask), &mask) != 0) return 1;
  return std::max(1, CPU_COUNT(&mask));
}

}  // namespace

CpuQuota ReadCpuQuota(const fs::path& root) {
  CpuQuota result;
  result.affinity = AffinityCount();
  for (auto [mount, path] : CgroupsOf(root)) {
    // Inside a container the path may lead outside of the mounted part; the mount itself then is
    // this process's cgroup, and it is always looked at last.
    for (;; path = path.parent_path()) {
      if (const auto quota = QuotaOf(mount / path)) {
        result.quota = result.quota == 0 ? *quota : std::min(result.quota, *quota);
      }
      if (path.empty() || path == path.parent_path()) break;
    }
  }
  result.threads = result.affinity;
  if (result.quota > 0) {
    result.threads =
        std::min(result.threads, static_cast<int>(std::ceil(std::min(result.quota, 1e6))));
  }
  result.threads = std::max(1, result.threads);
  return result;
}

}  // namespace actium::base
