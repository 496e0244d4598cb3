#include "client/cli/comparison_page.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <thread>
#include <utility>

#include "client/cli/image.h"
#include "client/report/report.h"

namespace actium::cli {
namespace {

// Longer side of a picture on the page, pixels; it is shown at no more than half of that.
constexpr int kMostSide = 256;

std::string Now() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(now));
}

// As a shell would read it again.
std::string Quoted(const std::string& argument) {
  const char* safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=,./:@%";
  if (!argument.empty() && argument.find_first_not_of(safe) == std::string::npos) return argument;
  std::string quoted = "'";
  for (const char c : argument) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

// Of this process.
std::string CommandLine() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::string line, argument;
  while (std::getline(file, argument, '\0')) {
    if (line.empty()) argument = std::filesystem::path(argument).filename();
    line += (line.empty() ? "" : " ") + Quoted(argument);
  }
  return line;
}

// As /proc/cpuinfo names it; empty if it does not.
std::string ProcessorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "";
}

std::string Machine() {
  std::string name = ProcessorName();
  if (!name.empty()) name += ", ";
  utsname system{};
  uname(&system);
  return fmt::format("{}{} processors, {} {} {}", name, std::thread::hardware_concurrency(),
                     system.sysname, system.release, system.machine);
}

std::string Server(const v1::GetServerInfoResponse& info) {
  std::string text = fmt::format("actium-server {}, {} on {}, {} threads of compute, {} of a run",
                                 info.version(), info.cpu_affinity(), info.device(),
                                 info.compute_threads(), info.intra_op_threads());
  if (info.cpu_quota() > 0) text += fmt::format(", quota of {:g} processors", info.cpu_quota());
  return text;
}

report::RunFacts FactsOf(Session& session, const ComparisonResults& results) {
  report::RunFacts facts;
  facts.command_line = CommandLine();
  facts.date = Now();
  facts.program = "actium " ACTIUM_VERSION;
  if (results.data) facts.more.emplace_back("Data", Describe(*results.data));
  const bool is_private = !session.local_repository.empty();
  facts.more.emplace_back(is_private ? "Machine" : "Machine of the client", Machine());
  if (!is_private) facts.more.emplace_back("Server's address", session.server);
  if (const auto server = session.Connect(); server.ok()) {
    if (const auto info = (*server)->ServerInfo(); info.ok()) {
      facts.more.emplace_back("Server", Server(*info));
    }
  }
  return facts;
}

Image Reduced(const Image& image) {
  const int longer = std::max(image.width, image.height);
  if (longer <= kMostSide) return image;
  const auto side = [longer](int pixels) { return std::max(1, pixels * kMostSide / longer); };
  return Resized(image, side(image.width), side(image.height));
}

std::vector<report::GalleryImage> GalleryOf(const ComparisonResults& results) {
  std::vector<report::GalleryImage> gallery;
  if (!results.accuracy || !results.data) return gallery;
  for (const v1::Disagreement& disagreement : results.accuracy->disagreements()) {
    auto picture = ReadPicture(*results.data->source, disagreement.number());
    if (!picture) continue;
    Image image = Reduced(*picture);
    gallery.push_back({.number = disagreement.number(),
                       .width = image.width,
                       .height = image.height,
                       .channels = image.channels,
                       .pixels = std::move(image.pixels)});
  }
  return gallery;
}

}  // namespace

std::string MakeComparisonPage(Session& session, const ComparisonResults& results) {
  return report::MakePage({.accuracy = results.accuracy ? &*results.accuracy : nullptr,
                           .latency = results.latency ? &*results.latency : nullptr,
                           .seeds = results.seeds ? &*results.seeds : nullptr,
                           .gallery = GalleryOf(results),
                           .facts = FactsOf(session, results)});
}

}  // namespace actium::cli
