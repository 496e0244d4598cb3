#include "client/cli/batch_counter.h"

namespace actium::cli {

std::optional<BatchCounter> ReadBatchCounter(client::Client& server, const std::string& model) {
  const auto statistics = server.ModelStatistics(model);
  if (!statistics.ok()) return std::nullopt;
  BatchCounter counter;
  for (const auto& version : statistics->model_stats()) {
    counter.rows += version.inference_count();
    counter.batches += version.execution_count();
  }
  return counter;
}

std::optional<double> MeanBatch(const std::optional<BatchCounter>& before,
                                const std::optional<BatchCounter>& after) {
  // Fewer than before: the model was loaded again in between.
  if (!before || !after || after->batches <= before->batches || after->rows < before->rows) {
    return std::nullopt;
  }
  return static_cast<double>(after->rows - before->rows) /
         static_cast<double>(after->batches - before->batches);
}

}  // namespace actium::cli
