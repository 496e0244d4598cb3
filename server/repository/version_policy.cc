#include "server/repository/version_policy.h"

#include <algorithm>

namespace actium::repository {

VersionChoice ChooseVersions(const VersionPolicy& policy, std::span<const int64_t> present) {
  VersionChoice choice;
  switch (policy.kind) {
    case VersionPolicy::Kind::kLatest: {
      const auto latest =
          present.last(std::min(static_cast<size_t>(policy.latest), present.size()));
      choice.served.assign(latest.begin(), latest.end());
      break;
    }
    case VersionPolicy::Kind::kAll:
      choice.served.assign(present.begin(), present.end());
      break;
    case VersionPolicy::Kind::kSpecific:
      for (const int64_t version : policy.specific) {
        const bool found = std::ranges::binary_search(present, version);
        (found ? choice.served : choice.missing).push_back(version);
      }
      break;
  }
  return choice;
}

}  // namespace actium::repository
