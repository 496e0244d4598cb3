#include "client/cli/load_recorder.h"

#include <algorithm>
#include <string>
#include <utility>

namespace actium::cli {

int64_t LoadResult::failures() const {
  int64_t sum = 0;
  for (const auto& [code, count] : failed) sum += count;
  return sum;
}

double LoadResult::rate() const {
  const double seconds = std::chrono::duration<double>(elapsed).count();
  return seconds > 0 ? static_cast<double>(succeeded()) / seconds : 0;
}

void LoadResult::Merge(const LoadResult& other) {
  latency.Merge(other.latency);
  for (const auto& [code, count] : other.failed) failed[code] += count;
  if (first_error.empty()) first_error = other.first_error;
  elapsed += other.elapsed;
}

void LoadRecorder::OnSent() {
  std::lock_guard lock(mutex_);
  ++in_flight_;
}

void LoadRecorder::WaitForRoom(int most) {
  std::unique_lock lock(mutex_);
  wanted_in_flight_ = most - 1;
  changed_.wait(lock, [&] { return in_flight_ < most; });
}

void LoadRecorder::OnAnswer(const absl::Status& status, std::chrono::nanoseconds latency,
                            bool counted, TimePoint now) {
  std::lock_guard lock(mutex_);
  --in_flight_;
  ++answers_;
  last_answer_ = std::max(last_answer_, now);
  if (counted && status.ok()) {
    result_.latency.Record(latency.count());
  } else if (counted) {
    ++result_.failed[status.code()];
    if (result_.first_error.empty()) result_.first_error = std::string(status.message());
  }
  // Only if there is something to see: a thread woken by every answer would take the time of what
  // is measured. Inside the lock: once it is released, a caller that waits for this answer may
  // destroy us.
  if (in_flight_ <= wanted_in_flight_) changed_.notify_all();
}

void LoadRecorder::WaitForAll(const std::function<bool()>& finished,
                              const std::function<void(int64_t)>& on_progress) {
  constexpr auto kInterval = std::chrono::milliseconds(100);
  std::unique_lock lock(mutex_);
  wanted_in_flight_ = 0;
  const auto done = [&] { return in_flight_ == 0 && finished(); };
  while (!changed_.wait_for(lock, kInterval, done)) {
    if (on_progress == nullptr) continue;
    const int64_t answers = answers_;
    lock.unlock();
    on_progress(answers);
    lock.lock();
  }
}

LoadRecorder::TimePoint LoadRecorder::last_answer() const {
  std::lock_guard lock(mutex_);
  return last_answer_;
}

int64_t LoadRecorder::answers() const {
  std::lock_guard lock(mutex_);
  return answers_;
}

LoadResult LoadRecorder::Take() {
  std::lock_guard lock(mutex_);
  return std::move(result_);
}

}  // namespace actium::cli
