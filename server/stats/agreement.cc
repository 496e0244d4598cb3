#include "server/stats/agreement.h"

#include "server/base/status_macros.h"

namespace actium::stats {

Agreement MeasureAgreement(std::span<const int64_t> table, int classes) {
  const auto size = static_cast<size_t>(classes);
  ACTIUM_CHECK(classes >= 1 && table.size() == size * size);
  Agreement agreement;
  int64_t alike = 0;
  double by_chance = 0.0;  // Times examples^2.
  for (size_t i = 0; i < size; ++i) {
    int64_t row = 0;
    int64_t column = 0;
    for (size_t j = 0; j < size; ++j) {
      ACTIUM_CHECK(table[i * size + j] >= 0);
      row += table[i * size + j];
      column += table[j * size + i];
    }
    agreement.examples += row;
    alike += table[i * size + i];
    by_chance += static_cast<double>(row) * static_cast<double>(column);
  }
  if (agreement.examples == 0) return agreement;
  const auto n = static_cast<double>(agreement.examples);
  agreement.share = static_cast<double>(alike) / n;
  const double expected = by_chance / (n * n);
  if (expected < 1.0) agreement.kappa = (*agreement.share - expected) / (1.0 - expected);
  return agreement;
}

}  // namespace actium::stats
