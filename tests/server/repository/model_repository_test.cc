#include "server/repository/model_repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/server/repository/loaded_repository.h"
#include "tests/support/status_matchers.h"

namespace actium::repository {
namespace {

using test::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kMetadata =
    R"({"max_batch_size": 8, "input": [{"name": "image", "dtype": "UINT8", "dims": [1, 2]}],)"
    R"( "output": [{"name": "logits", "dtype": "FP32", "dims": [2], "labels": ["shirt", "bag"]}]})";

class ModelRepositoryTest : public ::testing::Test {
 protected:
  ModelRepository& Make(bool strict = false) {
    repository_ = std::make_unique<ModelRepository>(
        ModelRepository::Options{.roots = {fake_.files.root()}, .strict_model_config = strict},
        fake_.loader, fake_.pools);
    return *repository_;
  }

  ModelRepository& Load(bool strict = false) {
    ModelRepository& repository = Make(strict);
    EXPECT_THAT(repository.LoadAll(), test::IsOk());
    return repository;
  }

  std::string Reason(const std::string& model) const {
    for (const VersionStatus& status : repository_->Index()) {
      if (status.model == model) return status.reason;
    }
    return "no such model";
  }

  test::FakeRepository fake_;
  std::unique_ptr<ModelRepository> repository_;
};

TEST_F(ModelRepositoryTest, LoadsAllModelsAndFindsThem) {
  for (int i = 0; i < 9; ++i) fake_.Add("model" + std::to_string(i), 1 + i);
  ModelRepository& repository = Make();
  EXPECT_FALSE(repository.started());
  ACTIUM_ASSERT_OK(repository.LoadAll());
  EXPECT_TRUE(repository.started());
  ACTIUM_ASSERT_OK_AND_ASSIGN(const ModelHandle handle, repository.Find("model4", std::nullopt));
  EXPECT_EQ(handle->ref->model, "model4");
  EXPECT_EQ(handle->ref->version, 5);
  EXPECT_EQ(handle->ref->engine, "fake");
  EXPECT_EQ(handle->ref->sha256,  // Of "fake-model\n", by sha256sum.
            "ec7100e2848d4933c4cce7912f289fdce71f399ca419e4bcecaba74fe18771a5");
  EXPECT_EQ(handle->signature.inputs[0].name, "x");
  ACTIUM_EXPECT_OK(repository.Find("model4", 5));
  for (const VersionStatus& status : repository.Index()) {
    EXPECT_EQ(status.state, VersionState::kReady) << status.model;
  }
}

TEST_F(ModelRepositoryTest, CompletesTheConfiguration) {
  fake_.Add("m", 1);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const ModelHandle handle, Load().Find("m", 1));
  EXPECT_EQ(handle->config.name(), "m");
  EXPECT_EQ(handle->config.max_batch_size(), 4);
  EXPECT_EQ(handle->config.default_model_filename(), "model.pt");
  EXPECT_EQ(handle->config.version_policy().latest().num_versions(), 1u);
  EXPECT_EQ(handle->config.parameters().at("actium.engine").string_value(), "fake");
}

TEST_F(ModelRepositoryTest, ABrokenModelHarmsOnlyItself) {
  fake_.Add("damaged", 1, "garbage");
  fake_.Add("good", 1);
  fake_.Add("misspelt", 1, test::kFakeFile, "max_batchsize: 4");
  fake_.files.Write("missing/1/readme.txt", "");
  fake_.files.Write("missing/config.pbtxt", test::FakeConfig());
  fake_.files.Write("unversioned/model.pt", test::kFakeFile);
  ModelRepository& repository = Load();
  ACTIUM_EXPECT_OK(repository.Find("good", std::nullopt));
  EXPECT_THAT(Reason("damaged"), HasSubstr("model.pt"));
  EXPECT_THAT(Reason("misspelt"), HasSubstr("max_batchsize"));
  EXPECT_THAT(Reason("missing"), HasSubstr("1/model.pt"));
  EXPECT_THAT(Reason("unversioned"), HasSubstr("1/model.pt"));
  EXPECT_EQ(Reason("good"), "");
  EXPECT_TRUE(repository.started());
}

TEST_F(ModelRepositoryTest, SaysWhyThereIsNoSuchModel) {
  fake_.Add("m", 3, test::kFakeFile, test::FakeConfig("version_policy { all {} }"));
  fake_.files.Write("m/1/model.pt", test::kFakeFile);
  fake_.Add("broken", 1, "garbage");
  ModelRepository& repository = Load();
  EXPECT_THAT(repository.Find("none\n", std::nullopt),
              StatusIs(absl::StatusCode::kNotFound, R"(there is no model 'none\x0a')"));
  EXPECT_THAT(
      repository.Find("m", 7),
      StatusIs(absl::StatusCode::kNotFound, "model 'm' has no version 7; ready versions: 1, 3"));
  EXPECT_THAT(repository.Find("broken", std::nullopt),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("model 'broken' version 1 is not ready: model.pt")));
  EXPECT_THAT(repository.Find("broken", 2),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("ready versions: none")));
}

TEST_F(ModelRepositoryTest, AModelIsNotReadyBeforeItIsLoaded) {
  fake_.Add("m", 1);
  EXPECT_THAT(Make().Find("m", std::nullopt),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("starting")));
}

// Asks for a model while it is loaded.
class AskingLoader final : public engine::ModelLoader {
 public:
  using Specs = std::span<const tensor::TensorSpec>;
  absl::StatusOr<std::optional<std::string>> ReadMetadata(
      const std::filesystem::path& file) override {
    return loader_.ReadMetadata(file);
  }
  absl::StatusOr<std::shared_ptr<engine::LoadedModel>> Load(const engine::LoadSpec& spec) override {
    answer = repository->Find("m", std::nullopt).status();
    return loader_.Load(spec);
  }
  absl::StatusOr<std::vector<tensor::TensorSpec>> Probe(const std::filesystem::path& file,
                                                        Specs inputs) override {
    return loader_.Probe(file, inputs);
  }

  const ModelRepository* repository = nullptr;
  absl::Status answer;

 private:
  test::FakeLoader loader_;
};

TEST_F(ModelRepositoryTest, AModelThatIsBeingLoadedIsWorthAnotherTry) {
  fake_.Add("m", 1);
  AskingLoader loader;
  ModelRepository repository(
      {.roots = {fake_.files.root()}, .strict_model_config = false, .device = {}}, loader,
      fake_.pools);
  loader.repository = &repository;
  ACTIUM_ASSERT_OK(repository.LoadAll());
  EXPECT_THAT(loader.answer, StatusIs(absl::StatusCode::kUnavailable,
                                      "model 'm' version 1 is not ready: loading"));
  ACTIUM_EXPECT_OK(repository.Find("m", std::nullopt));
}

TEST_F(ModelRepositoryTest, TakesTheSignatureFromTheModelFile) {
  fake_.files.Write("m/1/model.pt", "fake-model\nmetadata " + std::string(kMetadata) + "\n");
  ACTIUM_ASSERT_OK_AND_ASSIGN(const ModelHandle handle, Load().Find("m", 1));
  EXPECT_EQ(handle->signature.max_batch_size, 8);
  EXPECT_EQ(handle->signature.outputs[0].name, "logits");
  EXPECT_THAT(handle->labels, ElementsAre(ElementsAre("shirt", "bag")));
}

TEST_F(ModelRepositoryTest, ReadsLabelsFromTheModelFolder) {
  fake_.Add("m", 1, test::kFakeFile,
            "max_batch_size: 4\ninput { name: 'x' data_type: TYPE_FP32 dims: 4 }\n"
            "output { name: 'y' data_type: TYPE_FP32 dims: 2 label_filename: 'labels.txt' }\n");
  fake_.files.Write("m/labels.txt", "shoe\nhat\n");
  ACTIUM_ASSERT_OK_AND_ASSIGN(const ModelHandle handle, Load().Find("m", 1));
  EXPECT_THAT(handle->labels, ElementsAre(ElementsAre("shoe", "hat")));
}

TEST_F(ModelRepositoryTest, RefusesALabelFileThatIsALinkOutOfTheRepository) {
  const test::TempRepository outside;
  outside.Write("secret.txt", "password\n");
  fake_.Add("m", 1, test::kFakeFile,
            "max_batch_size: 4\ninput { name: 'x' data_type: TYPE_FP32 dims: 4 }\n"
            "output { name: 'y' data_type: TYPE_FP32 dims: 2 label_filename: 'labels.txt' }\n");
  std::filesystem::create_symlink(outside.root() / "secret.txt",
                                  fake_.files.root() / "m/labels.txt");
  Load();
  EXPECT_THAT(Reason("m"), HasSubstr("'labels.txt' must lie inside of the model repository"));
}

TEST_F(ModelRepositoryTest, SaysWhatToWriteWhereNothingTellsTheSignature) {
  fake_.files.Write("m/1/model.pt", test::kFakeFile);
  fake_.Add("half", 1, test::kFakeFile, "max_batch_size: 4");
  Load();
  EXPECT_THAT(Reason("m"), AllOf(HasSubstr("there is no config.pbtxt"),
                                 HasSubstr("actium init-config m/1/model.pt --input SHAPE")));
  EXPECT_THAT(Reason("half"), HasSubstr("config.pbtxt declares no input and no output"));
}

TEST_F(ModelRepositoryTest, StrictModelConfigRequiresTheFile) {
  fake_.files.Write("m/1/model.pt", "fake-model\nmetadata " + std::string(kMetadata) + "\n");
  fake_.Add("good", 1);
  ModelRepository& repository = Load(/*strict=*/true);
  EXPECT_THAT(Reason("m"), HasSubstr("there is no config.pbtxt"));
  ACTIUM_EXPECT_OK(repository.Find("good", std::nullopt));
}

TEST_F(ModelRepositoryTest, BeginsNoFurtherModelOnceItIsToldToStop) {
  fake_.Add("m", 1);
  ModelRepository repository({.roots = {fake_.files.root()}, .strict_model_config = false},
                             fake_.loader, fake_.pools);
  repository.StopLoading();
  ACTIUM_EXPECT_OK(repository.LoadAll());
  EXPECT_THAT(repository.Find("m", std::nullopt),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("loading has not begun")));
}

TEST_F(ModelRepositoryTest, AMissingRootIsNotFound) {
  ModelRepository repository({.roots = {fake_.files.root() / "none"}, .strict_model_config = false},
                             fake_.loader, fake_.pools);
  EXPECT_THAT(repository.LoadAll(), StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
  EXPECT_FALSE(repository.started());
}

TEST_F(ModelRepositoryTest, AHandleKeepsItsVersionUntilItIsDropped) {
  fake_.Add("m", 1);
  ModelHandle held = *Load().Find("m", 1);
  std::thread other([&, moved = std::move(held)]() mutable {
    ACTIUM_EXPECT_OK(fake_.pools.cpu().WarmUp(*moved->queue));
    moved.reset();
  });
  repository_.reset();  // Waits for the handle.
  other.join();
}

}  // namespace
}  // namespace actium::repository
