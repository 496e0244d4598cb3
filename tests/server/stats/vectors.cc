#include "tests/server/stats/vectors.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace actium::test {

const nlohmann::json& Vectors(const std::string& section) {
  static const nlohmann::json vectors = nlohmann::json::parse(std::ifstream(ACTIUM_STATS_VECTORS));
  const nlohmann::json& rows = vectors.at(section);
  if (!rows.is_array() || rows.empty()) {
    std::fprintf(stderr, "%s has no rows of %s\n", ACTIUM_STATS_VECTORS, section.c_str());
    std::abort();
  }
  return rows;
}

}  // namespace actium::test
