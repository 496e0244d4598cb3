#ifndef ACTIUM_CLIENT_CLI_PROGRESS_H_
#define ACTIUM_CLIENT_CLI_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <string>

namespace actium::cli {

/// Returns the line that a progress bar shows, without control characters.
///
/// done: in [0, total]. total: >= 1. elapsed: since the start; the rate and the time left follow.
/// columns: width of the terminal; the line is shorter.
std::string ProgressLine(const std::string& title, const std::string& unit, int64_t done,
                         int64_t total, std::chrono::nanoseconds elapsed, int columns);

/// A bar on stderr that shows how far long work has come, at most ten times a second; silent if
/// stderr is no terminal. Removes itself at the end. Used by one thread at a time.
class Progress {
 public:
  /// unit: what is counted, as "images". total: >= 1.
  Progress(std::string title, std::string unit, int64_t total);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// done: in [0, total].
  void Update(int64_t done);

 private:
  const std::string title_;
  const std::string unit_;
  const int64_t total_;
  const bool visible_;
  const std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_PROGRESS_H_
