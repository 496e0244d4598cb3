#ifndef ACTIUM_TESTS_LAYOUT_SOURCE_TREE_H_
#define ACTIUM_TESTS_LAYOUT_SOURCE_TREE_H_

#include <string>
#include <vector>

namespace actium::test {

/// One `#include` of a source file.
struct Include {
  std::string path;     ///< As written, without its quotes or brackets.
  bool quoted = false;  ///< "path", not <path>.
  int line = 0;         ///< From 1.
};

/// A text file of this repository.
struct SourceFile {
  std::string path;                ///< From the repository's root: `server/base/clock.h`.
  std::vector<std::string> lines;  ///< Without line ends.

  std::string name() const;    ///< Its last part: `clock.h`.
  std::string folder() const;  ///< What is before that: `server/base`.
};

/// The file at a path from the repository's root; no lines if there is none.
SourceFile ReadSourceFile(const std::string& path);

/// All files under these folders of the repository whose name ends in one of the endings, by path.
std::vector<SourceFile> ReadSourceFiles(const std::vector<std::string>& folders,
                                        const std::vector<std::string>& endings);

/// All C++ files of the repository.
std::vector<SourceFile> ReadCxxFiles();

/// The includes of a C++ file. Does not read conditions: an `#include` under an `#if` counts.
std::vector<Include> IncludesOf(const SourceFile& file);

}  // namespace actium::test

#endif  // ACTIUM_TESTS_LAYOUT_SOURCE_TREE_H_
