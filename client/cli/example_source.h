#ifndef ACTIUM_CLIENT_CLI_EXAMPLE_SOURCE_H_
#define ACTIUM_CLIENT_CLI_EXAMPLE_SOURCE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/sample_file.h"

namespace actium::cli {

/// Where Debian's package dataset-fashion-mnist puts its files.
inline constexpr char kDefaultData[] = "/usr/share/datasets/fashion-mnist";

/// Most examples of one comparison, as the server has it.
inline constexpr int64_t kMostExamples = 4'000'000;

/// Examples for a comparison in a fixed order, each read when it is asked for, so that memory holds
/// one of them and not all. Used by one thread at a time.
class ExampleSource {
 public:
  virtual ~ExampleSource() = default;

  /// What kind of data it is, in words: "a folder for each class".
  virtual std::string kind() const = 0;

  /// Examples, in [1, kMostExamples].
  virtual int64_t count() const = 0;

  /// Whether the examples have labels; all have them, or none.
  virtual bool labelled() const = 0;

  /// Names of the classes that label() numbers; empty: it returns the models' own numbers.
  virtual const std::vector<std::string>& class_names() const = 0;

  /// The class of an example, >= 0. Only if labelled().
  virtual int32_t label(int64_t number) const = 0;

  /// What a report calls the example: plain UTF-8 of 1 to 256 bytes. Empty, of all: their numbers.
  virtual std::string id(int64_t number) const = 0;

  /// Reads an example. number: in [0, count()); cheap if it is one more than the last time.
  ///
  /// Errors name the file and carry the exit status of a bad file.
  virtual absl::StatusOr<Sample> Read(int64_t number) = 0;
};

/// Reads an example again as a picture of 8-bit pixels; nothing if it is none, or cannot be read.
std::optional<Image> ReadPicture(ExampleSource& source, int64_t number);

/// Opens labelled or unlabelled data, by what is there:
///
/// - a folder with t10k-images-idx3-ubyte and its labels, as Fashion-MNIST's: OpenIdxExamples();
/// - another folder: OpenImageFolder();
/// - a file of NumPy's format .npz: OpenNpzExamples().
///
/// input: name of the models' input, which an array of an .npz file may have.
/// Errors: those of the kinds, and INVALID_ARGUMENT for another file; all carry the exit status of
/// a bad file.
absl::StatusOr<std::unique_ptr<ExampleSource>> OpenExamples(const std::filesystem::path& path,
                                                            const std::string& input);

/// True if a folder holds the test images of the MNIST family.
bool IsIdxFolder(const std::filesystem::path& folder);

/// Images of the MNIST family: a part of a folder's files. They lie in memory, at most 256 MiB.
///
/// split: "test", t10k-*; or "validation", those of train-* that actium-train holds out.
/// Errors: name the file, or the allowed parts; INVALID_ARGUMENT.
absl::StatusOr<std::unique_ptr<ExampleSource>> OpenIdxExamples(const std::filesystem::path& folder,
                                                               std::string_view split);

/// Pictures (.png, .jpg, .jpeg, in any case): either in sub-folders, one for each class, which
/// label them; or in the folder itself, without labels. Classes and files are in the order of their
/// names' bytes. Hidden files and folders, and files with other endings, are left out.
///
/// Errors: NOT_FOUND, INVALID_ARGUMENT (pictures both here and in sub-folders, folders within those
/// of classes, no pictures), RESOURCE_EXHAUSTED (over kMostExamples).
absl::StatusOr<std::unique_ptr<ExampleSource>> OpenImageFolder(const std::filesystem::path& folder);

/// A file of numpy.savez() or savez_compressed(), read row by row: examples are the rows of an
/// array named as `input`, or images, inputs or x; labels, if there are any, those of an array of
/// integers labels or y, one for each row. Whatever the archive claims, memory holds one row, 256
/// MiB at most, and the labels.
///
/// Errors name the file and the array, or the arrays that there are.
absl::StatusOr<std::unique_ptr<ExampleSource>> OpenNpzExamples(const std::filesystem::path& file,
                                                               const std::string& input);

/// Returns so many of a source's examples, spread evenly over it, in its order; all of them if it
/// has no more. most: >= 1.
std::unique_ptr<ExampleSource> Thinned(std::unique_ptr<ExampleSource> source, int64_t most);

/// Returns a name for use as an example's id: as it is, or without what is no plain UTF-8, and of a
/// long one its end.
std::string AsId(std::string_view name);

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_EXAMPLE_SOURCE_H_
