#include "models/train/evaluate.h"

#include <gmock/gmock.h>

#include <cmath>

#include "models/train/atomic_file.h"
#include "models/train/evaluate_command.h"
#include "models/zoo/export.h"
#include "models/zoo/plain_cnn.h"
#include "tests/models/train/synthetic_data.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::train {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(AccuracyTest, IsTheShareOfLargestLogitsThatAreTheLabel) {
  const torch::Tensor logits = torch::tensor({{1.0, 2.0}, {2.0, 1.0}, {0.0, 5.0}, {3.0, 1.0}});
  EXPECT_DOUBLE_EQ(Accuracy(logits, torch::tensor({1, 0, 1, 1})), 0.75);
}

TEST(AccuracyTest, CountsNanAsWrong) {
  const torch::Tensor logits = torch::tensor({{std::nan(""), 2.0}, {2.0, 1.0}});
  EXPECT_DOUBLE_EQ(Accuracy(logits, torch::tensor({0, 0})), 0.5);
}

TEST(ComputeLogitsTest, RunsSmallBatchesAndKeepsTheOrder) {
  std::vector<int64_t> batches;
  const torch::Tensor images = torch::arange(150).reshape({150, 1, 1, 1});
  const torch::Tensor logits = ComputeLogits(
      [&](const torch::Tensor& batch) {
        batches.push_back(batch.size(0));
        return batch.reshape({-1, 1}).to(torch::kFloat32);
      },
      images);
  EXPECT_THAT(batches, ::testing::ElementsAre(64, 64, 22));
  EXPECT_TRUE(torch::equal(logits.flatten(), torch::arange(150).to(torch::kFloat32)));
}

TEST(LoadTorchScriptTest, RefusesWhatIsNoArchive) {
  for (const std::string& bytes :
       {std::string(), std::string("PK\3\4 nothing"), std::string(10000, '\0')}) {
    EXPECT_THAT(LoadTorchScript(bytes), StatusIs(absl::StatusCode::kInvalidArgument,
                                                 StartsWith("not a TorchScript archive: ")));
  }
}

TEST(PredictionsCsvTest, NamesAFloatExactly) {
  const torch::Tensor logits = torch::tensor({{0.1f, -3.5f}, {1.0f, 16777217.0f}});
  EXPECT_EQ(PredictionsCsv(logits, torch::tensor({0, 1})),
            "image,label,class,logit0,logit1\n"
            "0,0,0,0.100000001,-3.5\n"
            "1,1,1,1,16777216\n");
}

class EvaluateFilesTest : public ::testing::Test {
 protected:
  EvaluateFilesTest() {
    const Dataset data = test::BarImages(70, 1);
    const auto bytes = [](const torch::Tensor& tensor) {
      const torch::Tensor dense = tensor.to(torch::kUInt8).contiguous();
      return std::string(static_cast<const char*>(dense.data_ptr()),
                         static_cast<size_t>(dense.numel()));
    };
    folder_.Write("t10k-images-idx3-ubyte", test::IdxBytes({70, 28, 28}, bytes(data.images)));
    folder_.Write("t10k-labels-idx1-ubyte", test::IdxBytes({70}, bytes(data.labels)));
    const auto network = *zoo::PlainCnn::Create({.widths = {4}, .strides = {2}}, 0);
    network->eval();
    model_ = folder_.Write("net/1/model.pt", zoo::ExportTorchScript(*network, {}));
  }

  const test::TempRepository folder_;
  std::filesystem::path model_;
};

TEST_F(EvaluateFilesTest, WritesAPredictionForEachImage) {
  const auto csv = folder_.root() / "out" / "predictions.csv";
  ACTIUM_ASSERT_OK(EvaluateFiles({model_}, folder_.root(), csv));
  ACTIUM_ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(csv));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 71);
}

TEST_F(EvaluateFilesTest, TakesAModelsFolder) {
  ACTIUM_EXPECT_OK(EvaluateFiles({folder_.root() / "net", model_}, folder_.root(), {}));
}

TEST_F(EvaluateFilesTest, NamesTheFileThatIsMissingOrBroken) {
  EXPECT_THAT(EvaluateFiles({"/nowhere/model.pt"}, folder_.root(), {}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/model.pt")));
  const auto broken = folder_.Write("broken.pt", "no archive");
  EXPECT_THAT(EvaluateFiles({broken}, folder_.root(), {}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("broken.pt")));
}

TEST_F(EvaluateFilesTest, PredictionsAreOfOneFile) {
  EXPECT_THAT(EvaluateFiles({model_, model_}, folder_.root(), "out.csv"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("exactly one file, got 2")));
}

}  // namespace
}  // namespace actium::train
