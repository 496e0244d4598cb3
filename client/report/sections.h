#ifndef ACTIUM_CLIENT_REPORT_SECTIONS_H_
#define ACTIUM_CLIENT_REPORT_SECTIONS_H_

#include <string>

#include "client/report/report.h"

/// The parts of the page below its head.
namespace actium::report {

/// A part with its heading.
struct Section {
  std::string id;     ///< Of the element, [a-z]+.
  std::string title;  ///< Plain text.
  std::string html;   ///< Its contents; empty: the reports have nothing for it, it is left out.
};

/// All verdicts in one table, and accuracy against latency.
Section OverviewSection(const Inputs& inputs);

/// Tables and charts of an accuracy report; of one without labels, what it says of the answers.
Section AccuracySection(const Inputs& inputs);

/// Tables and charts of a latency report.
Section LatencySection(const Inputs& inputs);

/// Tables and charts of a report over training seeds.
Section SeedsSection(const Inputs& inputs);

/// Curves of the activations that variants are named for.
Section ActivationsSection(const Inputs& inputs);

/// What was compared, where, when and how, and what the words mean.
Section RunSection(const Inputs& inputs);

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_SECTIONS_H_
