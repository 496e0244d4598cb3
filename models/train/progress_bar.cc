#include "models/train/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace actium::train {
namespace {

constexpr int kBarWidth = 24;
constexpr auto kRedrawAfter = std::chrono::milliseconds(100);

}  // namespace

std::string RenderProgress(const std::string& name, int epochs, const Progress& progress,
                           std::chrono::duration<double> elapsed) {
  const double done = static_cast<double>(progress.step) / static_cast<double>(progress.steps);
  const auto filled = static_cast<size_t>(done * kBarWidth);
  const double seconds = std::max(elapsed.count(), 1e-3);
  const double left = done > 0 ? seconds / done - seconds : 0;
  return fmt::format(
      "{:.20} epoch {}/{} [{:-<{}}] {:3.0f} %  loss {:.3f}  {:.0f} images/s  {:.0f} s left", name,
      progress.epoch, epochs, std::string(filled, '#'), kBarWidth, done * 100, progress.loss,
      static_cast<double>(progress.images) / seconds, left);
}

ProgressBar::ProgressBar(std::string name, int epochs)
    : name_(std::move(name)), epochs_(epochs), terminal_(isatty(STDERR_FILENO) == 1) {}

void ProgressBar::Show(const Progress& progress) {
  if (!terminal_) return;
  const Clock::time_point now = Clock::now();
  if (progress.step == 1) epoch_began_ = now;
  if (progress.step != progress.steps && now - drawn_ < kRedrawAfter) return;
  drawn_ = now;
  fmt::print(stderr, "\r\033[K{}", RenderProgress(name_, epochs_, progress, now - epoch_began_));
  std::fflush(stderr);
}

void ProgressBar::Clear() {
  if (!terminal_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
}

}  // namespace actium::train
