#include "client/report/gallery.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <string_view>

#include "absl/strings/escaping.h"
#include "client/report/charts_accuracy.h"
#include "client/report/html.h"
#include "client/report/words.h"

namespace actium::report {
namespace {

bool Fits(const GalleryImage& image) {
  return image.width >= 1 && image.height >= 1 && (image.channels == 1 || image.channels == 3) &&
         image.pixels.size() == static_cast<size_t>(image.width) *
                                    static_cast<size_t>(image.height) *
                                    static_cast<size_t>(image.channels);
}

// Both sides' own names: the report's, or the number of the example.
std::string NameOf(const v1::Disagreement& disagreement) {
  return disagreement.id().empty() ? fmt::format("example {}", disagreement.number())
                                   : disagreement.id();
}

std::string RenderPicture(const v1::Disagreement& disagreement,
                          const std::vector<GalleryImage>& images) {
  const auto found = std::find_if(images.begin(), images.end(), [&](const GalleryImage& image) {
    return image.number == disagreement.number();
  });
  const std::string uri = found == images.end() ? "" : PngDataUri(*found);
  if (uri.empty()) return "";
  // Small pictures are enlarged, so that their pixels stay what they are.
  const char* kind = std::max(found->width, found->height) <= 64 ? "pixels" : "photo";
  return fmt::format("<img class=\"{}\" src=\"{}\" alt=\"{}\">\n", kind, uri,
                     Escape(NameOf(disagreement)));
}

std::string RenderAnswers(const v1::AccuracyReport& report, const v1::Disagreement& disagreement) {
  std::string html = "<table>\n";
  const int count = std::min(
      {report.variants_size(), disagreement.predicted_size(), disagreement.probability_size()});
  for (int i = 0; i < count; ++i) {
    const int predicted = disagreement.predicted(i);
    const char* kind = disagreement.label() < 0            ? "open"
                       : predicted == disagreement.label() ? "right"
                                                           : "wrong";
    html += fmt::format(
        "<tr class=\"{}\"><th scope=\"row\">{}</th><td>{}</td><td class=\"number\">{} "
        "%</td></tr>\n",
        kind, Escape(report.variants(i).variant()), Escape(ClassName(report, predicted)),
        Number(100 * disagreement.probability(i), 0));
  }
  return html + "</table>\n";
}

std::string RenderCard(const v1::AccuracyReport& report, const v1::Disagreement& disagreement,
                       const std::vector<GalleryImage>& images) {
  const std::string label =
      disagreement.label() < 0
          ? ""
          : fmt::format("<strong>{}</strong> ", Escape(ClassName(report, disagreement.label())));
  return fmt::format("<div class=\"card\">\n{}<p>{}<span class=\"soft\">{}</span></p>\n{}</div>\n",
                     RenderPicture(disagreement, images), label, Escape(NameOf(disagreement)),
                     RenderAnswers(report, disagreement));
}

}  // namespace

std::string PngDataUri(const GalleryImage& image) {
  if (!Fits(image)) return "";
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = image.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  std::string bytes(PNG_IMAGE_PNG_SIZE_MAX(png), '\0');
  png_alloc_size_t size = bytes.size();
  if (png_image_write_to_memory(&png, bytes.data(), &size, 0, image.pixels.data(), 0, nullptr) ==
      0) {
    return "";
  }
  return "data:image/png;base64," + absl::Base64Escape({bytes.data(), size});
}

std::string RenderGallery(const v1::AccuracyReport& report,
                          const std::vector<GalleryImage>& images) {
  if (report.disagreements_size() == 0) return "";
  std::string html = fmt::format(
      "<h3>Where they disagree</h3>\n<p class=\"soft\">{} of {} examples on which variants predict "
      "different classes, with each one’s class and its probability.</p>\n<div "
      "class=\"gallery\">\n",
      report.disagreements_size(), report.disagreement_count());
  for (const v1::Disagreement& disagreement : report.disagreements()) {
    html += RenderCard(report, disagreement, images);
  }
  return html + "</div>\n";
}

}  // namespace actium::report
