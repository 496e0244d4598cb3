#include "client/src/call.h"

#include <grpcpp/alarm.h>

#include <mutex>
#include <random>

namespace actium::client {
namespace {

// Runs `body` once on one of gRPC's threads.
void After(std::chrono::nanoseconds delay, std::function<void()> body) {
  auto alarm = std::make_shared<grpc::Alarm>();
  const auto at = std::chrono::system_clock::now() +
                  std::chrono::duration_cast<std::chrono::system_clock::duration>(delay);
  // The alarm owns the function and the function the alarm, until it has run.
  alarm->Set(at, [alarm, body = std::move(body)](bool) mutable {
    body();
    alarm.reset();
  });
}

double Random() {
  static std::mutex mutex;
  static std::mt19937_64 generator{std::random_device{}()};
  std::lock_guard lock(mutex);
  return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

}  // namespace

void CallCount::Enter() {
  std::lock_guard lock(mutex_);
  ++count_;
}

void CallCount::Leave() {
  std::lock_guard lock(mutex_);
  if (--count_ == 0) none_.notify_all();
}

void CallCount::WaitForNone() {
  std::unique_lock lock(mutex_);
  none_.wait(lock, [this] { return count_ == 0; });
}

Surroundings RealSurroundings() {
  return {.now = [] { return std::chrono::steady_clock::now(); }, .after = After, .random = Random};
}

absl::Status FromGrpc(const grpc::Status& status) {
  return {static_cast<absl::StatusCode>(status.error_code()), status.error_message()};
}

std::optional<std::string> Pushback(const grpc::ClientContext& context) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find("grpc-retry-pushback-ms");
  if (found == trailers.end()) return std::nullopt;
  return std::string(found->second.data(), found->second.size());
}

}  // namespace actium::client
