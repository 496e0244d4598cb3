#include "client/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "client/cli/picture.h"
#include "client/cli/terminal.h"

namespace actium::cli {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(100);

}  // namespace

std::string ProgressLine(const std::string& title, const std::string& unit, int64_t done,
                         int64_t total, std::chrono::nanoseconds elapsed, int columns) {
  const double seconds = std::chrono::duration<double>(elapsed).count();
  const double fraction = static_cast<double>(done) / static_cast<double>(total);
  std::string numbers =
      fmt::format("{:3.0f} %  {}/{} {}", std::floor(fraction * 100), done, total, unit);
  if (done > 0 && seconds > 0) {
    numbers += fmt::format("  {:.0f}/s  {:.0f} s left", static_cast<double>(done) / seconds,
                           seconds * (1 / fraction - 1));
  }
  constexpr int kWidestBar = 30;
  const int left = columns - 1 - static_cast<int>(DisplayWidth(title) + DisplayWidth(numbers)) - 4;
  if (left < 5)
    return fmt::format("{}  {}", title, numbers).substr(0, static_cast<size_t>(columns - 1));
  return fmt::format("{} |{}| {}", title, RenderBar(fraction, std::min(left, kWidestBar)), numbers);
}

Progress::Progress(std::string title, std::string unit, int64_t total)
    : title_(std::move(title)),
      unit_(std::move(unit)),
      total_(total),
      visible_(IsTerminal(STDERR_FILENO)),
      start_(std::chrono::steady_clock::now()),
      next_(start_) {}

Progress::~Progress() {
  if (visible_) std::fputs("\r\x1b[K", stderr);
}

void Progress::Update(int64_t done) {
  const auto now = std::chrono::steady_clock::now();
  if (!visible_ || now < next_) return;
  next_ = now + kInterval;
  const std::string line =
      ProgressLine(title_, unit_, done, total_, now - start_, TerminalColumns(STDERR_FILENO));
  fmt::print(stderr, "\r{}\x1b[K", line);
  std::fflush(stderr);
}

}  // namespace actium::cli
