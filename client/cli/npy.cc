#include <fmt/format.h>

#include "client/cli/array_file.h"
#include "server/base/status_macros.h"
#include "server/tensor/npy_header.h"

namespace actium::cli {

absl::StatusOr<Array> ParseNpy(std::string_view bytes) {
  ACTIUM_ASSIGN_OR_RETURN(const tensor::NpyHeader header, tensor::ParseNpyHeader(bytes));
  const std::string_view contents = bytes.substr(static_cast<size_t>(header.header_bytes));
  if (std::ssize(contents) != header.array_bytes) {
    return absl::InvalidArgumentError(fmt::format(".npy of shape {} must have {} bytes, got {}",
                                                  tensor::ToString(header.shape),
                                                  header.array_bytes, contents.size()));
  }
  return Array{.datatype = std::string(tensor::Name(header.dtype)),
               .shape = {header.shape.begin(), header.shape.end()},
               .bytes = std::string(contents)};
}

}  // namespace actium::cli
