// Archives whose checksums are right and whose content is not: what a hostile author writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "caffe2/serialize/inline_container.h"
#include "server/libtorch/loader.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"
#include "tests/support/tiny_models.h"

namespace actium::libtorch {
namespace {

using tensor::DType;
using test::StatusIs;
using ::testing::HasSubstr;

using Records = std::map<std::string, std::string>;

Records ReadRecords(const std::filesystem::path& file) {
  caffe2::serialize::PyTorchStreamReader reader(file.string());
  Records records;
  for (const std::string& name : reader.getAllRecords()) {
    const auto [data, size] = reader.getRecord(name);
    records[name] = std::string(static_cast<const char*>(data.get()), size);
  }
  return records;
}

void WriteRecords(const std::filesystem::path& file, const Records& records) {
  caffe2::serialize::PyTorchStreamWriter writer(file.string());
  for (const auto& [name, content] : records) {
    // The writer adds these two itself.
    if (name == "version" || name == ".data/serialization_id") continue;
    writer.writeRecord(name, content.data(), content.size());
  }
  writer.writeEndOfFile();
}

class HostileArchiveTest : public ::testing::Test {
 protected:
  HostileArchiveTest() {
    test::SaveTinyModel(file_, test::TinyClassifier());
    records_ = ReadRecords(file_);
  }

  absl::StatusOr<std::shared_ptr<engine::LoadedModel>> Load(const Records& records) {
    WriteRecords(file_, records);
    return loader_->Load(
        {.model = "tiny",
         .file = file_,
         .signature = {.max_batch_size = 8,
                       .inputs = {{.name = "image", .dtype = DType::kUint8, .shape = {1, 28, 28}}},
                       .outputs = {{.name = "logits", .dtype = DType::kFp32, .shape = {10}}}},
         .target = {}});
  }

  /// Name of the record with the program's source.
  std::string CodeRecord() const {
    for (const auto& [name, content] : records_) {
      if (name.starts_with("code/") && name.ends_with(".py")) return name;
    }
    return "";
  }

  /// Loads the program with text around the value that it returns.
  absl::StatusOr<std::shared_ptr<engine::LoadedModel>> LoadReturning(const std::string& before,
                                                                     const std::string& after) {
    Records records = records_;
    std::string& code = records[CodeRecord()];
    static constexpr std::string_view kReturn = "return ";
    code.insert(code.rfind(kReturn) + kReturn.size(), before);
    code.insert(code.find_last_not_of("\n") + 1, after);
    return Load(records);
  }

  const test::TempRepository folder_;
  const std::filesystem::path file_ = folder_.root() / "model.pt";
  const std::unique_ptr<engine::ModelLoader> loader_ = NewLoader();
  Records records_;
};

TEST_F(HostileArchiveTest, TheRewrittenArchiveLoads) { ACTIUM_EXPECT_OK(Load(records_)); }

TEST_F(HostileArchiveTest, AMissingRecordIsRefused) {
  for (const auto& [name, content] : records_) {
    if (name == "version" || name.starts_with(".data/") || name == "byteorder" ||
        name.ends_with(".debug_pkl")) {
      continue;
    }
    Records without = records_;
    without.erase(name);
    EXPECT_THAT(Load(without), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model.pt")))
        << name;
  }
}

// What the pickle says of its length is believed by LibTorch.
TEST_F(HostileArchiveTest, AWeightThatIsShorterThanItSaysIsRefused) {
  int refused = 0;
  for (const auto& [name, content] : records_) {
    if (!name.starts_with("data/") || content.size() < 64) continue;
    Records shorter = records_;
    shorter[name].resize(content.size() / 2);
    EXPECT_THAT(Load(shorter),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("reaches beyond its")))
        << name;
    ++refused;
  }
  EXPECT_GT(refused, 0);
}

TEST_F(HostileArchiveTest, AMutatedRecordIsRefusedOrRuns) {
  std::mt19937 random(11);
  for (int i = 0; i < 100; ++i) {
    Records mutated = records_;
    auto record = mutated.begin();
    std::advance(record, random() % mutated.size());
    std::string& content = record->second;
    const size_t edits = 1 + random() % 3;
    for (size_t edit = 0; edit < edits && !content.empty(); ++edit) {
      const size_t at = random() % content.size();
      switch (random() % 3) {
        case 0:
          content[at] = static_cast<char>(random());
          break;
        case 1:
          content.erase(at, 1 + random() % 8);
          break;
        case 2:
          content.insert(at, content.substr(random() % content.size(), random() % 16));
          break;
      }
    }
    const auto result = Load(mutated);
    EXPECT_TRUE(result.ok() || absl::IsInvalidArgument(result.status()) ||
                absl::IsResourceExhausted(result.status()))
        << record->first << ": " << result.status();
  }
}

TEST_F(HostileArchiveTest, DeepBracketsAreRefused) {
  EXPECT_THAT(LoadReturning(std::string(500, '('), std::string(500, ')')), test::IsOk());
  EXPECT_THAT(
      LoadReturning(std::string(100'000, '('), std::string(100'000, ')')),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at most 1000 brackets deep")));
}

TEST_F(HostileArchiveTest, DeepExpressionsWithoutBracketsDoNotOverflowTheStack) {
  for (const std::string& operation : {std::string("-"), std::string("0 - ")}) {
    std::string chain;
    for (int i = 0; i < 20'000; ++i) chain += operation;
    // Whether it loads is LibTorch's affair; that it comes back is ours.
    const auto loaded = LoadReturning(chain, "");
    EXPECT_TRUE(loaded.ok() || absl::IsInvalidArgument(loaded.status())) << loaded.status();
  }
}

TEST_F(HostileArchiveTest, DeepTuplesAreRefused) {
  Records records = records_;
  records["data.pkl"] = "\x80\x02N" + std::string(1'000'000, '\x85') + ".";
  EXPECT_THAT(Load(records), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model.pt")));
}

TEST_F(HostileArchiveTest, AnOversizedProgramIsRefused) {
  Records records = records_;
  records[CodeRecord()] += std::string(size_t{5} << 20, '\n');
  EXPECT_THAT(Load(records), StatusIs(absl::StatusCode::kInvalidArgument,
                                      HasSubstr("must be at most 4194304 bytes")));
}

}  // namespace
}  // namespace actium::libtorch
