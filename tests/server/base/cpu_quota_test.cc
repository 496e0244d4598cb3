#include "server/base/cpu_quota.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

namespace actium::base {
namespace {

namespace fs = std::filesystem;

// A root folder with the files that ReadCpuQuota() reads.
class CpuQuotaTest : public ::testing::Test {
 protected:
  CpuQuotaTest() { fs::create_directories(root_); }
  ~CpuQuotaTest() override { fs::remove_all(root_); }

  void Write(const std::string& file, const std::string& text) {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }

  const fs::path root_ = fs::path(::testing::TempDir()) /
                         ("cpu_quota_" + std::to_string(getpid()) + "_" +
                          ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(CpuQuotaTest, WithoutCgroupsTheAffinityMaskCounts) {
  const CpuQuota quota = ReadCpuQuota(root_);
  EXPECT_EQ(quota.quota, 0);
  EXPECT_GE(quota.affinity, 1);
  EXPECT_EQ(quota.threads, quota.affinity);
}

TEST_F(CpuQuotaTest, FractionOfVersionTwoIsRoundedUp) {
  Write("proc/self/cgroup", "0::/pod/server\n");
  Write("sys/fs/cgroup/pod/server/cpu.max", "150000 100000\n");
  const CpuQuota quota = ReadCpuQuota(root_);
  EXPECT_DOUBLE_EQ(quota.quota, 1.5);
  EXPECT_EQ(quota.threads, std::min(2, quota.affinity));
}

TEST_F(CpuQuotaTest, TheSmallestOfTheAncestorsCounts) {
  Write("proc/self/cgroup", "0::/pod/server\n");
  Write("sys/fs/cgroup/pod/server/cpu.max", "max 100000\n");
  Write("sys/fs/cgroup/pod/cpu.max", "50000 100000\n");
  const CpuQuota quota = ReadCpuQuota(root_);
  EXPECT_DOUBLE_EQ(quota.quota, 0.5);
  EXPECT_EQ(quota.threads, 1);
}

TEST_F(CpuQuotaTest, InsideAContainerTheMountIsTheCgroup) {
  Write("proc/self/cgroup", "0::/somewhere/outside\n");
  Write("sys/fs/cgroup/cpu.max", "100000 100000\n");
  EXPECT_DOUBLE_EQ(ReadCpuQuota(root_).quota, 1);
}

TEST_F(CpuQuotaTest, VersionOneIsRead) {
  Write("proc/self/cgroup", "3:memory:/x\n4:cpu,cpuacct:/x\n");
  Write("sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "75000\n");
  Write("sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000\n");
  EXPECT_DOUBLE_EQ(ReadCpuQuota(root_).quota, 0.75);
}

TEST_F(CpuQuotaTest, WhatCannotBeReadCountsAsNoLimit) {
  Write("proc/self/cgroup", "garbage\n0::\n::::\n");
  Write("sys/fs/cgroup/cpu.max", "-5 zero\n");
  EXPECT_EQ(ReadCpuQuota(root_).quota, 0);
}

}  // namespace
}  // namespace actium::base
