// `actium compare` on a user's own data, against a real server process with models that need no
// LibTorch. Both models answer alike, so that what intervals decide is known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/cli/encode_picture.h"
#include "tests/client/cli/run_actium.h"
#include "tests/client/cli/write_npz.h"
#include "tests/support/npy_file.h"
#include "tests/support/server_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::test {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kConfig[] = R"(
max_batch_size: 8
input { name: "picture" data_type: TYPE_FP32 dims: [ 3, 4, 4 ] }
output { name: "logits" data_type: TYPE_FP32 dims: [ 2 ] label_filename: "labels.txt" }
)";

class CompareTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    repository_ = std::make_unique<TempRepository>();
    for (const std::string model : {"one", "two"}) {
      repository_->Write(model + "/config.pbtxt", kConfig);
      repository_->Write(model + "/labels.txt", "dog\ncat\n");
      repository_->Write(model + "/1/model.pt", "fake-model\n");
    }
    auto server =
        StartServer("actium-fake-server", {"--model-repository", repository_->root().string()});
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
  }
  static void TearDownTestSuite() {
    server_.reset();
    repository_.reset();
  }

  // Pictures of two classes, of several sizes, in colours and gray.
  void WritePictures(const std::string& folder, int of_each, int first = 0) {
    for (int i = 0; i < of_each; ++i) {
      data_.Write(folder + "/cat/" + std::to_string(100 + i) + ".png",
                  EncodePng(Gradient(4, 4, 3, first + 2 * i)));
      data_.Write(folder + "/dog/" + std::to_string(100 + i) + ".jpg",
                  EncodeJpeg(Gradient(6, 5, 1, first + 2 * i + 1)));
    }
  }

  std::string Path(const std::string& name) const { return (data_.root() / name).string(); }

  static Outcome Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"compare", "one", "two"});
    arguments.insert(arguments.end(), {"--server", server_->address()});
    return RunActium(std::move(arguments));
  }
  static json RunJson(std::vector<std::string> arguments, int status = 0) {
    arguments.push_back("--json");
    const Outcome outcome = Run(std::move(arguments));
    EXPECT_EQ(outcome.status, status) << outcome.err;
    return json::parse(outcome.out);
  }

  static std::unique_ptr<TempRepository> repository_;
  static std::unique_ptr<ServerProcess> server_;
  TempRepository data_;
};

std::unique_ptr<TempRepository> CompareTest::repository_;
std::unique_ptr<ServerProcess> CompareTest::server_;

TEST_F(CompareTest, AFolderForEachClassIsFoundAmongTheLabels) {
  WritePictures("set", 5);
  const json all = RunJson({"--data", Path("set"), "--no-latency"});
  EXPECT_EQ(all["data"]["labelled"], true);
  EXPECT_EQ(all["data"]["classes"], json({"cat", "dog"}));
  EXPECT_EQ(all["data"]["model_classes"], json({1, 0}));
  EXPECT_EQ(all["data"]["classes_by_labels"], true);
  EXPECT_EQ(all["accuracy"]["examples"], "10");
  EXPECT_EQ(all["accuracy"]["labelled"], true);
  // Five cats, which are class 1: the second row of the confusion.
  const auto& confusion = all["accuracy"]["variants"][0]["confusion"];
  EXPECT_EQ(std::stoi(confusion[2].get<std::string>()) + std::stoi(confusion[3].get<std::string>()),
            5);
  const Outcome shown = Run({"--data", Path("set"), "--rounds", "3", "--images", "4"});
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_THAT(shown.out,
              AllOf(HasSubstr("a folder for each class), 4 examples; 2 classes, found among the "
                              "model's labels"),
                    HasSubstr("CONFIDENCE"), HasSubstr("AT ONCE"), HasSubstr("alone instead of")));
}

TEST_F(CompareTest, OtherNamesAreNumberedInTheirOrder) {
  data_.Write("set/left/a.png", EncodePng(Gradient(4, 4, 3)));
  data_.Write("set/right/b.png", EncodePng(Gradient(4, 4, 3, 9)));
  const json all = RunJson({"--data", Path("set"), "--no-latency"});
  EXPECT_EQ(all["data"]["classes_by_labels"], false);
  EXPECT_EQ(all["data"]["model_classes"], json({0, 1}));
  data_.Write("set/cat/c.png", EncodePng(Gradient(4, 4, 3)));
  const Outcome mixed = Run({"--data", Path("set"), "--no-latency"});
  EXPECT_EQ(mixed.status, 2);
  EXPECT_THAT(mixed.err, HasSubstr("classes 'left', 'right' of the data are no labels"));
}

TEST_F(CompareTest, WithoutLabelsOnlyAnswersAreCompared) {
  for (int i = 0; i < 6; ++i) {
    data_.Write("set/" + std::to_string(i) + ".png", EncodePng(Gradient(4, 4, 3, i)));
  }
  const Outcome shown = Run({"--data", Path("set"), "--no-latency"});
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_THAT(shown.out,
              AllOf(HasSubstr("AGREE"), HasSubstr("KAPPA"), HasSubstr("CONFIDENCE"),
                    HasSubstr("100.00 %"), Not(HasSubstr("BRIER")), Not(HasSubstr("Cochran"))));
  const json all = RunJson({"--data", Path("set"), "--rounds", "3"});
  EXPECT_EQ(all["accuracy"]["labelled"], false);
  EXPECT_EQ(all["accuracy"]["contrasts"][0]["agreement"]["value"], 1.0);
  EXPECT_EQ(all["latency"]["rounds"], 3);
}

TEST_F(CompareTest, ADamagedPictureEndsTheComparisonAndIsNamed) {
  WritePictures("set", 3);
  data_.Write("set/dog/200.png", "damaged");
  const Outcome outcome = Run({"--data", Path("set"), "--no-latency"});
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.err, HasSubstr("dog/200.png: no PNG, JPEG"));
}

TEST_F(CompareTest, AnNpzFileIsReadWithAndWithoutLabels) {
  std::string pixels(12 * 4 * 4 * 3, 'a');
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<char>(i * 5);
  const std::string images = NpyFile("|u1", "(12, 4, 4, 3)", pixels);
  const std::string labels = NpyFile("|u1", "(12,)", std::string("\0\1\0\1\0\1\0\1\0\1\0\1", 12));
  const std::string file = data_.MakeParent("data.npz").string();
  WriteZip(file, {{"images.npy", images}, {"labels.npy", labels}}, /*packed=*/true);
  const json labelled = RunJson({"--data", file, "--scale", "unit", "--no-latency"});
  EXPECT_EQ(labelled["accuracy"]["examples"], "12");
  EXPECT_EQ(labelled["accuracy"]["labelled"], true);
  WriteZip(file, {{"picture.npy", images}}, /*packed=*/false);
  EXPECT_EQ(RunJson({"--data", file, "--no-latency"})["accuracy"]["labelled"], false);
}

TEST_F(CompareTest, ConditionsAreDecidedByIntervals) {
  WritePictures("set", 30);
  const auto end = [&](const std::string& condition) {
    return Run({"--data", Path("set"), "--no-latency", "--fail-if", condition}).status;
  };
  EXPECT_EQ(end("two.accuracy < one.accuracy - 20pp"), 0);
  EXPECT_EQ(end("two.accuracy > one.accuracy - 20pp"), 1);
  EXPECT_EQ(end("two.accuracy < one.accuracy - 0.1pp"), 4);
  EXPECT_EQ(end("two.agreement < 0.5"), 0);
  const json all = RunJson({"--data", Path("set"), "--no-latency", "--fail-if",
                            "two.accuracy < one.accuracy", "--fail-if", "two.agreement > 0.5"},
                           1);
  ASSERT_EQ(all["fail_if"].size(), 2u);
  EXPECT_EQ(all["fail_if"][0]["result"], "undecided");
  EXPECT_EQ(all["fail_if"][1]["result"], "fails");
  const Outcome shown =
      Run({"--data", Path("set"), "--no-latency", "--fail-if", "two.agreement > 0.5"});
  EXPECT_THAT(shown.out, HasSubstr("--fail-if fails: two.agreement > 0.5 (0."));
  EXPECT_THAT(shown.err, HasSubstr("--fail-if holds: two.agreement > 0.5"));
}

TEST_F(CompareTest, WrongConditionsAreRefusedBeforeAnythingRuns) {
  const auto refused = [&](std::vector<std::string> arguments, const std::string& text) {
    const Outcome outcome = Run(std::move(arguments));
    EXPECT_EQ(outcome.status, 2) << text;
    EXPECT_THAT(outcome.err, HasSubstr(text));
    EXPECT_EQ(outcome.out, "");
  };
  refused({"--fail-if", "three.accuracy < 1", "--data", "/nowhere"}, "'three' is no variant");
  refused({"--fail-if", "two.accuracy < 1%"}, "'%' may mean percentage points");
  refused({"--fail-if", "two.latency_p50 > 1s", "--no-latency"}, "needs what --no-latency leaves");
  refused({"--fail-if", "two.accuracy < 1", "--no-accuracy"}, "needs what --no-accuracy leaves");
  data_.Write("set/a.png", EncodePng(Gradient(4, 4, 3)));
  refused({"--data", Path("set"), "--fail-if", "two.accuracy < 1"}, "needs labels");
}

TEST_F(CompareTest, SelectsOnOnePartAndReportsOnTheOther) {
  WritePictures("set/validation", 4);
  WritePictures("set/test", 6, 100);
  const std::vector<std::string> parts = {"--data",      Path("set"), "--select-on", "validation",
                                          "--report-on", "test",      "--no-latency"};
  const json all = RunJson(parts);
  EXPECT_EQ(all["selection"]["accuracy"]["examples"], "8");
  EXPECT_EQ(all["selection"]["chosen"], "two");
  EXPECT_EQ(all["selection"]["baseline_is_best"], true) << "both answer alike";
  EXPECT_EQ(all["accuracy"]["examples"], "12");
  EXPECT_EQ(all["accuracy"]["contrasts"].size(), 1u);
  std::vector<std::string> decided = parts;
  decided.insert(decided.end(), {"--fail-if", "chosen.accuracy < one.accuracy - 90pp"});
  const Outcome shown = Run(decided);
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_THAT(shown.out, AllOf(HasSubstr("Accuracy on 8 examples, to choose by: one "),
                               HasSubstr("two against one on data that had no part in the choice"),
                               HasSubstr("--fail-if passes: chosen.accuracy")));
}

TEST_F(CompareTest, SelectionNeedsTwoSetsOfData) {
  WritePictures("set/test", 2);
  EXPECT_EQ(Run({"--data", Path("set"), "--select-on", "test"}).status, 2);
  const Outcome same = Run({"--data", Path("set"), "--select-on", "test", "--report-on", "test"});
  EXPECT_EQ(same.status, 2);
  EXPECT_THAT(same.err, HasSubstr("--report-on must be other data than --select-on"));
  EXPECT_EQ(Run({"--data", Path("set"), "--select-on", "val", "--report-on", "test"}).status, 5);
}

TEST_F(CompareTest, OutputsShowsAnswersSideBySide) {
  const std::string file = data_.Write("a.png", EncodePng(Gradient(4, 4, 3))).string();
  const auto run = [](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "outputs");
    arguments.insert(arguments.end(), {"--server", server_->address()});
    return RunActium(std::move(arguments));
  };
  const Outcome shown = run({"one", "two", file});
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_THAT(shown.out, AllOf(HasSubstr("LARGEST DIFFERENCE"), HasSubstr("two")));
  const Outcome machine = run({"one", "two", file, "--baseline", "two", "--json"});
  const json outputs = json::parse(machine.out)["outputs"];
  EXPECT_EQ(outputs["baseline"], "two");
  EXPECT_EQ(outputs["labels"], json({"dog", "cat"}));
  EXPECT_EQ(outputs["variants"][0]["scores"], outputs["variants"][1]["scores"]);
  EXPECT_EQ(run({"one", file}).status, 2);
  EXPECT_EQ(run({"one", "two", "/nowhere.png"}).status, 5);
}

TEST_F(CompareTest, SeveralBatchesAtOnceAreTimed) {
  WritePictures("set", 2);
  const json all = RunJson({"--data", Path("set"), "--no-accuracy", "--rounds", "3",
                            "--concurrency", "1,2", "--batch-sizes", "1,8"});
  EXPECT_FALSE(all.contains("accuracy"));
  EXPECT_EQ(all["latency"]["cells"].size(), 8u);
  EXPECT_EQ(Run({"--data", Path("set"), "--concurrency", "65"}).status, 2);
}

}  // namespace
}  // namespace actium::test
