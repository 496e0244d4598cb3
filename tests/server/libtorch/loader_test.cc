#include "server/libtorch/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <sstream>

#include "tests/server/libtorch/run_model.h"
#include "tests/support/status_matchers.h"

namespace actium::libtorch {
namespace {

using tensor::DType;
using test::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Read(const std::filesystem::path& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

class LoaderTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::shared_ptr<engine::LoadedModel>> Load(const std::filesystem::path& file) {
    return loader_->Load(
        {.model = "tiny",
         .file = file,
         .signature = {.max_batch_size = 8,
                       .inputs = {{.name = "image", .dtype = DType::kUint8, .shape = {1, 28, 28}}},
                       .outputs = {{.name = "logits", .dtype = DType::kFp32, .shape = {10}}}},
         .target = {}});
  }

  std::vector<float> RunOnRamp(engine::LoadedModel& model) {
    const auto executor = *model.NewExecutor({}, 1);
    const auto slot = *executor->NewSlot();
    const auto views = *slot->Prepare({{1, 1, 28, 28}});
    for (size_t i = 0; i < views[0].bytes.size(); ++i) {
      views[0].bytes[i] = static_cast<std::byte>(i);
    }
    executor->Start(*slot, [](const absl::Status&, engine::RunTimes) {});
    return test::ValuesOf<float>(slot->outputs()[0]);
  }

  const test::TempRepository folder_;
  const std::filesystem::path file_ = folder_.root() / "model.pt";
  const std::unique_ptr<engine::ModelLoader> loader_ = NewLoader();
};

TEST_F(LoaderTest, ReadsTheMetadataThatAFileCarries) {
  test::TinyModel model = test::TinyClassifier();
  model.extra_files["actium.json"] = R"({"inputs": []})";
  test::SaveTinyModel(file_, model);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto metadata, loader_->ReadMetadata(file_));
  EXPECT_EQ(metadata, R"({"inputs": []})");
  ACTIUM_EXPECT_OK(Load(file_));
}

TEST_F(LoaderTest, AFileWithoutMetadataHasNone) {
  test::SaveTinyModel(file_, test::TinyClassifier());
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto metadata, loader_->ReadMetadata(file_));
  EXPECT_EQ(metadata, std::nullopt);
}

TEST_F(LoaderTest, AMissingFileIsNotFound) {
  EXPECT_THAT(Load(folder_.root() / "none.pt"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none.pt")));
  EXPECT_THAT(loader_->ReadMetadata(folder_.root() / "none.pt"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none.pt")));
}

TEST_F(LoaderTest, WhatIsNoArchiveIsRefusedByName) {
  for (const std::string& content :
       {std::string(), std::string("hello"), std::string(4096, '\0'), std::string("PK\003\004"),
        "PK\003\004" + std::string(99, 'x')}) {
    folder_.Write("model.pt", content);
    EXPECT_THAT(Load(file_), StatusIs(absl::StatusCode::kInvalidArgument,
                                      AllOf(HasSubstr("model.pt"), Not(HasSubstr("\n")))));
    EXPECT_THAT(loader_->ReadMetadata(file_),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model.pt")));
  }
  EXPECT_THAT(Load(folder_.root()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("must be a file")));
}

TEST_F(LoaderTest, ATruncatedFileIsRefusedWhereverItEnds) {
  test::SaveTinyModel(file_, test::TinyClassifier());
  const std::string whole = Read(file_);
  for (size_t sixteenth = 0; sixteenth < 16; ++sixteenth) {
    folder_.Write("model.pt", whole.substr(0, whole.size() * sixteenth / 16));
    EXPECT_THAT(Load(file_), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model.pt")))
        << sixteenth << "/16";
  }
}

TEST_F(LoaderTest, AFlippedByteIsRefusedOrChangesNothing) {
  test::SaveTinyModel(file_, test::TinyClassifier());
  const std::string whole = Read(file_);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto original, Load(file_));
  const std::vector<float> expected = RunOnRamp(*original);
  std::mt19937 random(7);
  for (int i = 0; i < 400; ++i) {
    std::string damaged = whole;
    const size_t at = random() % whole.size();
    damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1 + random() % 255));
    folder_.Write("model.pt", damaged);
    const auto result = Load(file_);
    if (result.ok()) {
      // Padding between the records, their times and the like.
      EXPECT_EQ(RunOnRamp(**result), expected) << "byte " << at;
    } else {
      EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model.pt")))
          << "byte " << at;
    }
  }
}

TEST_F(LoaderTest, ProbesWhatAModelGives) {
  test::SaveTinyModel(file_, test::TinyClassifier());
  const std::vector<tensor::TensorSpec> inputs = {
      {.name = "image", .dtype = DType::kUint8, .shape = {1, 1, 28, 28}}};
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto outputs, loader_->Probe(file_, inputs));
  ASSERT_EQ(outputs.size(), 1u);
  EXPECT_EQ(outputs[0].name, "OUTPUT__0");
  EXPECT_EQ(outputs[0].dtype, DType::kFp32);
  EXPECT_EQ(outputs[0].shape, (tensor::Shape{1, 10}));
}

TEST_F(LoaderTest, AProbeWithTheWrongInputsSaysWhatLibTorchSays) {
  test::SaveTinyModel(file_, test::TinyClassifier());
  const std::vector<tensor::TensorSpec> wrong = {
      {.name = "image", .dtype = DType::kUint8, .shape = {1, 3, 28, 28}}};
  EXPECT_THAT(loader_->Probe(file_, wrong),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("channels")));
  const std::vector<tensor::TensorSpec> huge = {
      {.name = "image", .dtype = DType::kUint8, .shape = {int64_t{1} << 50, 1, 28, 28}}};
  EXPECT_THAT(loader_->Probe(file_, huge),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("input 'image'")));
  const std::vector<tensor::TensorSpec> two(2, wrong[0]);
  EXPECT_THAT(loader_->Probe(file_, two),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("takes 1 inputs, got 2")));
}

}  // namespace
}  // namespace actium::libtorch
