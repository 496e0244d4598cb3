#ifndef ACTIUM_CLIENT_REPORT_GALLERY_H_
#define ACTIUM_CLIENT_REPORT_GALLERY_H_

#include <string>
#include <vector>

#include "client/report/report.h"

namespace actium::report {

/// Returns an image as "data:image/png;base64,..."; empty if its sizes and its pixels do not fit
/// each other.
std::string PngDataUri(const GalleryImage& image);

/// Returns the examples on which variants disagree as HTML: picture, right class, what each variant
/// says. images: those without a disagreement are left out. Empty without disagreements.
std::string RenderGallery(const v1::AccuracyReport& report,
                          const std::vector<GalleryImage>& images);

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_GALLERY_H_
