#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <system_error>
#include <utility>

#include "client/cli/example_source.h"
#include "client/cli/exit_status.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"

namespace actium::cli {
namespace {

namespace fs = std::filesystem;

// What a folder holds, hidden entries left out; names only.
struct Listing {
  std::vector<std::string> pictures;
  std::vector<std::string> folders;
};

bool IsPictureName(const std::string& name) {
  std::string ending = fs::path(name).extension().string();
  std::ranges::transform(ending, ending.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

absl::Status BadData(const fs::path& path, const std::string& what) {
  return With(ExitStatus::kBadFile,
              absl::InvalidArgumentError(fmt::format("{}: {}", path.string(), what)));
}

absl::StatusOr<Listing> List(const fs::path& folder) {
  Listing listing;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with('.')) continue;
    std::error_code no_status;  // A link to nothing is neither file nor folder.
    if (entry->is_directory(no_status)) {
      listing.folders.push_back(name);
    } else if (IsPictureName(name)) {
      listing.pictures.push_back(name);
    }
    if (std::ssize(listing.pictures) > kMostExamples) {
      return With(ExitStatus::kBadFile, absl::ResourceExhaustedError(fmt::format(
                                            "{}: a comparison takes at most {} pictures",
                                            folder.string(), kMostExamples)));
    }
  }
  if (error) {
    return With(ExitStatus::kBadFile, absl::NotFoundError(fmt::format(
                                          "cannot read {}: {}", folder.string(), error.message())));
  }
  std::ranges::sort(listing.pictures);
  std::ranges::sort(listing.folders);
  return listing;
}

class ImageFolder final : public ExampleSource {
 public:
  explicit ImageFolder(fs::path folder) : folder_(std::move(folder)) {}

  absl::Status Scan() {
    ACTIUM_ASSIGN_OR_RETURN(const Listing top, List(folder_));
    if (!top.folders.empty() && !top.pictures.empty()) {
      return BadData(folder_,
                     fmt::format("has both pictures ({}) and folders ({}): pictures must all be "
                                 "here, without labels, or all in folders of classes",
                                 base::Quote(top.pictures[0]), base::Quote(top.folders[0])));
    }
    files_ = top.pictures;
    classes_ = top.folders;
    for (size_t i = 0; i < classes_.size(); ++i) {
      ACTIUM_RETURN_IF_ERROR(ScanClass(static_cast<int32_t>(i)));
    }
    if (files_.empty()) return BadData(folder_, "holds no .png, .jpg or .jpeg");
    return absl::OkStatus();
  }

  std::string kind() const override {
    return labelled() ? "a folder for each class" : "a folder of pictures without labels";
  }
  int64_t count() const override { return std::ssize(files_); }
  bool labelled() const override { return !classes_.empty(); }
  const std::vector<std::string>& class_names() const override { return classes_; }
  int32_t label(int64_t number) const override { return labels_[static_cast<size_t>(number)]; }
  std::string id(int64_t number) const override { return AsId(Name(number)); }

  absl::StatusOr<Sample> Read(int64_t number) override {
    return ReadSample(folder_ / Name(number), std::nullopt);
  }

 private:
  absl::Status ScanClass(int32_t number) {
    const fs::path folder = folder_ / classes_[static_cast<size_t>(number)];
    ACTIUM_ASSIGN_OR_RETURN(Listing own, List(folder));
    if (!own.folders.empty()) {
      return BadData(folder, fmt::format("a class's folder must hold no folders, it has {}; if it "
                                         "is a set of data itself, name it by --data",
                                         base::Quote(own.folders[0])));
    }
    if (std::ssize(files_) + std::ssize(own.pictures) > kMostExamples) {
      return With(ExitStatus::kBadFile, absl::ResourceExhaustedError(fmt::format(
                                            "{}: a comparison takes at most {} pictures",
                                            folder_.string(), kMostExamples)));
    }
    std::ranges::move(own.pictures, std::back_inserter(files_));
    labels_.resize(files_.size(), number);
    return absl::OkStatus();
  }

  // Relative to the folder.
  std::string Name(int64_t number) const {
    const std::string& file = files_[static_cast<size_t>(number)];
    return labelled() ? classes_[static_cast<size_t>(label(number))] + "/" + file : file;
  }

  const fs::path folder_;
  std::vector<std::string> classes_;
  std::vector<std::string> files_;
  std::vector<int32_t> labels_;  // Of each file, where there are classes.
};

}  // namespace

absl::StatusOr<std::unique_ptr<ExampleSource>> OpenImageFolder(const fs::path& folder) {
  auto source = std::make_unique<ImageFolder>(folder);
  ACTIUM_RETURN_IF_ERROR(source->Scan());
  return source;
}

std::string AsId(std::string_view name) {
  constexpr size_t kMostIdBytes = 256;
  std::string id(name);
  if (!base::IsPlainText(id)) {
    std::ranges::replace_if(
        id, [](char c) { return c < ' ' || c == '\x7f'; }, '?');  // char is signed: >= 0x80 too.
  }
  if (id.size() <= kMostIdBytes) return id;
  size_t begin = id.size() - kMostIdBytes;
  while ((static_cast<unsigned char>(id[begin]) & 0xc0) == 0x80) ++begin;  // Within a code point.
  return id.substr(begin);
}

}  // namespace actium::cli
