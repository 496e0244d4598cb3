#include "client/cli/load_generator.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "client/cli/load_recorder.h"

namespace actium::cli {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using TimePoint = steady_clock::time_point;

// A closed loop while it runs. Slots send one request after another, each on the thread that got
// the answer to the one before.
class ClosedRun {
 public:
  ClosedRun(const ClosedLoop& loop, const Send& send, const PacingClock& clock)
      : loop_(loop),
        send_(send),
        clock_(clock),
        start_(clock.now()),
        count_from_(start_ + loop.warm_up),
        end_(loop.requests > 0 ? TimePoint::max() : count_from_ + loop.duration),
        slots_(static_cast<size_t>(loop.concurrency)),
        running_(loop.concurrency) {}

  LoadResult Run() {
    for (Slot& slot : slots_) Pump(slot);
    recorder_.WaitForAll([this] { return running_ == 0; }, loop_.on_progress);
    LoadResult result = recorder_.Take();
    const TimePoint until = loop_.requests > 0 ? recorder_.last_answer() : end_;
    result.elapsed = std::max<nanoseconds>(until - count_from_, nanoseconds(0));
    return result;
  }

 private:
  // Answers may come inside send_. To keep the stack flat, Pump goes on itself after those, and
  // whoever brings a later answer pumps again: the second of the two to exchange the state.
  enum State : int { kSending, kAnswered, kWaiting };
  struct Slot {
    std::atomic<State> state = kSending;
  };

  void Pump(Slot& slot) {
    while (true) {
      const int64_t number = next_.fetch_add(1, std::memory_order_relaxed);
      const TimePoint sent = clock_.now();
      if (sent >= end_ || (loop_.requests > 0 && number >= loop_.requests)) {
        --running_;
        return;
      }
      slot.state = kSending;
      recorder_.OnSent();
      send_(number, [this, &slot, sent](absl::Status status) { OnAnswer(slot, sent, status); });
      if (slot.state.exchange(kWaiting) != kAnswered) return;
    }
  }

  void OnAnswer(Slot& slot, TimePoint sent, const absl::Status& status) {
    const TimePoint now = clock_.now();
    const bool last = slot.state.exchange(kAnswered) == kSending;
    // The next request goes out before this answer is counted, so that the run cannot end, nor
    // this object with it, in between.
    if (!last) Pump(slot);
    recorder_.OnAnswer(status, now - sent, now >= count_from_ && now < end_, now);
  }

  const ClosedLoop& loop_;
  const Send& send_;
  const PacingClock& clock_;
  const TimePoint start_;
  const TimePoint count_from_;
  const TimePoint end_;
  std::vector<Slot> slots_;
  std::atomic<int> running_;  // Slots that will send again.
  std::atomic<int64_t> next_ = 0;
  LoadRecorder recorder_;
};

}  // namespace

PacingClock RealPacingClock() {
  return {.now = [] { return steady_clock::now(); },
          .wait_until = [](TimePoint time) { std::this_thread::sleep_until(time); }};
}

LoadResult RunClosedLoop(const ClosedLoop& loop, const Send& send, const PacingClock& clock) {
  return ClosedRun(loop, send, clock).Run();
}

LoadResult RunOpenLoop(const OpenLoop& loop, const Send& send, const PacingClock& clock) {
  LoadRecorder recorder;
  const TimePoint start = clock.now();
  const TimePoint count_from = start + loop.warm_up;
  const TimePoint end = count_from + loop.duration;
  for (int64_t number = 0;; ++number) {
    // From the start each time: adding intervals up would add up their rounding.
    const TimePoint due =
        start + nanoseconds(static_cast<int64_t>(1e9 * static_cast<double>(number) / loop.rate));
    if (due >= end) break;
    clock.wait_until(due);
    recorder.WaitForRoom(loop.most_in_flight);
    recorder.OnSent();
    send(number, [&recorder, &clock, due, counted = due >= count_from](absl::Status status) {
      const TimePoint now = clock.now();
      recorder.OnAnswer(status, now - due, counted, now);
    });
    if (loop.on_progress != nullptr && number % 64 == 0) loop.on_progress(recorder.answers());
  }
  recorder.WaitForAll([] { return true; }, loop.on_progress);
  LoadResult result = recorder.Take();
  result.elapsed = std::max(end, recorder.last_answer()) - count_from;
  return result;
}

}  // namespace actium::cli
