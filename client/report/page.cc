#include <fmt/format.h>
#include <openssl/sha.h>

#include <vector>

#include "absl/strings/escaping.h"
#include "client/report/assets.h"
#include "client/report/html.h"
#include "client/report/report.h"
#include "client/report/sections.h"
#include "client/report/words.h"

namespace actium::report {
namespace {

// As a content security policy names a script.
std::string HashOf(std::string_view script) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(script.data()), script.size(), digest);
  const std::string encoded =
      absl::Base64Escape({reinterpret_cast<const char*>(digest), sizeof(digest)});
  return fmt::format("'sha256-{}'", encoded);
}

std::vector<std::string_view> Scripts() {
  return {VegaScript(), VegaLiteScript(), VegaEmbedScript(), PageScript()};
}

// Nothing is fetched, and only our scripts run. Vega adds style elements when it starts, so
// styles cannot be named by their hashes.
std::string Policy() {
  std::string scripts;
  for (const std::string_view script : Scripts()) scripts += " " + HashOf(script);
  return "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
         "style-src 'unsafe-inline'; script-src" +
         scripts;
}

std::string Title(const Inputs& inputs) {
  std::string names;
  const auto variants = VariantNames(inputs);
  for (size_t i = 0; i < variants.size(); ++i) {
    if (i > 0) names += i + 1 == variants.size() ? " and " : ", ";
    names += variants[i];
  }
  return names.empty() ? "Comparison" : "Comparison of " + names;
}

template <class Report>
std::string Verdict(const char* kind, const Report* report, const std::vector<std::string>& names) {
  if (report == nullptr) return "";
  // What takes more than three lines is no headline any more.
  const char* style = report->headline().size() > 220 ? "long" : "short";
  return fmt::format("<p class=\"{}\"><span class=\"kind\">{}</span>{}</p>\n", style, kind,
                     Escape(Sentence(report->headline(), names)));
}

template <class Report>
std::string Warnings(const Report* report, const std::vector<std::string>& names) {
  std::string items;
  if (report == nullptr) return items;
  for (const std::string& warning : report->warnings()) {
    items += fmt::format("<li>{}</li>\n", Escape(Sentence(warning, names)));
  }
  return items;
}

template <class Report>
std::string Unit(const Report* report) {
  if (report == nullptr || report->inference_unit().empty()) return "";
  return fmt::format("<p class=\"soft\">About {}.</p>\n", Escape(report->inference_unit()));
}

std::string Summary(const Inputs& inputs) {
  const auto names = VariantNames(inputs);
  std::string html = fmt::format("<header>\n<h1>{}</h1>\n", Escape(Title(inputs)));
  if (!inputs.facts.date.empty()) {
    html += fmt::format("<p class=\"soft\">{}</p>\n", Escape(inputs.facts.date));
  }
  html += "<div class=\"verdicts\">\n" + Verdict("Accuracy", inputs.accuracy, names) +
          Verdict("Latency", inputs.latency, names) +
          Verdict("Training seeds", inputs.seeds, names) + "</div>\n";
  html += Unit(inputs.accuracy) + Unit(inputs.latency) + Unit(inputs.seeds);
  const std::string warnings = Warnings(inputs.accuracy, names) + Warnings(inputs.latency, names) +
                               Warnings(inputs.seeds, names);
  if (!warnings.empty()) {
    html += "<div class=\"notes\"><strong>Before you rely on this</strong>\n<ul>\n" + warnings +
            "</ul></div>\n";
  }
  return html;
}

std::string Navigation(const std::vector<Section>& sections) {
  std::string links;
  for (const Section& section : sections) {
    if (section.html.empty()) continue;
    links += fmt::format("<a href=\"#{}\">{}</a>\n", section.id, Escape(section.title));
  }
  return "<nav>\n" + links + "</nav>\n</header>\n";
}

std::string Body(const Inputs& inputs) {
  const std::vector<Section> sections = {OverviewSection(inputs),    AccuracySection(inputs),
                                         LatencySection(inputs),     SeedsSection(inputs),
                                         ActivationsSection(inputs), RunSection(inputs)};
  std::string html = Summary(inputs) + Navigation(sections) + "<main>\n";
  for (const Section& section : sections) {
    if (section.html.empty()) continue;
    html += fmt::format("<section>\n<h2 id=\"{}\">{}</h2>\n{}</section>\n", section.id,
                        Escape(section.title), section.html);
  }
  html += "</main>\n<noscript><p>The charts need JavaScript; the tables do not.</p></noscript>\n";
  return html;
}

}  // namespace

std::string MakePage(const Inputs& inputs) {
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n<!--\n{}-->\n",
      Policy(), Escape(Title(inputs)), PageStyle(), Licences());
  html += Body(inputs);
  for (const std::string_view script : Scripts())
    html += fmt::format("<script>{}</script>\n", script);
  return html + "</body>\n</html>\n";
}

}  // namespace actium::report
