#include <gmock/gmock.h>

#include "server/options/options.h"
#include "tests/support/status_matchers.h"

namespace actium::options {
namespace {

using tensor::DType;
using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ParseProbeInputTest, ReadsNameTypeAndDimensions) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const tensor::TensorSpec spec,
                              ParseProbeInput("image:UINT8:1,1,28,28"));
  EXPECT_EQ(spec.name, "image");
  EXPECT_EQ(spec.dtype, DType::kUint8);
  EXPECT_THAT(spec.shape, ElementsAre(1, 1, 28, 28));
}

TEST(ParseProbeInputTest, ANameMayHoldColonsAndAScalarHasNoDimensions) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const tensor::TensorSpec spec, ParseProbeInput("serving:x:FP32:"));
  EXPECT_EQ(spec.name, "serving:x");
  EXPECT_THAT(spec.shape, IsEmpty());
}

TEST(ParseProbeInputTest, NamesWhatIsWrong) {
  const auto expect = [](const std::string& text, const std::string& message) {
    EXPECT_THAT(ParseProbeInput(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
  };
  expect("", "--input must be NAME:DTYPE:D0,D1,...");
  expect(":", "--input must be NAME:DTYPE:D0,D1,...");
  expect("::", "--input must be NAME:DTYPE:D0,D1,...");
  expect("image", "got 'image'");
  expect("image:FP32", "--input must be NAME:DTYPE:D0,D1,...");
  expect(":FP32:1", "--input must be NAME:DTYPE:D0,D1,...");
  expect("x:FLOAT:1", "the type must be one as UINT8 or FP32, got 'FLOAT'");
  expect("x:BYTES:1", "the type must be one as UINT8 or FP32, got 'BYTES'");
  expect("x:FP32:0", "a dimension must be a whole number, at least 1, got '0'");
  expect("x:FP32:1,,2", "got ''");
  expect("x:FP32:1x2", "got '1x2'");
  expect("x:FP32:-1", "got '-1'");
}

TEST(ParseDeviceChoiceTest, ReadsWhatThereIs) {
  using Kind = DeviceChoice::Kind;
  const auto expect = [](const std::string& text, Kind kind, int index) {
    ACTIUM_ASSERT_OK_AND_ASSIGN(const DeviceChoice choice, ParseDeviceChoice(text));
    EXPECT_EQ(choice.kind, kind) << text;
    EXPECT_EQ(choice.index, index) << text;
  };
  expect("auto", Kind::kAuto, 0);
  expect("cpu", Kind::kCpu, 0);
  expect("cuda", Kind::kCuda, 0);
  expect("cuda:0", Kind::kCuda, 0);
  expect("cuda:12", Kind::kCuda, 12);
}

TEST(ParseDeviceChoiceTest, NamesWhatIsWrong) {
  for (const std::string text :
       {"", "gpu", "CUDA", "cuda:", "cuda:-1", "cuda:1x", "cuda:99999999999", "cpu:0"}) {
    EXPECT_THAT(ParseDeviceChoice(text),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("--device must be auto, cpu, cuda or cuda:N with N a GPU's "
                                   "number, from 0, got '" +
                                   text + "'")));
  }
}

TEST(ValidateTest, LibTorchServesNoGpu) {
  Options options;
  options.model_repositories = {"models"};
  options.fuse = false;
  ACTIUM_EXPECT_OK(Validate(options));
  options.device = {.kind = DeviceChoice::Kind::kCuda};
  EXPECT_THAT(Validate(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--engine libtorch")));
}

}  // namespace
}  // namespace actium::options
