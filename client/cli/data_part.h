#ifndef ACTIUM_CLIENT_CLI_DATA_PART_H_
#define ACTIUM_CLIENT_CLI_DATA_PART_H_

#include <string>

#include "absl/status/statusor.h"

namespace actium::cli {

/// Where the examples of a comparison are.
struct DataPart {
  std::string path;
  std::string split;  ///< "test" or "validation" of a folder with IDX files; otherwise empty.
  bool named = true;  ///< False: nobody named the data, it is Fashion-MNIST.
};

/// Finds what --select-on and --report-on name: with --data the part of that name in it, which is a
/// sub-folder, a file, or "test" or "validation" of IDX files; otherwise a path, or if there is
/// none such a part of Fashion-MNIST. "val" and "validation" are the same name.
///
/// data: as given by --data; empty: not given. Errors: NOT_FOUND, with the exit status of a bad
/// file; INVALID_ARGUMENT for another part of IDX files.
absl::StatusOr<DataPart> FindPart(const std::string& data, const std::string& name);

/// True if both are the same examples, as far as their paths tell.
bool AreSame(const DataPart& one, const DataPart& other);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_DATA_PART_H_
