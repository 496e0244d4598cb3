#include "client/cli/array_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <string>

#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using cli::Array;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

std::string Bytes(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes += static_cast<char>(value);
  return bytes;
}

std::string Gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(deflateBound(&stream, text.size()) + 64, '\0');
  std::string copy = text;
  stream.next_in = reinterpret_cast<Bytef*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string Npy(const std::string& header, const std::string& contents, int version = 1) {
  std::string bytes = "\x93NUMPY" + Bytes({version, 0});
  bytes += Bytes({static_cast<int>(header.size() & 0xff), static_cast<int>(header.size() >> 8)});
  if (version > 1) bytes += Bytes({0, 0});
  return bytes + header + contents;
}

TEST(ParseIdxTest, ReadsBytesAndTurnsLargerElementsAround) {
  const auto images =
      cli::ParseIdx(Bytes({0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2}) + "abcd");
  ASSERT_THAT(images, IsOk());
  EXPECT_EQ(images->datatype, "UINT8");
  EXPECT_THAT(images->shape, ElementsAre(2, 1, 2));
  EXPECT_EQ(images->bytes, "abcd");
  const auto numbers = cli::ParseIdx(Bytes({0, 0, 0x0c, 1, 0, 0, 0, 1, 1, 2, 3, 4}));
  ASSERT_THAT(numbers, IsOk());
  EXPECT_EQ(numbers->datatype, "INT32");
  EXPECT_EQ(numbers->bytes, Bytes({4, 3, 2, 1}));
}

TEST(ParseIdxTest, RefusesWhatIsNoIdx) {
  EXPECT_THAT(cli::ParseIdx(""), StatusIs(kInvalid, HasSubstr("no IDX file")));
  EXPECT_THAT(cli::ParseIdx(Bytes({0, 0, 7, 1, 0, 0, 0, 0})),
              StatusIs(kInvalid, HasSubstr("no IDX")));
  EXPECT_THAT(cli::ParseIdx(Bytes({0, 0, 8, 3, 0, 0, 0, 2})),
              StatusIs(kInvalid, HasSubstr("truncated IDX header")));
  EXPECT_THAT(cli::ParseIdx(Bytes({0, 0, 8, 1, 0, 0, 0, 2}) + "a"),
              StatusIs(kInvalid, HasSubstr("[2] must have 2 bytes, got 1")));
  EXPECT_THAT(cli::ParseIdx(Bytes({0, 0, 8, 1, 0, 0, 0, 2}) + "abc"),
              StatusIs(kInvalid, HasSubstr("got 3")));
}

TEST(ParseIdxTest, AHugeShapeIsNoAllocation) {
  std::string hostile = Bytes({0, 0, 0x0e, 255});
  hostile += std::string(255 * 4, '\xff');
  EXPECT_THAT(cli::ParseIdx(hostile), StatusIs(kInvalid, HasSubstr("2^63")));
}

TEST(ParseNpyTest, ReadsVersionsOneToThree) {
  for (int version = 1; version <= 3; ++version) {
    const auto array = cli::ParseNpy(
        Npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 1), }\n", "abcd", version));
    ASSERT_THAT(array, IsOk()) << version;
    EXPECT_EQ(array->datatype, "INT16");
    EXPECT_THAT(array->shape, ElementsAre(2, 1));
    EXPECT_EQ(array->bytes, "abcd");
  }
  const auto scalar =
      cli::ParseNpy(Npy("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", "a"));
  ASSERT_THAT(scalar, IsOk());
  EXPECT_TRUE(scalar->shape.empty());
}

TEST(ParseNpyTest, SaysWhatIsWrong) {
  const auto parse = [](const std::string& header, const std::string& contents = "ab") {
    return cli::ParseNpy(Npy(header, contents));
  };
  EXPECT_THAT(cli::ParseNpy("\x93NUMPZ"), StatusIs(kInvalid, HasSubstr("no .npy")));
  EXPECT_THAT(cli::ParseNpy("\x93NUMPY\x01"), StatusIs(kInvalid, HasSubstr("truncated")));
  EXPECT_THAT(cli::ParseNpy(Npy("{}", "", 4)),
              StatusIs(kInvalid, HasSubstr("version must be 1 to 3, got 4")));
  EXPECT_THAT(cli::ParseNpy(Npy("{}", "").substr(0, 9)),
              StatusIs(kInvalid, HasSubstr("truncated")));
  EXPECT_THAT(parse("{'shape': (2,)}"), StatusIs(kInvalid, HasSubstr("must have descr")));
  EXPECT_THAT(parse("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }"),
              StatusIs(kInvalid, HasSubstr("type '>f4' is not supported")));
  EXPECT_THAT(parse("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }"),
              StatusIs(kInvalid, HasSubstr("not supported")));
  EXPECT_THAT(parse("{'descr': '|u1', 'fortran_order': True, 'shape': (2,), }"),
              StatusIs(kInvalid, HasSubstr("C order")));
  EXPECT_THAT(parse("{'descr': '|u1', 'fortran_order': False, 'shape': (2, -1), }"),
              StatusIs(kInvalid, HasSubstr("no tuple")));
  EXPECT_THAT(parse("{'descr': '|u1', 'fortran_order': False, 'shape': (2"),
              StatusIs(kInvalid, HasSubstr("no tuple")));
  EXPECT_THAT(parse("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }"),
              StatusIs(kInvalid, HasSubstr("[3] must have 3 bytes, got 2")));
  EXPECT_THAT(parse("{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904,), }"),
              StatusIs(kInvalid, HasSubstr("2^63")));
}

TEST(GunzipTest, UnpacksAndReportsDamage) {
  const std::string text(100000, 'a');
  const std::string packed = Gzip(text);
  EXPECT_EQ(*cli::Gunzip(packed, 1 << 20), text);
  EXPECT_THAT(cli::Gunzip(packed.substr(0, packed.size() / 2), 1 << 20),
              StatusIs(kInvalid, HasSubstr("truncated gzip")));
  EXPECT_THAT(cli::Gunzip("", 1 << 20), StatusIs(kInvalid, HasSubstr("truncated gzip")));
  std::string damaged = packed;
  damaged[packed.size() - 5] ^= 1;  // The checksum.
  EXPECT_THAT(cli::Gunzip(damaged, 1 << 20), StatusIs(kInvalid, HasSubstr("damaged gzip")));
}

TEST(GunzipTest, ABombIsStopped) {
  EXPECT_THAT(cli::Gunzip(Gzip(std::string(8 << 20, '\0')), 1 << 20),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("more than 1 MiB")));
}

TEST(SliceTest, TakesOneElement) {
  const Array array = {.datatype = "INT16", .shape = {2, 2}, .bytes = "abcdefgh"};
  EXPECT_EQ(cli::Slice(array, 1)->bytes, "efgh");
  EXPECT_THAT(cli::Slice(array, 1)->shape, ElementsAre(2));
  EXPECT_THAT(cli::Slice(array, 2),
              StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("index must be in [0, 1], got 2")));
  EXPECT_THAT(cli::Slice(array, -1), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("-1")));
  EXPECT_THAT(cli::Slice({.datatype = "UINT8", .shape = {}, .bytes = "a"}, 0),
              StatusIs(kInvalid, HasSubstr("single number")));
  EXPECT_FALSE(cli::Slice({.datatype = "UINT8", .shape = {0}, .bytes = ""}, 0).ok());
}

// Mutations of good files: any answer, no crash, and never more bytes than the file has.
TEST(ParseArraysTest, SurviveDamage) {
  const std::string seeds[] = {
      Bytes({0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2}) + "abcd",
      Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n", "abcd"), Gzip("hello")};
  std::mt19937 random(0);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = seeds[random() % 3];
    for (uint32_t change = 0; change <= random() % 3; ++change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    bytes.resize(random() % 4 == 0 ? random() % bytes.size() : bytes.size());
    if (const auto array = cli::ParseIdx(bytes); array.ok()) {
      EXPECT_LE(array->bytes.size(), bytes.size());
    }
    if (const auto array = cli::ParseNpy(bytes); array.ok()) {
      EXPECT_LE(array->bytes.size(), bytes.size());
    }
    (void)cli::Gunzip(bytes, 1 << 16);
  }
}

}  // namespace
}  // namespace actium::test
