#ifndef ACTIUM_SERVER_REPOSITORY_CONFIG_DOCS_H_
#define ACTIUM_SERVER_REPOSITORY_CONFIG_DOCS_H_

#include <string>
#include <vector>

namespace actium::repository {

/// Returns the path of every field of ModelConfig, in the order of model_config.proto, each before
/// those inside of it; of a map's entries the value's fields follow the map's own path.
std::vector<std::string> AllConfigPaths();

/// Returns the text of docs/model-config.md, from the table of config_fields.h.
std::string ConfigDocs();

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_CONFIG_DOCS_H_
