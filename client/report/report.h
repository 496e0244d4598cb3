#ifndef ACTIUM_CLIENT_REPORT_REPORT_H_
#define ACTIUM_CLIENT_REPORT_REPORT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "actium/v1/comparison.pb.h"

/// A comparison as one HTML page that stands alone: verdicts in words, tables, charts. Everything
/// here is a pure function of the reports, and thread-safe.
namespace actium::report {

/// An image that the page shows: 8-bit samples, rows from the top, channels of a pixel together.
struct GalleryImage {
  int64_t number = 0;           ///< v1::Disagreement::number.
  int width = 0;                ///< >= 1.
  int height = 0;               ///< >= 1.
  int channels = 0;             ///< 1 (gray) or 3 (red, green, blue).
  std::vector<uint8_t> pixels;  ///< height * width * channels.
};

/// Where a comparison comes from. Empty texts are left out of the page.
struct RunFacts {
  std::string command_line;
  std::string date;     ///< As it is shown.
  std::string program;  ///< Name and version of what wrote the page.
  /// Anything else, as name and value: {"Machine", "2 processors, ..."}.
  std::vector<std::pair<std::string, std::string>> more;
};

/// What a page is made of. Reports that are null are left out; they outlive the call.
struct Inputs {
  const v1::AccuracyReport* accuracy = nullptr;
  const v1::LatencyReport* latency = nullptr;
  const v1::SeedsReport* seeds = nullptr;
  /// Images of `accuracy->disagreements()`; those without one are shown without.
  std::vector<GalleryImage> gallery;
  RunFacts facts;
};

/// Returns the page, UTF-8.
///
/// Needs nothing from a network and forbids its use to itself by a content security policy that
/// names its scripts by their hashes. Texts of the reports are untrusted: they are shown as they
/// are and become neither markup nor code. About 0.9 MB, most of it the charts' library.
std::string MakePage(const Inputs& inputs);

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_REPORT_H_
