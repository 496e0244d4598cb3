// What the batcher promises, seen from outside through a real server: rows are batched under load
// and none is lost, doubled or mixed up; nobody waits without load; models share the cores fairly.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "actium/client.h"
#include "actium/tensors.h"
#include "tests/integration/shipped_models.h"
#include "tests/support/server_process.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using std::chrono::steady_clock;

class BatchingTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { ACTIUM_ASSERT_OK_AND_ASSIGN(images_, ReadTestImages()); }

  void SetUp() override {
    ACTIUM_ASSERT_OK_AND_ASSIGN(
        server_,
        StartServer("actium-server", {"--model-repository", ShippedRepository().string()}));
    ACTIUM_ASSERT_OK_AND_ASSIGN(client_, client::Client::Create({.address = server_->address()}));
  }

  void TearDown() override {
    if (server_ != nullptr) {
      EXPECT_EQ(server_->Terminate(), 0) << server_->Log();
    }
  }

  v1::ModelVersionStatistics Statistics(const std::string& model) {
    const auto statistics = client_->DetailedStatistics(model);
    EXPECT_THAT(statistics, IsOk());
    EXPECT_EQ(statistics->versions_size(), 1);
    return statistics->versions(0);
  }

  static inline Images images_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<client::Client> client_;
};

TEST_F(BatchingTest, UnderLoadRowsAreBatchedAndEachAnswerIsItsOwnImages) {
  constexpr int kConcurrency = 64;
  const std::string model = "mish";
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto expected, EvaluateInProcess(model, images_, 64));
  std::atomic<int> next = 0;
  std::atomic<int> mixed_up = 0;
  std::atomic<int> failed = 0;
  std::vector<std::atomic<int>> answers(static_cast<size_t>(images_.count()));
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kConcurrency; ++caller) {
    callers.emplace_back([&] {
      for (int i = next++; i < images_.count(); i = next++) {
        const auto answer = client_->Infer(ImageRequest(model, images_.Slice(i, 1)));
        const auto logits = answer.ok() ? client::OutputValues<float>(*answer, "logits")
                                        : absl::StatusOr<std::vector<float>>(answer.status());
        if (!logits.ok() || logits->size() != kClasses) {
          ++failed;
          continue;
        }
        ++answers[static_cast<size_t>(i)];
        const auto own = std::span(expected).subspan(static_cast<size_t>(i) * kClasses, kClasses);
        float largest = 0;
        float difference = 0;
        for (size_t c = 0; c < kClasses; ++c) {
          largest = std::max(largest, std::abs(own[c]));
          difference = std::max(difference, std::abs(own[c] - (*logits)[c]));
        }
        mixed_up += difference > 1e-5f * largest;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();

  EXPECT_EQ(failed, 0);
  EXPECT_EQ(mixed_up, 0) << "answers that are not those of their own image";
  EXPECT_TRUE(std::all_of(answers.begin(), answers.end(), [](const auto& n) { return n == 1; }));
  const auto statistics = Statistics(model);
  fmt::print("concurrency {}, single images: mean executed batch {:.2f}, must be >= 4: {}\n",
             kConcurrency, statistics.mean_batch_rows(),
             statistics.mean_batch_rows() >= 4 ? "PASS" : "FAIL");
  EXPECT_GE(statistics.mean_batch_rows(), 4);
  EXPECT_EQ(statistics.rows(), images_.count());
  EXPECT_EQ(statistics.succeeded_requests(), images_.count());
}

TEST_F(BatchingTest, AtConcurrencyOneNothingWaits) {
  const std::string model = "relu";
  constexpr int kRequests = 500;
  for (int i = 0; i < kRequests; ++i) {
    ACTIUM_ASSERT_OK(client_->Infer(ImageRequest(model, images_.Slice(i, 1))));
  }
  const auto statistics = Statistics(model);
  EXPECT_EQ(statistics.batches(), kRequests);
  EXPECT_EQ(statistics.closed().worker_free(), kRequests) << "every request found a free worker";
  for (const auto& latency : statistics.latencies()) {
    if (latency.stage() != v1::STAGE_QUEUE) continue;
    // A hand-over to a sleeping thread; a delay of any kind would be a millisecond or more.
    fmt::print("concurrency 1: median time in the queue {} ns, must be < 1000000: {}\n",
               latency.histogram().p50_ns(),
               latency.histogram().p50_ns() < 1000000 ? "PASS" : "FAIL");
    EXPECT_LT(latency.histogram().p50_ns(), 1000000);
  }
}

TEST_F(BatchingTest, ModelsUnderLoadShareTheCoresFairly) {
  const std::vector<std::string> models = ShippedModels();
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto info, client_->ServerInfo());
  // Requests of 16 rows, so that the compute is scarce and not the wire.
  constexpr int kRows = 16;
  constexpr int kCallersPerModel = 4;
  std::atomic<bool> stop = false;
  std::vector<std::thread> callers;
  std::atomic<int> failed = 0;
  for (const std::string& model : models) {
    for (int caller = 0; caller < kCallersPerModel; ++caller) {
      callers.emplace_back([&, model] {
        const auto request = ImageRequest(model, images_.Slice(0, kRows));
        while (!stop) failed += !client_->Infer(request).ok();
      });
    }
  }
  const auto compute = [&](const std::string& model) {
    const auto statistics = client_->ModelStatistics(model);
    EXPECT_THAT(statistics, IsOk());
    double seconds = 0;
    for (const auto& batch : statistics->model_stats(0).batch_stats()) {
      seconds += static_cast<double>(batch.compute_infer().ns()) / 1e9;
    }
    return seconds;
  };
  std::this_thread::sleep_for(std::chrono::milliseconds(500));  // All callers are at it.
  std::map<std::string, double> shares;
  const auto begin = steady_clock::now();
  for (const std::string& model : models) shares[model] = -compute(model);
  std::this_thread::sleep_for(std::chrono::seconds(4));
  double total = 0;
  for (const std::string& model : models) total += shares[model] += compute(model);
  const double elapsed = std::chrono::duration<double>(steady_clock::now() - begin).count();
  stop = true;
  for (std::thread& caller : callers) caller.join();

  EXPECT_EQ(failed, 0);
  const double fair = total / static_cast<double>(models.size());
  for (const std::string& model : models) {
    const double share = shares[model] / fair;
    fmt::print("{:<11} {:.2f} of its fair share of compute time, must be >= 0.50: {}\n", model,
               share, share >= 0.5 ? "PASS" : "FAIL");
    EXPECT_GE(share, 0.5) << model;
  }
  fmt::print("{} models, {} compute threads, {:.2f} threads busy on average\n", models.size(),
             info.compute_threads(), total / elapsed);
  EXPECT_LE(total / elapsed, info.compute_threads() * 1.05) << "more threads than cores compute";
}

}  // namespace
}  // namespace actium::test
