#ifndef ACTIUM_SERVER_REPOSITORY_NEAREST_NAME_H_
#define ACTIUM_SERVER_REPOSITORY_NEAREST_NAME_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace actium::repository {

/// Returns the known name that was probably meant: the first of those with the fewest inserted,
/// removed or replaced bytes, if that is at most a third of the name's length; nothing otherwise.
///
/// name: untrusted; nothing is near to one of more than 64 bytes.
std::optional<std::string> NearestName(std::string_view name, std::span<const std::string> known);

}  // namespace actium::repository

#endif  // ACTIUM_SERVER_REPOSITORY_NEAREST_NAME_H_
