// The shipped models through the real server on the CUDA engine, whose kernels the stand-in runs on
// the CPU: the answers of the CPU engine, in every precision.
//
// ACTIUM_CUDA_IMAGES: how many test images in fp32, 64 if unset; half of them in other precisions,
// or all 10,000 in both. ACTIUM_CUDA_PLUGIN: a plug-in instead of the stand-in, to run on a GPU.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "actium/client.h"
#include "actium/tensors.h"
#include "tests/integration/shipped_models.h"
#include "tests/support/environment.h"
#include "tests/support/server_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::test {
namespace {

constexpr int kBatch = 8;  // Small, as the stand-in is slow.

std::string Plugin() {
  const char* const named = std::getenv("ACTIUM_CUDA_PLUGIN");
  return named == nullptr ? ACTIUM_BINARY_DIR "/lib/libactium_cuda_stand_in.so" : named;
}

// A server with a client.
struct Served {
  std::unique_ptr<ServerProcess> server;
  std::unique_ptr<client::Client> client;

  absl::Status Start(const std::vector<std::string>& arguments) {
    ACTIUM_ASSIGN_OR_RETURN(server, StartServer("actium-server", arguments));
    ACTIUM_ASSIGN_OR_RETURN(client, client::Client::Create({.address = server->address()}));
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<float>> Logits(const std::string& model, const Images& images,
                                            int count) const {
    std::vector<float> logits;
    for (int first = 0; first < count; first += kBatch) {
      const int rows = std::min(kBatch, count - first);
      ACTIUM_ASSIGN_OR_RETURN(const auto answer,
                              client->Infer(ImageRequest(model, images.Slice(first, rows))));
      ACTIUM_ASSIGN_OR_RETURN(const auto values, client::OutputValues<float>(answer, "logits"));
      logits.insert(logits.end(), values.begin(), values.end());
    }
    return logits;
  }
};

// How far answers lie from those of the CPU engine.
struct Distance {
  int differing = 0;  // Images of another class although the two largest logits are far apart.
  double worst = 0;   // Largest logit difference over the row's largest logit.
};

// Margin between the two largest logits over the row's largest magnitude.
double Margin(std::span<const float> logits) {
  std::vector<float> sorted(logits.begin(), logits.end());
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  const double magnitude = std::max(std::abs(sorted.front()), std::abs(sorted.back()));
  return (static_cast<double>(sorted[0]) - sorted[1]) / magnitude;
}

Distance Compare(std::span<const float> ours, std::span<const float> right, double tie) {
  Distance distance;
  for (size_t at = 0; at < right.size(); at += kClasses) {
    const auto a = ours.subspan(at, kClasses);
    const auto b = right.subspan(at, kClasses);
    if (Argmax(a) != Argmax(b) && Margin(b) > tie) ++distance.differing;
    double largest = 0;
    double difference = 0;
    for (size_t c = 0; c < kClasses; ++c) {
      largest = std::max(largest, std::abs(static_cast<double>(b[c])));
      difference = std::max(difference, std::abs(static_cast<double>(a[c]) - b[c]));
    }
    distance.worst = std::max(distance.worst, difference / largest);
  }
  return distance;
}

struct Bound {
  double worst;
  double tie;
};

// Of lower precisions only the classes are promised; their logits are bounded by what a rounding of
// every result between comes to.
Bound BoundOf(const std::string& precision) {
  if (precision == "fp32") return {.worst = 1e-4, .tie = 1e-5};
  return {.worst = precision == "bf16" ? 0.1 : 0.02, .tie = 0.02};
}

class CudaModelsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ACTIUM_ASSERT_OK_AND_ASSIGN(images_, ReadTestImages());
    ACTIUM_ASSERT_OK(
        cpu_.Start({"--model-repository", ShippedRepository().string(), "--device", "cpu"}));
  }

  void ExpectSameAnswers(const std::vector<std::string>& models, const std::string& precision,
                         int count) {
    TempRepository repository;
    for (const std::string& model : models) {
      CopyShippedModel(
          model, repository.root(), model + "_" + precision, kBatch,
          fmt::format(
              "instance_group {{ kind: KIND_GPU }}\n"
              "parameters {{ key: \"actium.precision\" value {{ string_value: \"{}\" }} }}\n",
              precision));
    }
    Served gpu;
    ACTIUM_ASSERT_OK(gpu.Start({"--model-repository", repository.root().string(), "--device",
                                "cuda", "--gpu-tuning", "false", "--cuda-plugin", Plugin()}));
    const Bound bound = BoundOf(precision);
    count = std::min(count, images_.count());
    for (const std::string& model : models) {
      const std::string name = model + "_" + precision;
      SCOPED_TRACE(name);
      ACTIUM_ASSERT_OK_AND_ASSIGN(const auto config, gpu.client->ModelConfig(name));
      EXPECT_EQ(config.parameters().at("actium.engine").string_value(), "cuda");
      ACTIUM_ASSERT_OK_AND_ASSIGN(const auto right, cpu_.Logits(model, images_, count));
      ACTIUM_ASSERT_OK_AND_ASSIGN(const auto ours, gpu.Logits(name, images_, count));
      ASSERT_EQ(ours.size(), right.size());
      const Distance distance = Compare(ours, right, bound.tie);
      const bool pass = distance.differing == 0 && distance.worst <= bound.worst;
      fmt::print(
          "{:<16} {:>5} images  other classes {} (must be 0)  logits {:.1e} (<= {:.0e})  {}\n",
          name, count, distance.differing, distance.worst, bound.worst, pass ? "PASS" : "FAIL");
      EXPECT_TRUE(pass);
    }
    EXPECT_EQ(gpu.server->Terminate(), 0) << gpu.server->Log();
  }

  static int FloatImages() {
    return static_cast<int>(NumberFromEnvironment("ACTIUM_CUDA_IMAGES", 64, 1));
  }

  Images images_;
  Served cpu_;
};

TEST_F(CudaModelsTest, AllModelsInFp32AnswerAsOnTheCpu) {
  const std::vector<std::string> models = ShippedModels();
  ASSERT_EQ(models.size(), 11u);
  ExpectSameAnswers(models, "fp32", FloatImages());
}

TEST_F(CudaModelsTest, LowerPrecisionsGiveTheSameClasses) {
  for (const std::string precision : {"tf32", "fp16", "bf16"}) {
    ExpectSameAnswers({"relu", "mish", "prelu"}, precision, std::max(64, FloatImages() / 2));
  }
}

}  // namespace
}  // namespace actium::test
