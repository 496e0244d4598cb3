#ifndef ACTIUM_TESTS_CLIENT_REPORT_SAMPLE_REPORTS_H_
#define ACTIUM_TESTS_CLIENT_REPORT_SAMPLE_REPORTS_H_

#include <map>
#include <string>
#include <vector>

#include "client/report/report.h"

namespace actium::test {

/// Reports of three variants, the first the baseline, with two classes and all fields set.
v1::AccuracyReport SampleAccuracy(const std::vector<std::string>& variants);
v1::LatencyReport SampleLatency(const std::vector<std::string>& variants);
v1::SeedsReport SampleSeeds(const std::vector<std::string>& variants);

/// The accuracy report as a server sends it of examples without labels.
v1::AccuracyReport SampleAnswers(const std::vector<std::string>& variants);

/// "relu", "mish:2" and "mine".
std::vector<std::string> PlainNames();

/// Names that try to become markup, script, another element or a part of an expression.
std::vector<std::string> HostileNames();

/// A report of hostile names whose other texts are hostile as well.
v1::AccuracyReport HostileAccuracy();

/// Pages of all kinds, by file name: whole, of one report each, without labels, hostile.
std::map<std::string, std::string> SamplePages();

}  // namespace actium::test

#endif  // ACTIUM_TESTS_CLIENT_REPORT_SAMPLE_REPORTS_H_
