#ifndef ACTIUM_CLIENT_CLI_BATCH_COUNTER_H_
#define ACTIUM_CLIENT_CLI_BATCH_COUNTER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "actium/client.h"

namespace actium::cli {

/// What a server has run of a model so far, all versions together.
struct BatchCounter {
  uint64_t rows = 0;
  uint64_t batches = 0;
};

/// Asks the server; nothing if it does not tell.
std::optional<BatchCounter> ReadBatchCounter(client::Client& server, const std::string& model);

/// Returns the mean rows of a batch between two readings; nothing without both readings or without
/// a batch between them.
std::optional<double> MeanBatch(const std::optional<BatchCounter>& before,
                                const std::optional<BatchCounter>& after);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_BATCH_COUNTER_H_
