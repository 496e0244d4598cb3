#include "client/cli/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <png.h>
#include <zlib.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "client/cli/exit_status.h"
#include "client/cli/sample_file.h"
#include "tests/client/cli/encode_picture.h"
#include "tests/support/status_matchers.h"

namespace actium::test {
namespace {

using cli::Image;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// A file in a folder of its own.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& contents) {
    std::string folder = (std::filesystem::temp_directory_path() / "image-XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    std::ofstream(path(), std::ios::binary) << contents;
  }
  ~ScratchFile() { std::filesystem::remove_all(folder_); }
  std::filesystem::path path() const { return folder_ / "file"; }

 private:
  std::filesystem::path folder_;
};

TEST(DecodePngTest, ReturnsGrayAndColorsAsTheyWere) {
  for (const int channels : {1, 3}) {
    const Image image = Gradient(5, 3, channels);
    const auto decoded = cli::DecodePng(EncodePng(image));
    ASSERT_THAT(decoded, IsOk());
    EXPECT_EQ(decoded->width, 5);
    EXPECT_EQ(decoded->height, 3);
    EXPECT_EQ(decoded->channels, channels);
    EXPECT_EQ(decoded->pixels, image.pixels);
  }
}

TEST(DecodePngTest, TransparentIsWhite) {
  const uint8_t pixels[] = {10, 20, 30, 0, 10, 20, 30, 255};
  const auto decoded = cli::DecodePng(EncodePng(pixels, 2, 1, PNG_FORMAT_RGBA));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_THAT(decoded->pixels, ElementsAre(255, 255, 255, 10, 20, 30));
}

TEST(DecodePngTest, EveryTruncationIsAnError) {
  const std::string bytes = EncodePng(Gradient(9, 9, 3));
  // The last 12 bytes are the end marker, which libpng does not need.
  for (size_t size = 0; size + 12 < bytes.size(); ++size) {
    EXPECT_THAT(cli::DecodePng(bytes.substr(0, size)), StatusIs(kInvalid, HasSubstr("damaged PNG")))
        << size;
  }
}

TEST(DecodePngTest, ASizeBombIsRefusedBeforeItIsDecoded) {
  std::string bytes = EncodePng(Gradient(1, 1, 1));
  // Width and height follow the signature and the chunk's length and name; then its checksum.
  bytes.replace(16, 8, std::string("\x00\x00\xff\xff\x00\x00\xff\xff", 8));
  const uLong sum = crc32(0, reinterpret_cast<const Bytef*>(bytes.data() + 12), 17);
  for (int i = 0; i < 4; ++i)
    bytes[29 + static_cast<size_t>(i)] = static_cast<char>(sum >> (24 - 8 * i));
  EXPECT_THAT(cli::DecodePng(bytes),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("65535 x 65535")));
}

TEST(DecodeJpegTest, ReturnsNearlyWhatWasWritten) {
  for (const int channels : {1, 3}) {
    Image flat{.width = 16, .height = 8, .channels = channels, .pixels = {}};
    flat.pixels.assign(static_cast<size_t>(16 * 8 * channels), 100);
    const auto decoded = cli::DecodeJpeg(EncodeJpeg(flat));
    ASSERT_THAT(decoded, IsOk());
    EXPECT_EQ(decoded->channels, channels);
    ASSERT_EQ(decoded->pixels.size(), flat.pixels.size());
    for (const uint8_t sample : decoded->pixels) EXPECT_NEAR(sample, 100, 2);
  }
}

TEST(DecodeJpegTest, EveryTruncationIsAnError) {
  const std::string bytes = EncodeJpeg(Gradient(16, 16, 3));
  for (size_t size = 0; size + 2 < bytes.size(); ++size) {
    EXPECT_THAT(cli::DecodeJpeg(bytes.substr(0, size)),
                StatusIs(kInvalid, HasSubstr("damaged JPEG")))
        << size;
  }
}

TEST(DecodeJpegTest, ASizeBombIsRefusedBeforeItIsDecoded) {
  std::string bytes = EncodeJpeg(Gradient(8, 8, 1));
  const size_t frame = bytes.find("\xff\xc0");
  ASSERT_NE(frame, std::string::npos);
  bytes.replace(frame + 5, 4, "\xff\xdc\xff\xdc");
  EXPECT_THAT(cli::DecodeJpeg(bytes),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("65500 x 65500")));
}

TEST(DecodeImagesTest, SurviveDamage) {
  const std::string seeds[] = {EncodePng(Gradient(9, 7, 3)), EncodePng(Gradient(9, 7, 1)),
                               EncodeJpeg(Gradient(9, 7, 3)), EncodeJpeg(Gradient(9, 7, 1))};
  std::mt19937 random(0);
  for (int i = 0; i < 4000; ++i) {
    std::string bytes = seeds[static_cast<size_t>(i) % 4];
    for (uint32_t change = 0; change <= random() % 3; ++change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const auto image = i % 4 < 2 ? cli::DecodePng(bytes) : cli::DecodeJpeg(bytes);
    if (!image.ok()) continue;
    EXPECT_EQ(image->pixels.size(), static_cast<size_t>(image->width) *
                                        static_cast<size_t>(image->height) *
                                        static_cast<size_t>(image->channels));
  }
}

TEST(WithChannelsTest, ConvertsBothWays) {
  const Image rgb = {
      .width = 3, .height = 1, .channels = 3, .pixels = {255, 255, 255, 255, 0, 0, 0, 0, 9}};
  EXPECT_THAT(cli::WithChannels(rgb, 1).pixels, ElementsAre(255, 76, 1));
  const Image gray = {.width = 1, .height = 1, .channels = 1, .pixels = {7}};
  EXPECT_THAT(cli::WithChannels(gray, 3).pixels, ElementsAre(7, 7, 7));
}

TEST(ResizedTest, KeepsFlatPicturesFlat) {
  Image flat{.width = 7, .height = 5, .channels = 3, .pixels = {}};
  flat.pixels.assign(7 * 5 * 3, 131);
  for (const auto& [width, height] : {std::pair(1, 1), std::pair(28, 28), std::pair(3, 40)}) {
    const Image resized = cli::Resized(flat, width, height);
    EXPECT_EQ(resized.pixels, std::vector<uint8_t>(static_cast<size_t>(width * height * 3), 131));
  }
}

TEST(ReadSampleTest, TellsTheFormatByContents) {
  const ScratchFile png(EncodePng(Gradient(2, 2, 1)));
  EXPECT_TRUE(cli::ReadSample(png.path(), std::nullopt)->image);
  const ScratchFile jpeg(EncodeJpeg(Gradient(8, 8, 3)));
  EXPECT_EQ(cli::ReadSample(jpeg.path(), std::nullopt)->image->channels, 3);
  const ScratchFile idx(
      std::string("\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x02"
                  "abcd",
                  20));
  EXPECT_THAT(cli::ReadSample(idx.path(), std::nullopt)->image->pixels, ElementsAre('a', 'b'));
  EXPECT_THAT(cli::ReadSample(idx.path(), 1)->image->pixels, ElementsAre('c', 'd'));
}

TEST(ReadSampleTest, ErrorsNameTheFileAndEndAsABadFile) {
  const ScratchFile text("hello");
  const auto damaged = cli::ReadSample(text.path(), std::nullopt);
  EXPECT_THAT(damaged, StatusIs(kInvalid, AllOf(HasSubstr(text.path().string()),
                                                HasSubstr("no PNG, JPEG, IDX or .npy"))));
  EXPECT_EQ(cli::ExitStatusOf(damaged.status()), cli::ExitStatus::kBadFile);
  const auto missing = cli::ReadSample("/nowhere/x.png", std::nullopt);
  EXPECT_THAT(missing, StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/x.png")));
  EXPECT_EQ(cli::ExitStatusOf(missing.status()), cli::ExitStatus::kBadFile);
  EXPECT_THAT(cli::ReadSample("/tmp", std::nullopt),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("is a folder")));
  const ScratchFile png(EncodePng(Gradient(2, 2, 1)));
  EXPECT_THAT(cli::ReadSample(png.path(), 3), StatusIs(kInvalid, HasSubstr("--index is for IDX")));
}

}  // namespace
}  // namespace actium::test
