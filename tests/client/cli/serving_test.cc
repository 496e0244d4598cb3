// The program `actium` against a real server process with models that need no LibTorch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/cli/run_actium.h"
#include "tests/support/server_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kServer[] = "actium-fake-server";

constexpr char kClassifier[] = R"(
max_batch_size: 8
input { name: "image" data_type: TYPE_UINT8 dims: [ 1, 28, 28 ] }
output { name: "logits" data_type: TYPE_FP32 dims: [ 3 ] label_filename: "labels.txt" }
)";
constexpr char kPlain[] = R"(
max_batch_size: 0
input { name: "x" data_type: TYPE_FP32 dims: [ 2, -1 ] }
output { name: "y" data_type: TYPE_FP32 dims: [ 4 ] }
)";

void WriteModels(const TempRepository& repository) {
  repository.Write("classifier/config.pbtxt", kClassifier);
  repository.Write("classifier/labels.txt", "shirt\ncoat\nboot\n");
  repository.Write(
      "classifier/1/model.pt",
      "fake-model\nweights ab12\nactivation mish\nnot_fused aten::sin at model.py:3\n");
  repository.Write("twin/config.pbtxt", kClassifier);
  repository.Write("twin/labels.txt", "shirt\ncoat\nboot\n");
  repository.Write("twin/1/model.pt", "fake-model\n");
  repository.Write("plain/config.pbtxt", kPlain);
  repository.Write("plain/1/model.pt", "fake-model\n");
  repository.Write("broken/config.pbtxt", kClassifier);
  repository.Write("broken/1/model.pt", "nonsense");
}

// Two 28 x 28 pictures.
std::string Pictures() {
  std::string idx("\0\0\x08\x03\0\0\0\x02\0\0\0\x1c\0\0\0\x1c", 16);
  for (int i = 0; i < 2 * 28 * 28; ++i) idx += static_cast<char>(i % 251);
  return idx;
}

class ServingTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    repository_ = std::make_unique<TempRepository>();
    WriteModels(*repository_);
    auto server = StartServer(kServer, {"--model-repository", repository_->root().string()});
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(server_->Terminate(), 0) << server_->Log();
    server_.reset();
    repository_.reset();
  }

  static Outcome Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--server", server_->address()});
    return RunActium(std::move(arguments));
  }
  static json RunJson(std::vector<std::string> arguments) {
    arguments.push_back("--json");
    const Outcome outcome = Run(std::move(arguments));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return json::parse(outcome.out);
  }

  static std::unique_ptr<TempRepository> repository_;
  static std::unique_ptr<ServerProcess> server_;
  ScratchFolder files_;
};

std::unique_ptr<TempRepository> ServingTest::repository_;
std::unique_ptr<ServerProcess> ServingTest::server_;

TEST_F(ServingTest, ModelsShowsStatesTensorsAndReasons) {
  const Outcome table = Run({"models"});
  EXPECT_EQ(table.status, 0) << table.err;
  EXPECT_THAT(table.out, AllOf(HasSubstr("classifier"), HasSubstr("READY"),
                               HasSubstr("image UINT8 [-1,1,28,28]"), HasSubstr("fake fp32"),
                               HasSubstr("UNAVAILABLE"),
                               HasSubstr("classifier: not fused: aten::sin at model.py:3")));
  const json models = RunJson({"models", "classifier"})["models"];
  ASSERT_EQ(models.size(), 1u);
  EXPECT_EQ(models[0]["max_batch_size"], 8);
  EXPECT_EQ(models[0]["not_fused"], "aten::sin at model.py:3");
  EXPECT_EQ(models[0]["outputs"][0]["shape"], json({-1, 3}));
  EXPECT_NE(RunJson({"models", "broken"})["models"][0]["reason"], "");
  EXPECT_EQ(Run({"models", "nosuch"}).status, 3);
}

TEST_F(ServingTest, HealthOfServerAndModels) {
  EXPECT_EQ(Run({"health"}).status, 0);
  EXPECT_EQ(RunJson({"health", "classifier"}), json({{"ready", true}}));
  const Outcome broken = Run({"health", "broken"});
  EXPECT_EQ(broken.status, 1);
  EXPECT_THAT(broken.err, HasSubstr("'broken' is not ready"));
}

TEST_F(ServingTest, ExplainShowsStepsTheirTimesAndWhatIsNotKnown) {
  const Outcome shown = Run({"explain", "classifier:1", "--batch-size", "4"});
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_THAT(
      shown.out,
      AllOf(HasSubstr("classifier version 1: fake fp32\n"), HasSubstr("SHA-256 ab12\n"),
            HasSubstr("activations  mish\n"),
            HasSubstr("a batch of 4 rows: 2 steps, 0.005 ms (median of 10 runs); steps with "
                      "an activation take 20.0 % of it"),
            HasSubstr("fake::mix   FP32 [4,3]"), HasSubstr("60.0 %  █"),
            HasSubstr("Note: a fake fuses nothing\n")));
  const Outcome untimed = Run({"explain", "plain", "--no-time"});
  EXPECT_EQ(untimed.status, 0) << untimed.err;
  EXPECT_THAT(untimed.out, AllOf(HasSubstr("weights      SHA-256 not known\n"),
                                 HasSubstr("activations  none recognised\n"),
                                 HasSubstr("one run: 2 steps, not timed\n")));
  EXPECT_THAT(untimed.out, ::testing::Not(HasSubstr("TIME US")));
}

TEST_F(ServingTest, ExplainWritesJsonAndGraphs) {
  const json explained = RunJson({"explain", "classifier"});
  EXPECT_EQ(explained["weights_sha256"], "ab12");
  EXPECT_EQ(explained["steps"][1]["inputs"], json({0}));
  EXPECT_EQ(explained["steps"][0]["share"], 0.6);
  EXPECT_EQ(RunJson({"explain", "classifier", "--no-time"})["timed_runs"], 0);
  const Outcome graph = Run({"explain", "classifier", "--dot", "--no-time"});
  EXPECT_EQ(graph.status, 0) << graph.err;
  EXPECT_EQ(graph.out,
            "digraph \"classifier:1\" {\n"
            "  s0 [shape=box, label=\"mix + bias FP32 [1,3]\"];\n"
            "  s1 [shape=ellipse, label=\"bend (mish) FP32 [1,3]\"];\n"
            "  \"input image\" -> s0;\n"
            "  s0 -> s1;\n"
            "}\n");
  EXPECT_EQ(Run({"explain", "classifier", "--graph", "--no-time"}).out,
            "classifier runs op by op on fake: there is no graph.\n");
}

TEST_F(ServingTest, ExplainRefusesWhatCannotBe) {
  const Outcome rows = Run({"explain", "classifier", "--batch-size", "9"});
  EXPECT_EQ(rows.status, 2);
  EXPECT_THAT(rows.err, HasSubstr("batch_size must be in [1, 8], or 0 for 1, got 9"));
  EXPECT_EQ(Run({"explain", "classifier:x"}).status, 2);
  EXPECT_EQ(Run({"explain", "classifier:2"}).status, 3);
  EXPECT_EQ(Run({"explain", "nosuch"}).status, 3);
  EXPECT_EQ(Run({"explain", "broken"}).status, 3);
  EXPECT_EQ(Run({"explain"}).status, 2);
}

TEST_F(ServingTest, PredictShowsPictureAndLabelledBars) {
  const std::string file = files_.Write("pictures.idx", Pictures());
  const Outcome shown = Run({"predict", "classifier", file, "--index", "1"});
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_THAT(shown.out, AllOf(HasSubstr(file), HasSubstr("shirt"), HasSubstr("coat"),
                               HasSubstr("boot"), HasSubstr("█"), HasSubstr("%")));
  const json answer = RunJson({"predict", "classifier", file, "--top", "2"})["predictions"][0];
  EXPECT_EQ(answer["model"], "classifier");
  ASSERT_EQ(answer["rows"][0].size(), 2u);
  EXPECT_GE(answer["rows"][0][0]["score"], answer["rows"][0][1]["score"]);
  EXPECT_NE(answer["rows"][0][0]["label"], "");
}

TEST_F(ServingTest, PredictRefusesWhatCannotBe) {
  const std::string file = files_.Write("pictures.idx", Pictures());
  EXPECT_EQ(Run({"predict", "classifier", "/nowhere.png"}).status, 5);
  EXPECT_EQ(Run({"predict", "classifier", file, "--index", "2"}).status, 2);
  EXPECT_EQ(Run({"predict", "classifier", file, "--scale", "unit"}).status, 2);
  EXPECT_EQ(Run({"predict", "classifier", file, "--input", "x"}).status, 2);
  EXPECT_EQ(Run({"predict", "nosuch", file}).status, 3);
  const Outcome not_ready = Run({"predict", "broken", file});
  EXPECT_EQ(not_ready.status, 3) << not_ready.err;
}

TEST_F(ServingTest, CompareSaysWhatTheImagesShow) {
  files_.Write("t10k-images-idx3-ubyte", Pictures());
  files_.Write("t10k-labels-idx1-ubyte", std::string("\0\0\x08\x01\0\0\0\x02\0\x02", 10));
  const std::string data = files_.path().string();
  const Outcome shown = Run(
      {"compare", "classifier", "twin", "--data", data, "--rounds", "3", "--batch-sizes", "1,4"});
  EXPECT_EQ(shown.status, 0) << shown.err;
  EXPECT_THAT(shown.out,
              AllOf(HasSubstr("against classifier on 2 examples: undecided: twin (+0.00 points"),
                    HasSubstr("95 % INTERVAL"), HasSubstr("P (HOLM)"),
                    HasSubstr("nothing about its activation"), HasSubstr("Note: "),
                    HasSubstr("served latency against classifier in 3 rounds"),
                    HasSubstr("classifier against itself at batch 4")));
  const json report =
      RunJson({"compare", "classifier", "twin", "--data", data, "--baseline", "twin",
               "--confidence", "0.9", "--margin", "0.5", "--no-latency"})["accuracy"];
  EXPECT_EQ(report["examples"], "2");
  EXPECT_EQ(report["baseline"], "twin");
  EXPECT_EQ(report["margin"], 0.005);
  EXPECT_EQ(report["contrasts"][0]["variant"], "classifier");
  EXPECT_EQ(report["contrasts"][0]["p_mid"], 1);
  const json latency = RunJson({"compare", "classifier", "twin", "--no-accuracy", "--rounds", "3"});
  EXPECT_EQ(latency["latency"]["rounds"], 3);
  EXPECT_FALSE(latency.contains("accuracy"));
}

TEST_F(ServingTest, CompareRefusesWhatCannotBe) {
  files_.Write("t10k-images-idx3-ubyte", Pictures());
  files_.Write("t10k-labels-idx1-ubyte", std::string("\0\0\x08\x01\0\0\0\x02\0\x03", 10));
  const std::string data = files_.path().string();
  EXPECT_EQ(Run({"compare", "classifier", "--data", data}).status, 2);
  EXPECT_EQ(Run({"compare", "classifier", "twin", "--no-latency", "--no-accuracy"}).status, 2);
  EXPECT_EQ(Run({"compare", "classifier", "twin", "--no-accuracy", "--batch-sizes", "9"}).status,
            2);
  EXPECT_EQ(Run({"compare", "classifier", "twin", "--data", "/nowhere"}).status, 5);
  EXPECT_EQ(Run({"compare", "plain", "twin", "--data", data}).status, 2);
  EXPECT_EQ(Run({"compare", "classifier", "nosuch", "--data", data}).status, 3);
  const Outcome wrong_label = Run({"compare", "classifier", "twin", "--data", data});
  EXPECT_EQ(wrong_label.status, 2);
  EXPECT_THAT(wrong_label.err, HasSubstr("labels must be in [0, 3), got 3 for example 1"));
}

TEST_F(ServingTest, BenchMeasuresClosedAndOpenLoops) {
  const json closed = RunJson({"bench", "classifier", "--concurrency", "1,4", "--duration", "0.2",
                               "--warm-up", "0.05", "--batch", "2"})["measurements"];
  ASSERT_EQ(closed.size(), 2u);
  for (const json& entry : closed) {
    EXPECT_GT(entry["succeeded"], 0);
    EXPECT_EQ(entry["failed"], json::object());
    EXPECT_LE(entry["latency_ms"]["p50"], entry["latency_ms"]["p99"]);
    EXPECT_GE(entry["mean_batch"], 2.0);
  }
  const json open = RunJson({"bench", "plain", "--rate", "50", "--duration", "0.4", "--warm-up",
                             "0", "--shape", "x:2,3"})["measurements"];
  EXPECT_EQ(open[0]["succeeded"], 20);
  EXPECT_EQ(open[0]["offered_rate"], 50.0);
  const Outcome table = Run({"bench", "classifier", "--duration", "0.1", "--warm-up", "0"});
  EXPECT_THAT(table.out, AllOf(HasSubstr("P99.9 MS"), HasSubstr("1 at once")));
}

TEST_F(ServingTest, BenchRefusesWhatTheModelCannotTake) {
  const Outcome batch = Run({"bench", "classifier", "--batch", "9"});
  EXPECT_EQ(batch.status, 2);
  EXPECT_THAT(batch.err, HasSubstr("--batch must be in [1, 8], got 9"));
  const Outcome shape = Run({"bench", "plain"});
  EXPECT_EQ(shape.status, 2);
  EXPECT_THAT(shape.err, HasSubstr("say which by --shape x:"));
  EXPECT_EQ(Run({"bench", "plain", "--shape", "x:3,3"}).status, 2);
  EXPECT_EQ(Run({"bench", "nosuch"}).status, 3);
}

TEST_F(ServingTest, DemoClassifiesEveryImageOnce) {
  files_.Write("t10k-images-idx3-ubyte", Pictures());
  files_.Write("t10k-labels-idx1-ubyte", std::string("\0\0\x08\x01\0\0\0\x02\x00\x01", 10));
  const json demo = RunJson({"demo", "--data", files_.path().string()});
  EXPECT_EQ(demo["images"], 2);
  ASSERT_EQ(demo["variants"].size(), 2u) << "as many models take 28 x 28 pictures";
  EXPECT_EQ(demo["variants"][0]["model"], "classifier");
  EXPECT_EQ(demo["variants"][0]["succeeded"], 2);
  EXPECT_EQ(demo["variants"][0]["failed"], 0);
  const Outcome table = Run({"demo", "--data", files_.path().string(), "--images", "1"});
  EXPECT_EQ(table.status, 0) << table.err;
  EXPECT_THAT(table.out, AllOf(HasSubstr("VARIANT"), HasSubstr("MEAN BATCH")));
}

TEST_F(ServingTest, TheExamplesClassifyAPicture) {
  const std::string file = files_.Write("pixels", std::string(28 * 28, 'a'));
  const std::vector<std::string> arguments = {server_->address(), "classifier", file};
  std::vector<std::string> cpp = {ACTIUM_BINARY_DIR "/bin/actium-example-classify"};
  cpp.insert(cpp.end(), arguments.begin(), arguments.end());
  const Outcome compiled = RunProgram(cpp);
  EXPECT_EQ(compiled.status, 0) << compiled.err;
  EXPECT_EQ(std::ranges::count(compiled.out, '\n'), 3) << compiled.out;
  EXPECT_THAT(compiled.out, HasSubstr(" boot\n"));

  if (!fs::exists(ACTIUM_TEST_PYTHON)) GTEST_SKIP() << "no tritonclient: cmake/setup.sh test";
  std::vector<std::string> python = {ACTIUM_TEST_PYTHON,
                                     ACTIUM_SOURCE_DIR "/client/examples/python/classify.py"};
  python.insert(python.end(), arguments.begin(), arguments.end());
  const Outcome interpreted = RunProgram(python);
  EXPECT_EQ(interpreted.status, 0) << interpreted.err;
  EXPECT_EQ(std::ranges::count(interpreted.out, '\n'), 3) << interpreted.out;
}

// `actium` looks for actium-server beside itself: both in one folder, under these names.
class BesideTest : public ::testing::Test {
 protected:
  BesideTest() {
    fs::copy_file(ACTIUM_BINARY_DIR "/bin/actium", folder_.path() / "actium");
    fs::create_symlink(fs::path(ACTIUM_BINARY_DIR "/bin") / kServer,
                       folder_.path() / "actium-server");
    WriteModels(repository_);
  }

  Outcome Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), (folder_.path() / "actium").string());
    return RunProgram(arguments);
  }

  ScratchFolder folder_;
  TempRepository repository_;
};

TEST_F(BesideTest, LocalStartsAServerForOneCommand) {
  const Outcome models = Run({"--local", repository_.root().string(), "models", "--json"});
  EXPECT_EQ(models.status, 0) << models.err;
  EXPECT_EQ(json::parse(models.out)["models"].size(), 4u);
}

TEST_F(BesideTest, LocalShowsWhyAServerDidNotStart) {
  fs::remove(folder_.path() / "actium-server");
  const Outcome missing = Run({"--local", repository_.root().string(), "models"});
  EXPECT_EQ(missing.status, 3);
  EXPECT_THAT(missing.err, HasSubstr("cannot run"));
  fs::create_symlink("/bin/false", folder_.path() / "actium-server");
  const Outcome ended = Run({"--local", repository_.root().string(), "models"});
  EXPECT_EQ(ended.status, 3);
  EXPECT_THAT(ended.err, HasSubstr("ended before it listened"));
}

TEST_F(BesideTest, InitConfigWritesWhatTheServerDrafts) {
  const std::string model = folder_.Write("model.pt", "fake-model\n");
  const Outcome draft = Run({"init-config", model, "--input", "image:UINT8:1,28,28"});
  EXPECT_EQ(draft.status, 0) << draft.err;
  EXPECT_THAT(draft.out,
              AllOf(HasSubstr("image"), HasSubstr("TYPE_UINT8"), HasSubstr("OUTPUT__0")));
  const std::string file = (folder_.path() / "config.pbtxt").string();
  EXPECT_EQ(Run({"init-config", model, "--input", "1,28,28", "--output", file}).status, 0);
  EXPECT_TRUE(fs::exists(file));
  const Outcome again = Run({"init-config", model, "--input", "1,28,28", "--output", file});
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err, HasSubstr("the file exists"));
  EXPECT_EQ(Run({"init-config", model, "--input", "0"}).status, 2);
}

}  // namespace
}  // namespace actium::test
