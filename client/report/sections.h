#ifndef ACTIUM_CLIENT_REPORT_SECTIONS_H_
#define ACTIUM_CLIENT_REPORT_SECTIONS_H_

#include <string>

#include "client/report/report.h"

/// The parts of the page, each as HTML; empty where the reports have nothing for it.
namespace actium::report {

/// A part with its heading.
struct Section {
  std::string id;     ///< Of the element, [a-z]+.
  std::string title;  ///< Plain text.
  std::string html;   ///< Its contents; empty: the part is left out.
};

/// Tables and charts of an accuracy report, labelled or not.
Section AccuracySection(const Inputs& inputs);

/// Tables and charts of a latency report.
Section LatencySection(const Inputs& inputs);

/// What was compared, where, when and how.
Section RunSection(const Inputs& inputs);

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_SECTIONS_H_
