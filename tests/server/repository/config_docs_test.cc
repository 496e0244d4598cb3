#include "server/repository/config_docs.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace actium::repository {
namespace {

TEST(ConfigDocsTest, TheFileInDocsIsFresh) {
  std::ifstream file(ACTIUM_SOURCE_DIR "/docs/model-config.md", std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_TRUE(text == ConfigDocs())
      << "write it again: build/release/bin/actium-config-docs > docs/model-config.md";
}

}  // namespace
}  // namespace actium::repository
