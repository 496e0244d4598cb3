#include "server/batching/request_queue.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "fmt/format.h"

namespace actium::batching {
namespace {

using observe::DropReason;

// Least time between two passes over a queue that look for cancelled requests.
constexpr std::chrono::milliseconds kPassInterval{10};

// The dimensions that requests of one batch share: all, or all behind the batch dimension.
std::span<const int64_t> SharedDimensions(const PendingRequest& request, size_t input) {
  return std::span(request.request.inputs[static_cast<size_t>(request.inputs[input])].shape)
      .subspan(1);
}

bool SameShapes(const PendingRequest& a, const PendingRequest& b) {
  for (size_t i = 0; i < a.inputs.size(); ++i) {
    const auto left = SharedDimensions(a, i);
    const auto right = SharedDimensions(b, i);
    if (!std::equal(left.begin(), left.end(), right.begin(), right.end())) return false;
  }
  return true;
}

// FNV-1a over the dimensions: tells most differing shapes apart without a look at the request.
uint64_t ShapeKey(const PendingRequest& request) {
  constexpr uint64_t kPrime = 0x100000001b3;
  uint64_t key = 0xcbf29ce484222325;
  for (size_t i = 0; i < request.inputs.size(); ++i) {
    for (const int64_t size : SharedDimensions(request, i)) {
      key = (key ^ static_cast<uint64_t>(size)) * kPrime;
    }
  }
  return key;
}

std::optional<DropReason> WhyDead(const PendingRequest& request, base::TimePoint expires,
                                  base::TimePoint now) {
  if (request.request.cancellation && request.request.cancellation->cancelled()) {
    return DropReason::kCancelled;
  }
  if (expires <= now) return DropReason::kExpired;
  return std::nullopt;
}

DroppedRequest Drop(std::unique_ptr<PendingRequest> request, DropReason reason) {
  ModelQueue* const queue = request->queue;
  const observe::TrafficClass traffic = request->request.traffic;
  return {.request = std::move(request), .reason = reason, .queue = queue, .traffic = traffic};
}

}  // namespace

RequestQueue::RequestQueue(const QueueOptions& options, int max_batch_size, bool batched,
                           bool fixed_shapes)
    : policy_{.max_batch_size = std::max(1, max_batch_size),
              .preferred_batch_sizes = options.preferred_batch_sizes,
              .max_queue_delay = options.max_queue_delay},
      capacity_(options.max_queue_size),
      default_timeout_(options.default_timeout),
      allow_timeout_override_(options.allow_timeout_override),
      batched_(batched),
      fixed_shapes_(fixed_shapes) {}

absl::Status RequestQueue::Push(std::unique_ptr<PendingRequest>& request, base::TimePoint now) {
  if (size_ >= capacity_) {
    return absl::UnavailableError(
        fmt::format("queue full: {} requests wait, max_queue_size is {}", size_, capacity_));
  }
  const base::TimePoint expires = ExpiryOf(request->request, now);
  Group& group = GroupFor(*request);
  request->enqueued = now;
  next_expiry_ = std::min(next_expiry_, expires);
  ++size_;
  group.requests.push_back({std::move(request), next_sequence_++, expires});
  return absl::OkStatus();
}

RequestQueue::Look RequestQueue::LookAt(base::TimePoint now, bool closing, int sharers) const {
  Look best;
  uint64_t best_sequence = 0;
  for (size_t i = 0; i < groups_.size(); ++i) {
    const Group& group = groups_[i];
    if (group.requests.empty()) continue;
    const bool due = best.decision.rows_to_take > 0;
    if (due && group.requests.front().sequence > best_sequence) continue;

    const Decision decision = DecideFor(group, now, closing, sharers);
    if (decision.rows_to_take > 0) {
      best = {.group = i, .decision = decision};
      best_sequence = group.requests.front().sequence;
    } else if (!due) {
      best.decision.wake_at = std::min(best.decision.wake_at, decision.wake_at);
    }
  }
  return best;
}

int RequestQueue::Take(const Look& look, base::TimePoint now,
                       std::vector<std::unique_ptr<PendingRequest>>& batch,
                       std::vector<DroppedRequest>& dropped) {
  Group& group = groups_[look.group];
  int taken = 0;
  while (!group.requests.empty()) {
    Waiting& oldest = group.requests.front();
    const int rows = oldest.request->rows;
    const auto dead = WhyDead(*oldest.request, oldest.expires, now);
    if (!dead && taken + rows > look.decision.rows_to_take) break;
    if (dead) {
      dropped.push_back(Drop(std::move(oldest.request), *dead));
    } else {
      taken += rows;
      batch.push_back(std::move(oldest.request));
    }
    group.requests.pop_front();
    Removed();
    if (group.alone && !dead) break;
  }
  return taken;
}

bool RequestQueue::MayHoldDead(base::TimePoint now) const {
  return next_expiry_ <= now || last_pass_ < now - kPassInterval;
}

void RequestQueue::DropDead(base::TimePoint now, std::vector<DroppedRequest>& dropped) {
  last_pass_ = now;
  base::TimePoint next = base::TimePoint::max();
  for (Group& group : groups_) {
    std::erase_if(group.requests, [&](Waiting& waiting) {
      const auto dead = WhyDead(*waiting.request, waiting.expires, now);
      if (!dead) {
        next = std::min(next, waiting.expires);
        return false;
      }
      Removed();
      dropped.push_back(Drop(std::move(waiting.request), *dead));
      return true;
    });
  }
  next_expiry_ = next;
}

void RequestQueue::DropAll(std::vector<DroppedRequest>& dropped) {
  for (Group& group : groups_) {
    for (Waiting& waiting : group.requests) {
      dropped.push_back(Drop(std::move(waiting.request), DropReason::kUnloaded));
    }
  }
  groups_.clear();
  size_ = 0;
  next_expiry_ = base::TimePoint::max();
}

RequestQueue::Group& RequestQueue::GroupFor(const PendingRequest& request) {
  const bool alone = request.request.alone || !batched_;
  const bool compare = !alone && !fixed_shapes_;
  const uint64_t key = compare ? ShapeKey(request) : 0;
  Group* empty = nullptr;
  for (Group& group : groups_) {
    if (group.requests.empty()) {
      empty = &group;
    } else if (group.alone == alone && group.key == key &&
               (!compare || SameShapes(*group.requests.front().request, request))) {
      return group;
    }
  }
  if (empty == nullptr) empty = &groups_.emplace_back();
  empty->alone = alone;
  empty->key = key;
  return *empty;
}

Decision RequestQueue::DecideFor(const Group& group, base::TimePoint now, bool closing,
                                 int sharers) const {
  absl::InlinedVector<int, 64> row_ends;
  const int full = full_rows();
  int rows = 0;
  for (const Waiting& waiting : group.requests) {
    rows += waiting.request->rows;
    row_ends.push_back(rows);
    if (group.alone || rows >= full) break;
  }
  return Decide({.row_ends = row_ends,
                 .oldest_since = group.requests.front().request->enqueued,
                 .alone = group.alone,
                 .closing = closing,
                 .sharers = sharers},
                policy_, now);
}

base::TimePoint RequestQueue::ExpiryOf(const InferRequest& request, base::TimePoint now) const {
  if (request.deadline <= now) return request.deadline;
  std::chrono::nanoseconds timeout = default_timeout_;
  if (allow_timeout_override_ && request.timeout > std::chrono::nanoseconds::zero() &&
      (timeout <= std::chrono::nanoseconds::zero() || request.timeout < timeout)) {
    timeout = request.timeout;
  }
  // Compared as durations: now + timeout may lie beyond what a TimePoint holds.
  if (timeout <= std::chrono::nanoseconds::zero() || timeout >= request.deadline - now) {
    return request.deadline;
  }
  return now + timeout;
}

void RequestQueue::Removed() {
  if (--size_ == 0) next_expiry_ = base::TimePoint::max();
}

}  // namespace actium::batching
