#ifndef ACTIUM_SERVER_REPOSITORY_VERSION_POLICY_H_
#define ACTIUM_SERVER_REPOSITORY_VERSION_POLICY_H_

#include <cstdint>
#include <span>
#include <vector>

#include "server/repository/model_config.h"

namespace actium::repository {

/// What a version policy makes of the folders that are there.
struct VersionChoice {
  std::vector<int64_t> served;   ///< Ascending.
  std::vector<int64_t> missing;  ///< Ascending; asked for by number, but there is no folder.
};

/// present: the numbers of the version folders, ascending, no duplicates.
VersionChoice ChooseVersions(const VersionPolicy& policy, std::span<const int64_t> present);

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_VERSION_POLICY_H_
