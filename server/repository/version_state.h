#ifndef ACTIUM_SERVER_REPOSITORY_VERSION_STATE_H_
#define ACTIUM_SERVER_REPOSITORY_VERSION_STATE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace actium::repository {

/// State of one version, as RepositoryIndex shows it.
enum class VersionState {
  kUnknown,      ///< Found, nothing done yet.
  kLoading,      ///< Being read, added to the pool and warmed; serves nothing.
  kReady,        ///< Warm; serves. Stays so while a newer load of the same version is under way.
  kUnloading,    ///< Takes no new requests; those it has are being answered.
  kUnavailable,  ///< Failed to load, or unloaded; the reason says which.
};
inline constexpr int kVersionStates = 5;

/// The state changes that exist: kMayFollow[from][to]. Any other is a broken invariant.
inline constexpr std::array<std::array<bool, kVersionStates>, kVersionStates> kMayFollow = {{
    // to:  Unknown Loading  Ready Unloading Unavailable      from:
    /*  */ {false, true, false, false, true},   // Unknown: begin, or refuse for its configuration
    /*  */ {false, false, true, false, true},   // Loading: warm, or failed
    /*  */ {false, false, false, true, false},  // Ready: no longer wanted
    /*  */ {false, true, false, false, true},   // Unloading: wanted again, or gone
    /*  */ {false, true, false, false, true},   // Unavailable: tried again, or refused again
}};

constexpr bool MayFollow(VersionState from, VersionState to) {
  return kMayFollow[static_cast<size_t>(from)][static_cast<size_t>(to)];
}

/// Returns Triton's word for it: "UNKNOWN", "LOADING", "READY", "UNLOADING", "UNAVAILABLE".
std::string_view Name(VersionState state);

struct VersionStatus {
  std::string model;
  int64_t version =
      0;  ///< 0 for a model that has no version (its folder or configuration is broken).
  VersionState state = VersionState::kUnknown;
  std::string reason;  ///< Why it is not ready; empty if it is.
};

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_VERSION_STATE_H_
