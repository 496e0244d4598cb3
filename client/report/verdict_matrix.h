#ifndef ACTIUM_CLIENT_REPORT_VERDICT_MATRIX_H_
#define ACTIUM_CLIENT_REPORT_VERDICT_MATRIX_H_

#include <map>
#include <string>
#include <vector>

#include "client/report/report.h"

namespace actium::report {

/// One statement about a variant against another.
struct MatrixEntry {
  std::string verdict;  ///< "better", "slower"; empty: there is none.
  std::string detail;   ///< "+0.81 points".
};

/// What all reports say of each variant (row) against others (columns).
struct VerdictMatrix {
  std::vector<std::string> rows;
  std::vector<std::string> columns;  ///< The baseline alone, unless all pairs were compared.
  std::map<std::pair<std::string, std::string>, std::vector<MatrixEntry>> entries;
};

/// Returns the matrix. A contrast is also said the other way round; of latencies, those served.
VerdictMatrix MakeVerdictMatrix(const Inputs& inputs);

/// Returns it as an HTML table; empty without contrasts.
std::string RenderVerdictMatrix(const VerdictMatrix& matrix);

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_VERDICT_MATRIX_H_
