#include <system_error>
#include <utility>

#include "client/cli/example_source.h"

namespace actium::cli {
namespace {

class ThinnedSource final : public ExampleSource {
 public:
  ThinnedSource(std::unique_ptr<ExampleSource> source, int64_t count)
      : source_(std::move(source)), count_(count) {}

  std::string kind() const override { return source_->kind(); }
  int64_t count() const override { return count_; }
  bool labelled() const override { return source_->labelled(); }
  const std::vector<std::string>& class_names() const override { return source_->class_names(); }
  int32_t label(int64_t number) const override { return source_->label(Original(number)); }
  std::string id(int64_t number) const override { return source_->id(Original(number)); }
  absl::StatusOr<Sample> Read(int64_t number) override { return source_->Read(Original(number)); }

 private:
  // Both factors are at most kMostExamples.
  int64_t Original(int64_t number) const { return number * source_->count() / count_; }

  const std::unique_ptr<ExampleSource> source_;
  const int64_t count_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ExampleSource>> OpenExamples(const std::filesystem::path& path,
                                                            const std::string& input) {
  if (IsIdxFolder(path)) return OpenIdxExamples(path, "test");
  std::error_code error;
  // What is not there is named by the folder's error.
  if (!std::filesystem::is_regular_file(path, error)) return OpenImageFolder(path);
  return OpenNpzExamples(path, input);
}

std::unique_ptr<ExampleSource> Thinned(std::unique_ptr<ExampleSource> source, int64_t most) {
  if (source->count() <= most) return source;
  return std::make_unique<ThinnedSource>(std::move(source), most);
}

std::optional<Image> ReadPicture(ExampleSource& source, int64_t number) {
  auto sample = source.Read(number);
  if (!sample.ok()) return std::nullopt;
  return std::move(sample->image);
}

}  // namespace actium::cli
