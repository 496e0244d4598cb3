// Prints docs/model-config.md: `actium-config-docs > docs/model-config.md`.

#include <iostream>

#include "server/repository/config_docs.h"

int main() {
  std::cout << actium::repository::ConfigDocs() << std::flush;
  return std::cout.good() ? 0 : 1;
}
