#ifndef ACTIUM_SERVER_BASE_CPU_QUOTA_H_
#define ACTIUM_SERVER_BASE_CPU_QUOTA_H_

#include <filesystem>
#include <string>

namespace actium::base {

/// What limits this process's processor time, and the compute threads that follow from it.
struct CpuQuota {
  int affinity = 1;  ///< Processors in this process's affinity mask, >= 1.
  double quota = 0;  ///< Processors' worth of time that the cgroup grants; 0 means no limit.
  int threads = 1;   ///< max(1, min(affinity, ceil(quota))).
};

/// Reads the affinity mask and the CPU quota of this process's cgroup (version 2 `cpu.max`, or
/// version 1 `cpu.cfs_quota_us`) and of its ancestors; the smallest counts. What cannot be read
/// counts as no limit.
///
/// root: where the file system starts, "/" but in tests.
CpuQuota ReadCpuQuota(const std::filesystem::path& root = "/");

}  // namespace actium::base

#endif  // ACTIUM_SERVER_BASE_CPU_QUOTA_H_
