#include "server/repository/model_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "server/repository/config_text.h"
#include "tests/support/status_matchers.h"

namespace actium::repository {
namespace {

using absl::StatusCode;
using test::StatusIs;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Enough of a model; what a test adds comes first.
constexpr char kTensors[] = R"(
input { name: "image" data_type: TYPE_UINT8 dims: [ 1, 28, 28 ] }
output { name: "logits" data_type: TYPE_FP32 dims: [ 10 ] label_filename: "labels.txt" }
)";

absl::StatusOr<ModelSettings> Make(const std::string& text) {
  const auto config = ParseModelConfig(text, "config.pbtxt");
  if (!config.ok()) return config.status();
  return MakeSettings(*config, "mish", "config.pbtxt");
}

absl::StatusOr<ModelSettings> MakeWith(const std::string& more) { return Make(more + kTensors); }

TEST(MakeSettingsTest, DerivesTheSignature) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto settings, MakeWith("max_batch_size: 64"));
  EXPECT_EQ(settings.signature.max_batch_size, 64);
  ASSERT_EQ(settings.signature.inputs.size(), 1u);
  EXPECT_EQ(settings.signature.inputs[0].name, "image");
  EXPECT_EQ(settings.signature.inputs[0].dtype, tensor::DType::kUint8);
  EXPECT_EQ(settings.signature.inputs[0].shape, (tensor::Shape{1, 28, 28}));
  EXPECT_EQ(settings.signature.outputs[0].dtype, tensor::DType::kFp32);
  EXPECT_THAT(settings.label_filenames, ElementsAre("labels.txt"));
  EXPECT_THAT(settings.warnings, IsEmpty());
}

TEST(MakeSettingsTest, TakesEveryNumericType) {
  for (const char* name : {"BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32",
                           "INT64", "FP16", "BF16", "FP32", "FP64"}) {
    const auto settings = Make(std::string("input { name: 'x' data_type: TYPE_") + name +
                               " dims: -1 } output { name: 'y' data_type: TYPE_FP32 dims: 1 }");
    ASSERT_THAT(settings, test::IsOk()) << name;
    EXPECT_EQ(tensor::Name(settings->signature.inputs[0].dtype), name);
  }
}

TEST(MakeSettingsTest, HasDefaultsForWhatIsLeftOut) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto settings, MakeWith(""));
  EXPECT_EQ(settings.signature.max_batch_size, 0);
  EXPECT_EQ(settings.model_filename, "model.pt");
  EXPECT_EQ(settings.versions.kind, VersionPolicy::Kind::kLatest);
  EXPECT_EQ(settings.versions.latest, 1);
  EXPECT_EQ(settings.queue.max_queue_size, 1024);
  EXPECT_EQ(settings.queue.max_queue_delay.count(), 0);
  EXPECT_EQ(settings.queue.default_timeout.count(), 0);
  EXPECT_TRUE(settings.queue.allow_timeout_override);
  EXPECT_EQ(settings.queue.instances, 0);
}

TEST(MakeSettingsTest, CompletesTheConfigurationForClients) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto settings, MakeWith("max_batch_size: 8"));
  EXPECT_EQ(settings.config.name(), "mish");
  EXPECT_EQ(settings.config.platform(), "pytorch_libtorch");
  EXPECT_EQ(settings.config.backend(), "pytorch");
  EXPECT_EQ(settings.config.default_model_filename(), "model.pt");
  EXPECT_EQ(settings.config.version_policy().latest().num_versions(), 1u);
  EXPECT_EQ(settings.config.dynamic_batching().default_queue_policy().max_queue_size(), 1024u);
}

TEST(MakeSettingsTest, ShowsNoBatchingWhereThereIsNone) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto whole, MakeWith(""));
  EXPECT_FALSE(whole.config.has_dynamic_batching());
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto single, MakeWith("max_batch_size: 1"));
  EXPECT_FALSE(single.config.has_dynamic_batching());
}

TEST(MakeSettingsTest, ReadsDynamicBatching) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto settings, MakeWith(R"(
      max_batch_size: 16
      dynamic_batching {
        preferred_batch_size: [ 8, 4, 8 ]
        max_queue_delay_microseconds: 250
        default_queue_policy { default_timeout_microseconds: 3000 max_queue_size: 7 }
      }
      instance_group [ { count: 2 kind: KIND_CPU }, { } ])"));
  EXPECT_THAT(settings.queue.preferred_batch_sizes, ElementsAre(4, 8));
  EXPECT_EQ(settings.queue.max_queue_delay, std::chrono::microseconds(250));
  EXPECT_EQ(settings.queue.default_timeout, std::chrono::milliseconds(3));
  EXPECT_FALSE(settings.queue.allow_timeout_override) << "a policy is there and does not allow it";
  EXPECT_EQ(settings.queue.max_queue_size, 7);
  EXPECT_EQ(settings.queue.instances, 3);
}

TEST(MakeSettingsTest, ReadsTheVersionPolicy) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto latest,
                              MakeWith("version_policy { latest { num_versions: 3 } }"));
  EXPECT_EQ(latest.versions.latest, 3);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto all, MakeWith("version_policy { all { } }"));
  EXPECT_EQ(all.versions.kind, VersionPolicy::Kind::kAll);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto specific,
                              MakeWith("version_policy { specific { versions: [ 7, 1, 7 ] } }"));
  EXPECT_EQ(specific.versions.kind, VersionPolicy::Kind::kSpecific);
  EXPECT_THAT(specific.versions.specific, ElementsAre(1, 7));
}

TEST(MakeSettingsTest, WarnsOnceOfAllThatHasNoEffect) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto settings, MakeWith(R"(
      response_cache { enable: true } optimization { graph { level: 1 } }
      parameters { key: "NUM_THREADS" value { string_value: "4" } })"));
  EXPECT_THAT(settings.warnings,
              ElementsAre(AllOf(HasSubstr("response_cache"), HasSubstr("optimization.graph"),
                                HasSubstr("parameters.NUM_THREADS"))));
}

TEST(MakeSettingsTest, KeepsParametersAsNotesForClients) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto settings,
                              MakeWith("parameters { key: 'seed' value { string_value: '0' } }"));
  EXPECT_EQ(settings.config.parameters().at("seed").string_value(), "0");
  EXPECT_THAT(settings.warnings, IsEmpty());
}

struct Refused {
  const char* name;
  const char* text;
  const char* message;
};

class RefusedTest : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedTest, NamesFieldRuleAndValue) {
  const auto result = MakeWith(GetParam().text);
  EXPECT_THAT(result, StatusIs(StatusCode::kInvalidArgument,
                               AllOf(HasSubstr("config.pbtxt: "), HasSubstr(GetParam().message))));
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedTest,
    ::testing::Values(
        Refused{"OtherName", "name: 'relu'",
                "name must be that of the model's folder, 'mish', got 'relu'"},
        Refused{"OtherPlatform", "platform: 'tensorrt_plan'",
                "platform must be 'pytorch_libtorch' or unset, got 'tensorrt_plan'"},
        Refused{"OtherBackend", "backend: 'onnxruntime'",
                "backend must be 'pytorch' or 'actium', or unset, got 'onnxruntime'"},
        Refused{"NegativeBatch", "max_batch_size: -3",
                "max_batch_size must be in [0, 65536], got -3"},
        Refused{"HugeBatch", "max_batch_size: 65537", "max_batch_size must be in [0, 65536]"},
        Refused{"InputWithoutName", "input { data_type: TYPE_FP32 dims: 1 }",
                "input[0]: name must be set"},
        Refused{"InputTwice", "input { name: 'image' data_type: TYPE_FP32 dims: 1 }",
                "input 'image': name is used twice"},
        Refused{"InputWithoutType", "input { name: 'x' dims: 1 }",
                "input 'x': data_type must be set, and a number's type, got TYPE_INVALID"},
        Refused{"InputOfStrings", "input { name: 'x' data_type: TYPE_STRING dims: 1 }",
                "got TYPE_STRING"},
        Refused{"UnknownTypeNumber", "input { name: 'x' data_type: 77 dims: 1 }", "got 77"},
        Refused{"DimZero", "input { name: 'x' data_type: TYPE_FP32 dims: [ 3, 0 ] }",
                "input 'x': dims[1] must be at least 1, or -1 for any size, got 0"},
        Refused{"DimBelowMinusOne", "output { name: 'x' data_type: TYPE_FP32 dims: -2 }",
                "output 'x': dims[0] must be at least 1"},
        Refused{
            "TooManyDims",
            "input { name: 'x' data_type: TYPE_FP32 dims: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1] }",
            "input 'x': dims must be at most 16, got 17"},
        Refused{
            "Overflow",
            "max_batch_size: 2 input { name: 'x' data_type: TYPE_FP64 dims: 1152921504606846975 }",
            "input 'x': dims [1152921504606846975] has more than 2^63 bytes"},
        Refused{"Reshape", "input { name: 'x' data_type: TYPE_FP32 dims: 1 reshape { } }",
                "input.reshape is refused: "},
        Refused{"Ragged",
                "input { name: 'x' data_type: TYPE_FP32 dims: 1 allow_ragged_batch: true }",
                "input.allow_ragged_batch is refused: only requests of equal shapes"},
        Refused{"PreferredAboveMax",
                "max_batch_size: 4 dynamic_batching { preferred_batch_size: 8 }",
                "preferred_batch_size must be in [1, max_batch_size], which is 4, got 8"},
        Refused{"PreferredWithoutBatch", "dynamic_batching { preferred_batch_size: 1 }",
                "which is 0, got 1"},
        Refused{"LongDelay",
                "dynamic_batching { max_queue_delay_microseconds: 18446744073709551615 }",
                "max_queue_delay_microseconds must be in [0, 60000000], got 18446744073709551615"},
        Refused{"LongTimeout",
                "dynamic_batching { default_queue_policy { default_timeout_microseconds: "
                "86400000001 } }",
                "default_timeout_microseconds must be in [0, 86400000000]"},
        Refused{"LongQueue",
                "dynamic_batching { default_queue_policy { max_queue_size: 4294967295 } }",
                "max_queue_size must be in [0, 1000000], got 4294967295"},
        Refused{"DelayAction",
                "dynamic_batching { default_queue_policy { timeout_action: DELAY } }",
                "timeout_action must be REJECT"},
        Refused{"KindModel", "instance_group { kind: KIND_MODEL }",
                "instance_group[0].kind must be KIND_AUTO, KIND_CPU or KIND_GPU, got KIND_MODEL"},
        Refused{"UnknownKind", "instance_group { kind: 9 }", "KIND_GPU, got 9"},
        Refused{"TwoKinds", "instance_group [ { kind: KIND_CPU }, { kind: KIND_GPU } ]",
                "instance_group[1].kind must be that of the groups before, got KIND_GPU: a model "
                "version runs on one device; serve the model under two names"},
        Refused{"TwoGpus", "instance_group { kind: KIND_GPU gpus: [ 1, 0 ] }",
                "instance_group.gpus must name one GPU, got 0, 1: a model version runs on one"},
        Refused{"TwoGpusInTwoGroups",
                "instance_group { kind: KIND_GPU gpus: 2 } instance_group { gpus: 3 }",
                "must name one GPU, got 2, 3"},
        Refused{"GpuOfTheCpu", "instance_group { kind: KIND_CPU gpus: 0 }",
                "instance_group[0].gpus must be empty for KIND_CPU, got 0"},
        Refused{"NegativeGpu", "instance_group { gpus: -1 }",
                "instance_group[0].gpus must be at least 0, got -1"},
        Refused{"Precision",
                "parameters { key: 'actium.precision' value { string_value: 'int4' } }",
                "parameters.actium.precision must be fp32, tf32, fp16 or bf16, got 'int4'"},
        Refused{"NegativeCount", "instance_group { count: -1 }",
                "instance_group[0].count must be in [0, 1024], got -1"},
        Refused{"NoVersions", "version_policy { specific { } }",
                "version_policy.specific.versions must name a version"},
        Refused{"VersionZero", "version_policy { specific { versions: [ 2, 0 ] } }",
                "versions must be at least 1, got 0"},
        Refused{"TooManyLatest", "version_policy { latest { num_versions: 4000000000 } }",
                "num_versions must be in [0, 1000]"},
        Refused{"FilenameOutside", "default_model_filename: '../other/model.pt'",
                "default_model_filename must be the name of a file"},
        Refused{"FilenameParent", "default_model_filename: '..'", "default_model_filename must be"},
        Refused{"LabelsOutside",
                "output { name: 'y' data_type: TYPE_FP32 dims: 1 label_filename: '/etc/passwd' }",
                "output 'y': label_filename must be a file inside of the model's folder"},
        Refused{"LabelsAbove",
                "output { name: 'y' data_type: TYPE_FP32 dims: 1 label_filename: 'a/../../b' }",
                "label_filename must be a file inside"},
        Refused{"Sequences", "sequence_batching { }", "sequence_batching is refused: "},
        Refused{"Ensemble", "ensemble_scheduling { }", "ensemble_scheduling is refused: "},
        Refused{"Decoupled", "model_transaction_policy { decoupled: true }",
                "model_transaction_policy.decoupled is refused: every request has one answer"},
        Refused{"Libraries", "model_operations { op_library_filename: 'x.so' }",
                "model_operations is refused"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(MakeSettingsTest, NeedsInputsAndOutputs) {
  EXPECT_THAT(Make(""), StatusIs(StatusCode::kInvalidArgument,
                                 AllOf(HasSubstr("input must be given at least once"),
                                       HasSubstr("output must be given at least once"))));
}

TEST(MakeSettingsTest, TellsAllProblemsAtOnceButNotEndlessly) {
  EXPECT_THAT(MakeWith("name: 'x' max_batch_size: -1 sequence_batching { }"),
              StatusIs(StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("name must"), HasSubstr("; max_batch_size must"),
                             HasSubstr("; sequence_batching is"))));
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "input { }";
  const auto result = MakeWith(many);
  EXPECT_THAT(result, StatusIs(StatusCode::kInvalidArgument, HasSubstr("more")));
  EXPECT_LT(result.status().message().size(), 4000u);
}

TEST(MakeSettingsTest, RefusesAFolderWhoseNameCannotBeSent) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const auto config, ParseModelConfig(kTensors, "config.pbtxt"));
  EXPECT_THAT(MakeSettings(config, "a\xff", "config.pbtxt"),
              StatusIs(StatusCode::kInvalidArgument, HasSubstr("folder must be named in UTF-8")));
}

}  // namespace
}  // namespace actium::repository
