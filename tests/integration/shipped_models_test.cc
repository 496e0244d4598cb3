// Every shipped model, over gRPC from a real server, on all test images: the answers of in-process
// evaluation and the accuracy that its card states.

#include "tests/integration/shipped_models.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "actium/client.h"
#include "actium/tensors.h"
#include "tests/support/server_process.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

// Variants that a user would ship; the others are there to be compared with them.
const std::set<std::string> kMustReachNinetyPercent = {"relu", "leaky_relu", "prelu", "swish",
                                                       "mish", "gelu",       "elu",   "hardswish"};

class ShippedModelsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ACTIUM_ASSERT_OK_AND_ASSIGN(images_, ReadTestImages());
    ACTIUM_ASSERT_OK_AND_ASSIGN(
        server_,
        StartServer("actium-server", {"--model-repository", ShippedRepository().string()}));
    ACTIUM_ASSERT_OK_AND_ASSIGN(client_, client::Client::Create({.address = server_->address()}));
  }

  static void TearDownTestSuite() {
    if (server_ != nullptr) {
      EXPECT_EQ(server_->Terminate(), 0) << server_->Log();
    }
    client_ = nullptr;
    server_ = nullptr;
  }

  // Logits of all images, asked for `rows` at a time.
  static absl::StatusOr<std::vector<float>> EvaluateOverGrpc(const std::string& model, int rows) {
    std::vector<float> logits;
    for (int first = 0; first < images_.count(); first += rows) {
      const int count = std::min(rows, images_.count() - first);
      const auto answer = client_->Infer(ImageRequest(model, images_.Slice(first, count)));
      if (!answer.ok()) return answer.status();
      const auto values = client::OutputValues<float>(*answer, "logits");
      if (!values.ok()) return values.status();
      logits.insert(logits.end(), values->begin(), values->end());
    }
    return logits;
  }

  // Test accuracy in percent that the model's card states; -1 without one.
  static double AccuracyOnCard(const std::string& model) {
    std::ostringstream card;
    card << std::ifstream(ShippedRepository() / model / "MODEL_CARD.md").rdbuf();
    std::smatch found;
    const std::string text = card.str();
    return std::regex_search(text, found, std::regex("[Tt]est accuracy[^0-9]*([0-9.]+) ?%"))
               ? std::stod(found[1])
               : -1;
  }

  static inline Images images_;
  static inline std::unique_ptr<ServerProcess> server_;
  static inline std::unique_ptr<client::Client> client_;
};

TEST_F(ShippedModelsTest, AnswersOverGrpcAreThoseOfInProcessEvaluationAndOfTheCard) {
  const std::vector<std::string> models = ShippedModels();
  ASSERT_EQ(models.size(), 11u);
  fmt::print("{:<11} {:>9} {:>7} {:>6} {:>9} {:>8}  bound\n", "variant", "accuracy", "card", "ties",
             "differing", "max diff");
  for (const std::string& model : models) {
    SCOPED_TRACE(model);
    ACTIUM_ASSERT_OK_AND_ASSIGN(const auto expected, EvaluateInProcess(model, images_, 64));
    // 48 does not divide 64, so rows meet other neighbours and other batch sizes.
    ACTIUM_ASSERT_OK_AND_ASSIGN(const auto served, EvaluateOverGrpc(model, 48));
    ASSERT_EQ(served.size(), expected.size());

    int correct = 0;
    int ties = 0;
    int differing = 0;
    double worst = 0;
    for (int i = 0; i < images_.count(); ++i) {
      const auto at = static_cast<size_t>(i) * kClasses;
      const auto ours = std::span(served).subspan(at, kClasses);
      const auto reference = std::span(expected).subspan(at, kClasses);
      const bool tie = IsTie(reference);
      ties += tie;
      if (Argmax(ours) != Argmax(reference)) {
        differing += !tie;
        if (tie) fmt::print("  tie: {} image {}\n", model, i);
      }
      correct += Argmax(ours) == images_.labels[static_cast<size_t>(i)];
      double largest = 0;
      double difference = 0;
      for (size_t c = 0; c < kClasses; ++c) {
        largest = std::max(largest, std::abs(static_cast<double>(reference[c])));
        difference = std::max(difference, std::abs(static_cast<double>(ours[c]) - reference[c]));
      }
      worst = std::max(worst, difference / largest);
    }
    const double accuracy = 100.0 * correct / images_.count();
    const double floor = kMustReachNinetyPercent.contains(model) ? 90 : 0;
    const bool pass = differing == 0 && worst <= 1e-5 && accuracy >= floor;
    fmt::print("{:<11} {:>8.2f}% {:>6.2f}% {:>6} {:>9} {:>8.1e}  >= {:.0f} %, <= 1e-5: {}\n", model,
               accuracy, AccuracyOnCard(model), ties, differing, worst, floor,
               pass ? "PASS" : "FAIL");
    EXPECT_EQ(differing, 0);
    EXPECT_LE(worst, 1e-5) << "largest logit difference over largest logit";
    EXPECT_NEAR(accuracy, AccuracyOnCard(model), 100.0 * ties / images_.count() + 0.005);
    EXPECT_GE(accuracy, floor);
  }
}

}  // namespace
}  // namespace actium::test
