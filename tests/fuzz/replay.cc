// A corpus as a test: what fuzzing has once found, and what a target starts from.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz_target.h"

TEST(ReplayTest, EveryFileOfTheCorpusIsHandled) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ACTIUM_CORPUS)) {
    SCOPED_TRACE(entry.path().string());
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    // A copy of exactly this size, so that a read behind its end is noticed.
    const std::vector<uint8_t> data(bytes.begin(), bytes.end());
    EXPECT_EQ(LLVMFuzzerTestOneInput(data.data(), data.size()), 0);
    ++files;
  }
  EXPECT_GT(files, 0);
}
