#include "server/rpc/readiness.h"

#include <algorithm>

namespace actium::rpc {

bool Readiness::ready() const {
  if (loading() || draining() || !unhealthy().empty()) return false;
  if (!strict_) return true;
  const auto versions = repository_.Index();
  return std::all_of(versions.begin(), versions.end(), [](const auto& version) {
    return version.state == repository::VersionState::kReady;
  });
}

}  // namespace actium::rpc
