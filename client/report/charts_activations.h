#ifndef ACTIUM_CLIENT_REPORT_CHARTS_ACTIVATIONS_H_
#define ACTIUM_CLIENT_REPORT_CHARTS_ACTIVATIONS_H_

#include <string>
#include <vector>

#include "client/report/chart.h"
#include "server/activation/table.h"

namespace actium::report {

/// A variant that is named for an activation.
struct NamedActivation {
  std::string variant;
  const activation::Row* row = nullptr;
};

/// Returns those of the variants, NAME or NAME:VERSION, whose names the activations' table knows.
std::vector<NamedActivation> FindActivations(const std::vector<std::string>& variants);

/// Returns the curves of f and of f', two charts, with default parameters. named: not empty.
std::vector<Chart> ActivationCharts(const std::vector<NamedActivation>& named,
                                    const std::vector<std::string>& variants);

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_CHARTS_ACTIVATIONS_H_
