#include "tests/client/cli/write_npz.h"

#include <gtest/gtest.h>
#include <minizip/zip.h>

namespace actium::test {

void WriteZip(const std::string& path,
              const std::vector<std::pair<std::string, std::string>>& files, bool packed) {
  zipFile zip = zipOpen64(path.c_str(), APPEND_STATUS_CREATE);
  ASSERT_NE(zip, nullptr);
  for (const auto& [name, bytes] : files) {
    const zip_fileinfo info{};
    EXPECT_EQ(zipOpenNewFileInZip(zip, name.c_str(), &info, nullptr, 0, nullptr, 0, nullptr,
                                  packed ? Z_DEFLATED : 0, Z_DEFAULT_COMPRESSION),
              ZIP_OK);
    EXPECT_EQ(zipWriteInFileInZip(zip, bytes.data(), static_cast<unsigned>(bytes.size())), ZIP_OK);
    EXPECT_EQ(zipCloseFileInZip(zip), ZIP_OK);
  }
  EXPECT_EQ(zipClose(zip, nullptr), ZIP_OK);
}

}  // namespace actium::test
