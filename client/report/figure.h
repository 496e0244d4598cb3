#ifndef ACTIUM_CLIENT_REPORT_FIGURE_H_
#define ACTIUM_CLIENT_REPORT_FIGURE_H_

#include <string>
#include <vector>

#include "client/report/chart.h"

namespace actium::report {

/// Returns charts as HTML, two in a row; page.js draws them. Empty without any.
std::string RenderCharts(const std::vector<Chart>& charts);

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_FIGURE_H_
