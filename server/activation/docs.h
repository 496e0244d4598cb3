#ifndef ACTIUM_SERVER_ACTIVATION_DOCS_H_
#define ACTIUM_SERVER_ACTIVATION_DOCS_H_

#include <string>

namespace actium::activation {

/// Returns docs/activations.md: the table for people, with what follows from the formulas. The same
/// on every run. Thread-safe.
std::string RenderPage();

/// Returns docs/activations.svg, which the page shows: every function and its slope, one small
/// chart each, all with the same axes. The same on every run. Thread-safe.
std::string RenderCharts();

}  // namespace actium::activation

#endif  // ACTIUM_SERVER_ACTIVATION_DOCS_H_
