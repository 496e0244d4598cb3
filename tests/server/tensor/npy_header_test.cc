#include "server/tensor/npy_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/support/status_matchers.h"

namespace actium::tensor {
namespace {

using test::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::string File(const std::string& dictionary, char version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += version;
  bytes += '\0';
  const auto length = dictionary.size();
  bytes += static_cast<char>(length & 0xff);
  bytes += static_cast<char>(length >> 8);
  if (version > 1) bytes += std::string(2, '\0');
  return bytes + dictionary;
}

TEST(NpyHeaderTest, SaysWhatLiesBehindIt) {
  for (const char version : {'\1', '\2', '\3'}) {
    const std::string header =
        File("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 1, 28), }\n", version);
    ACTIUM_ASSERT_OK_AND_ASSIGN(const NpyHeader npy, ParseNpyHeader(header + "whatever"));
    EXPECT_EQ(npy.dtype, DType::kFp32);
    EXPECT_THAT(npy.shape, ElementsAre(3, 1, 28));
    EXPECT_EQ(npy.array_bytes, 3 * 28 * 4);
    EXPECT_EQ(npy.header_bytes, std::ssize(header));
  }
}

TEST(NpyHeaderTest, ReadsScalarsAndVectors) {
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      const NpyHeader scalar,
      ParseNpyHeader(File("{'descr': '|u1', 'fortran_order': False, 'shape': ()}")));
  EXPECT_EQ(scalar.array_bytes, 1);
  ACTIUM_ASSERT_OK_AND_ASSIGN(
      const NpyHeader vector,
      ParseNpyHeader(File("{'shape': (7,), 'descr': '<i8', 'fortran_order': False}")));
  EXPECT_EQ(vector.array_bytes, 56);
}

TEST(NpyHeaderTest, RefusesWhatItCannotRead) {
  const auto error = [](const std::string& dictionary) {
    return ParseNpyHeader(File(dictionary)).status();
  };
  EXPECT_THAT(ParseNpyHeader("\x93NUMPZ"), StatusIs(kInvalid, HasSubstr("no .npy file")));
  EXPECT_THAT(ParseNpyHeader("\x93NUMPY"), StatusIs(kInvalid, HasSubstr("truncated")));
  EXPECT_THAT(ParseNpyHeader(File("", 9)), StatusIs(kInvalid, HasSubstr("got 9")));
  EXPECT_THAT(error("{}"), StatusIs(kInvalid, HasSubstr("must have descr")));
  EXPECT_THAT(error("{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}"),
              StatusIs(kInvalid, HasSubstr("'>f4' is not supported")));
  EXPECT_THAT(error("{'descr': '<f4', 'fortran_order': True, 'shape': (1,)}"),
              StatusIs(kInvalid, HasSubstr("C order")));
  EXPECT_THAT(error("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}"),
              StatusIs(kInvalid, HasSubstr("no tuple")));
  EXPECT_THAT(error("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4)}"),
              StatusIs(kInvalid, HasSubstr("2^63")));
}

TEST(NpyHeaderTest, SurvivesDamage) {
  const std::string whole =
      File("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 1, 28), }\n");
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = whole.substr(0, random() % (whole.size() + 1));
    for (int k = 0; k < 3 && !damaged.empty(); ++k) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    const auto header = ParseNpyHeader(damaged);
    if (!header.ok()) continue;
    EXPECT_LE(header->header_bytes, std::ssize(damaged));
    EXPECT_EQ(header->array_bytes, ByteCount(header->dtype, header->shape));
  }
}

}  // namespace
}  // namespace actium::tensor
