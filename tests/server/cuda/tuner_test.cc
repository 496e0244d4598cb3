#include "server/cuda/tuner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "server/cuda/host/control.h"
#include "server/cuda/measure_kernels.h"
#include "tests/server/cuda/cuda_model_of.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_repository.h"

namespace actium::test {
namespace {

using absl::StatusCode;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using namespace cuda;  // NOLINT(google-build-using-namespace): everything here is of it.

// 3x3, 16 to 16 channels: tensor-core and ordinary kernels fit.
constexpr ContractionShape kShape = {.rows = 2,
                                     .in_channels = 16,
                                     .in = {5, 7},
                                     .out_channels = 16,
                                     .out = {5, 7},
                                     .kernel = {3, 3},
                                     .padding = {1, 1}};

int64_t KernelsRun() { return host::CallCounts()["kernel"]; }

std::string TextOf(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

class TunerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ACTIUM_SKIP_WITHOUT_STAND_IN();
    host::Reset();
  }
  void TearDown() override { host::Reset(); }

  absl::StatusOr<std::string> Choose(bool measure, const Arithmetics& arithmetics = {}) {
    ACTIUM_ASSIGN_OR_RETURN(Tuner tuner, Tuner::Make(0, measure, cache_));
    ACTIUM_ASSIGN_OR_RETURN(const auto* kernel, tuner.Choose(kShape, arithmetics));
    ACTIUM_RETURN_IF_ERROR(tuner.Save());
    return std::string(kernel->name);
  }

  std::filesystem::path file() const { return cache_ + "/cuda-tuning-CUDA-stand-in.txt"; }

  TempRepository files_;
  const std::string cache_ = (files_.root() / "cache").string();
};

TEST_F(TunerTest, MeasuresEveryKernelThatFitsInEveryPrecision) {
  for (const Arithmetics& arithmetics :
       {Arithmetics{}, Arithmetics{.tf32 = true}, Arithmetics{.storage = Storage::kHalf},
        Arithmetics{.storage = Storage::kBfloat16}}) {
    const int64_t before = KernelsRun();
    ACTIUM_EXPECT_OK(Choose(true, arithmetics));
    const auto fitting = std::ssize(FittingKernels(kShape, arithmetics, 1));
    EXPECT_GE(KernelsRun() - before, 6 * fitting);
  }
}

TEST_F(TunerTest, WithoutMeasuringRunsNothing) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const std::string chosen, Choose(false, {.storage = Storage::kHalf}));
  EXPECT_THAT(chosen, HasSubstr("mma"));
  EXPECT_EQ(KernelsRun(), 0);
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(TunerTest, WhatWasMeasuredIsKeptForTheNextStart) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(const std::string chosen, Choose(true));
  EXPECT_THAT(TextOf(file()), HasSubstr("fp32 rows=2 in=5x7x16 out=5x7x16 kernel=3x3"));
  const int64_t before = KernelsRun();
  ACTIUM_ASSERT_OK_AND_ASSIGN(const std::string again, Choose(true));
  EXPECT_EQ(again, chosen);
  EXPECT_EQ(KernelsRun(), before);
}

TEST_F(TunerTest, AFileOfAnotherMachineOrOfNonsenseIsMeasuredAnew) {
  ACTIUM_ASSERT_OK(Choose(true));
  const std::string good = TextOf(file());
  const std::string line = good.substr(good.find('\n') + 1);
  const std::string first = good.substr(0, good.find('\n') + 1);
  for (const std::string& bad :
       {"other machine\n" + line, std::string("\0\xff", 2), std::string(),
        first + line.substr(0, line.find('\t')) + "\tno_such_kernel\n", first + "no tab\n"}) {
    std::ofstream(file(), std::ios::trunc) << bad;
    const int64_t before = KernelsRun();
    ACTIUM_EXPECT_OK(Choose(true));
    EXPECT_GT(KernelsRun(), before) << bad;
    EXPECT_THAT(TextOf(file()), HasSubstr(first));
  }
}

TEST_F(TunerTest, AFileThatCannotBeWrittenIsNamed) {
  files_.Write("cache", "a file where the folder should be");
  EXPECT_THAT(Choose(true).status(),
              StatusIs(StatusCode::kPermissionDenied, HasSubstr("cuda-tuning")));
}

TEST_F(TunerTest, WithTooLittleMemoryTakesWhatShouldBeFastest) {
  host::SetDeviceMemory(1024);
  EXPECT_THAT(Choose(true), IsOk());
  EXPECT_EQ(KernelsRun(), 0);
}

// A kernel that leaves a line of the window out.
cudaError_t RunWrong(const ContractionShape& shape, Storage storage,
                     const ContractionMemory& memory, const Program& program, cudaStream_t stream) {
  ContractionShape part = shape;
  part.kernel.h -= 1;
  return kReferenceKernel.run(part, storage, memory, program, stream);
}

TEST_F(TunerTest, AKernelThatComputesSomethingElseIsNamed) {
  const ContractionKernel wrong = {"wrong", 1, 1, kReferenceKernel.fits, RunWrong};
  const ContractionKernel* const kernels[] = {&kReferenceKernel, &wrong};
  EXPECT_THAT(FastestKernel(kShape, {}, kernels).status(),
              StatusIs(StatusCode::kInternal, HasSubstr("kernel wrong computes")));
}

TEST_F(TunerTest, LeavesNothingBehind) {
  ACTIUM_ASSERT_OK(Choose(true));
  EXPECT_EQ(host::LiveObjects(), host::ObjectCounts());
}

}  // namespace
}  // namespace actium::test
