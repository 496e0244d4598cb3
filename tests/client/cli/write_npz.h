#ifndef ACTIUM_TESTS_CLIENT_CLI_WRITE_NPZ_H_
#define ACTIUM_TESTS_CLIENT_CLI_WRITE_NPZ_H_

#include <string>
#include <utility>
#include <vector>

namespace actium::test {

/// Writes a zip archive of these files, names and bytes; packed as numpy.savez_compressed() does
/// it, or only stored, as numpy.savez().
void WriteZip(const std::string& path,
              const std::vector<std::pair<std::string, std::string>>& files, bool packed);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_CLIENT_CLI_WRITE_NPZ_H_
