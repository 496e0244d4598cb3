#include "server/compare/run_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace actium::compare {
namespace {

using test::StatusIs;
using ::testing::HasSubstr;

batching::InferRequest Inputs(std::vector<tensor::Shape> shapes, const std::string& bytes) {
  static const char* const kNames[] = {"a", "b"};
  batching::InferRequest request;
  for (const tensor::Shape& shape : shapes) {
    batching::InputView input;
    input.name = kNames[request.inputs.size()];
    input.dtype = tensor::DType::kUint8;
    input.shape = shape;
    input.pieces.push_back({.bytes = std::as_bytes(std::span(bytes))});
    request.inputs.push_back(std::move(input));
  }
  return request;
}

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(CountRowsTest, AreThoseOfAllInputs) {
  const std::string bytes = "abcdef";
  ACTIUM_ASSERT_OK_AND_ASSIGN(const int rows, CountRows(Inputs({{3, 2}, {3, 1, 2}}, bytes), true));
  EXPECT_EQ(rows, 3);
  ACTIUM_ASSERT_OK_AND_ASSIGN(const int unbatched, CountRows(Inputs({{7}}, bytes), false));
  EXPECT_EQ(unbatched, 1);
}

TEST(CountRowsTest, RefusesWhatCannotBeDivided) {
  const std::string bytes = "abcdef";
  EXPECT_THAT(CountRows(Inputs({}, bytes), true), StatusIs(kInvalid, HasSubstr("none")));
  EXPECT_THAT(CountRows(Inputs({{}}, bytes), true), StatusIs(kInvalid, HasSubstr("input 'a'")));
  EXPECT_THAT(CountRows(Inputs({{0, 6}}, bytes), true), StatusIs(kInvalid, HasSubstr("got 0")));
  EXPECT_THAT(CountRows(Inputs({{-1, 6}}, bytes), true), StatusIs(kInvalid, HasSubstr("got -1")));
  EXPECT_THAT(CountRows(Inputs({{int64_t{1} << 40}}, bytes), true),
              StatusIs(kInvalid, HasSubstr("got 1099511627776")));
  EXPECT_THAT(CountRows(Inputs({{3, 2}, {2, 3}}, bytes), true),
              StatusIs(kInvalid, HasSubstr("input 'b'")));
  EXPECT_THAT(CountRows(Inputs({{4, 2}}, bytes), true),
              StatusIs(kInvalid, HasSubstr("not 4 equal rows")));
}

}  // namespace
}  // namespace actium::compare
