#ifndef ACTIUM_MODELS_TRAIN_PROGRESS_BAR_H_
#define ACTIUM_MODELS_TRAIN_PROGRESS_BAR_H_

#include <chrono>
#include <string>

#include "models/train/trainer.h"

namespace actium::train {

/// Returns one line about a running epoch: bar, share, loss, images a second, time left in the
/// epoch.
///
/// elapsed: since the epoch began, >= 0 s. The line has no end and at most 120 columns.
std::string RenderProgress(const std::string& name, int epochs, const Progress& progress,
                           std::chrono::duration<double> elapsed);

/// Shows on standard error how training goes, only if that is a terminal; a line drawn over itself,
/// at most ten times a second. Not thread-safe.
class ProgressBar {
 public:
  /// name: of the variant. epochs: of the whole run.
  ProgressBar(std::string name, int epochs);

  void Show(const Progress& progress);

  /// Leaves the line blank for other output.
  void Clear();

 private:
  using Clock = std::chrono::steady_clock;

  const std::string name_;
  const int epochs_;
  const bool terminal_;
  Clock::time_point epoch_began_;
  Clock::time_point drawn_;
};

}  // namespace actium::train

#endif  // ACTIUM_MODELS_TRAIN_PROGRESS_BAR_H_
