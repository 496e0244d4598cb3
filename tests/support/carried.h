#ifndef ACTIUM_TESTS_SUPPORT_CARRIED_H_
#define ACTIUM_TESTS_SUPPORT_CARRIED_H_

#include <cstdlib>
#include <filesystem>

namespace actium::test {

/// Returns `folder`, of the build, the sources or the system; or the folder $ACTIUM_CARRIED, if
/// that is set: tests/gpu/pack.sh puts what tests need of all of them there, for machines that have
/// none.
inline std::filesystem::path CarriedOr(const char* folder) {
  const char* const carried = std::getenv("ACTIUM_CARRIED");
  return carried == nullptr ? folder : carried;
}

}  // namespace actium::test

#endif  // ACTIUM_TESTS_SUPPORT_CARRIED_H_
