#include <fmt/format.h>

#include <numeric>
#include <utility>

#include "client/cli/example_source.h"
#include "client/cli/hold_out.h"
#include "client/cli/test_images.h"
#include "server/base/quote.h"
#include "server/base/status_macros.h"

namespace actium::cli {
namespace {

namespace fs = std::filesystem;

class IdxExamples final : public ExampleSource {
 public:
  IdxExamples(std::string kind, TestImages images, std::vector<int64_t> chosen)
      : kind_(std::move(kind)), images_(std::move(images)), chosen_(std::move(chosen)) {}

  std::string kind() const override { return kind_; }
  int64_t count() const override { return std::ssize(chosen_); }
  bool labelled() const override { return true; }
  const std::vector<std::string>& class_names() const override { return no_names_; }
  int32_t label(int64_t number) const override {
    return images_.classes[static_cast<size_t>(chosen_[static_cast<size_t>(number)])];
  }
  std::string id(int64_t) const override { return ""; }

  absl::StatusOr<Sample> Read(int64_t number) override {
    Array array{.datatype = "UINT8",
                .shape = {images_.height, images_.width},
                .bytes = std::string(images_.image(chosen_[static_cast<size_t>(number)]))};
    std::optional<Image> image = AsImage(array);
    return Sample{.image = std::move(image), .array = std::move(array)};
  }

 private:
  const std::string kind_;
  const std::vector<std::string> no_names_;
  const TestImages images_;
  const std::vector<int64_t> chosen_;
};

}  // namespace

bool IsIdxFolder(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "t10k-images-idx3-ubyte.gz", error) ||
         fs::exists(folder / "t10k-images-idx3-ubyte", error);
}

absl::StatusOr<std::unique_ptr<ExampleSource>> OpenIdxExamples(const fs::path& folder,
                                                               std::string_view split) {
  if (split != "test" && split != "validation") {
    return absl::InvalidArgumentError(
        fmt::format("{}: IDX files have the parts test and validation, got {}", folder.string(),
                    base::Quote(split)));
  }
  const bool test = split == "test";
  ACTIUM_ASSIGN_OR_RETURN(TestImages images, ReadIdxImages(folder, test ? "t10k" : "train"));
  std::vector<int64_t> chosen;
  if (test) {
    chosen.resize(static_cast<size_t>(images.count));
    std::iota(chosen.begin(), chosen.end(), int64_t{0});
  } else {
    ACTIUM_ASSIGN_OR_RETURN(chosen, HeldOutImages(images.count));
  }
  return std::make_unique<IdxExamples>(
      test ? "IDX files, test images" : "IDX files, images held out of the training ones",
      std::move(images), std::move(chosen));
}

}  // namespace actium::cli
