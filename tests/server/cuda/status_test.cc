#include "server/cuda/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using absl::StatusCode;
using ::testing::AllOf;
using ::testing::HasSubstr;

// CUDA 13, driver_types.h: of each of these it says that the process must be started again, or it
// is what is left after such an error.
TEST(StatusTest, WhatOnlyANewProcessCanMendIsUnavailable) {
  for (const cudaError_t error :
       {cudaErrorECCUncorrectable, cudaErrorNvlinkUncorrectable, cudaErrorContained,
        cudaErrorIllegalAddress, cudaErrorLaunchTimeout, cudaErrorContextIsDestroyed,
        cudaErrorAssert, cudaErrorHardwareStackError, cudaErrorIllegalInstruction,
        cudaErrorMisalignedAddress, cudaErrorInvalidAddressSpace, cudaErrorInvalidPc,
        cudaErrorLaunchFailure, cudaErrorTensorMemoryLeak, cudaErrorMpsClientTerminated,
        cudaErrorExternalDevice, cudaErrorUnknown}) {
    EXPECT_TRUE(cuda::IsSticky(error)) << cudaGetErrorName(error);
    EXPECT_THAT(cuda::ToStatus(error, "running"),
                StatusIs(StatusCode::kUnavailable,
                         AllOf(HasSubstr("running: "), HasSubstr(cudaGetErrorName(error)))));
  }
}

TEST(StatusTest, OtherErrorsLeaveTheDeviceAlone) {
  EXPECT_THAT(cuda::ToStatus(cudaSuccess, "running"), IsOk());
  EXPECT_THAT(cuda::ToStatus(cudaErrorMemoryAllocation, "running"),
              StatusIs(StatusCode::kResourceExhausted, HasSubstr("out of memory")));
  EXPECT_THAT(cuda::ToStatus(cudaErrorInvalidDevice, "running"),
              StatusIs(StatusCode::kFailedPrecondition, HasSubstr("running: ")));
  EXPECT_THAT(cuda::ToStatus(cudaErrorInvalidValue, "running"),
              StatusIs(StatusCode::kInternal, HasSubstr("cudaErrorInvalidValue")));
}

}  // namespace
}  // namespace actium::test
