#include "client/cli/batch_counter.h"

#include <gtest/gtest.h>

#include <optional>

namespace actium::cli {
namespace {

TEST(MeanBatchTest, ComesFromTheDifference) {
  EXPECT_DOUBLE_EQ(*MeanBatch(BatchCounter{10, 5}, BatchCounter{34, 11}), 4.0);
  EXPECT_FALSE(MeanBatch(std::nullopt, BatchCounter{34, 11}));
  EXPECT_FALSE(MeanBatch(BatchCounter{10, 5}, BatchCounter{10, 5}));
  EXPECT_FALSE(MeanBatch(BatchCounter{10, 5}, BatchCounter{2, 1}));
}

}  // namespace
}  // namespace actium::cli
