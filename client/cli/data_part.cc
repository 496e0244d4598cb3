#include "client/cli/data_part.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <vector>

#include "client/cli/example_source.h"
#include "client/cli/exit_status.h"
#include "server/base/quote.h"

namespace actium::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Spellings(const std::string& name) {
  if (name == "val") return {"val", "validation"};
  if (name == "validation") return {"validation", "val"};
  return {name};
}

}  // namespace

absl::StatusOr<DataPart> FindPart(const std::string& data, const std::string& name) {
  std::error_code error;
  if (data.empty() && fs::exists(name, error)) return DataPart{.path = name, .split = ""};
  const bool named = !data.empty();
  const fs::path folder = named ? data : kDefaultData;
  for (const std::string& spelling : Spellings(name)) {
    const fs::path path = folder / spelling;
    if (fs::exists(path, error)) return DataPart{.path = path.string(), .split = ""};
  }
  if (IsIdxFolder(folder)) {
    const std::string split = name == "val" ? "validation" : name;
    if (split == "test" || split == "validation") {
      return DataPart{.path = folder.string(), .split = split, .named = named};
    }
    if (named) {
      return absl::InvalidArgumentError(
          fmt::format("{}: IDX files have the parts test and validation, got {}", folder.string(),
                      base::Quote(name)));
    }
  }
  return With(ExitStatus::kBadFile,
              absl::NotFoundError(named ? fmt::format("there is no {}", (folder / name).string())
                                        : fmt::format("there is no {}", name)));
}

bool AreSame(const DataPart& one, const DataPart& other) {
  std::error_code error;
  const bool same_path = one.path == other.path || fs::equivalent(one.path, other.path, error);
  // Without a part's name, IDX files are those of the test.
  const auto split = [](const DataPart& part) { return part.split.empty() ? "test" : part.split; };
  return same_path && split(one) == split(other);
}

}  // namespace actium::cli
