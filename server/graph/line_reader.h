#ifndef ACTIUM_SERVER_GRAPH_LINE_READER_H_
#define ACTIUM_SERVER_GRAPH_LINE_READER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "fmt/format.h"
#include "server/base/status_macros.h"

namespace actium::graph {

/// Reads one line of a graph's text, a token at a time: words (letters, digits and any of _.+-, so
/// names and numbers), strings and symbols of one character. Skips blanks and a comment at the end.
///
/// What reads a token and does not find it returns Wrong() and stays where it is. Safe on any
/// bytes.
class LineReader {
 public:
  /// line: without its line end; must outlive the reader. number: from 1, for errors.
  LineReader(std::string_view line, int number);

  /// True if only blanks and a comment are left.
  bool AtEnd() const;

  /// Returns the next word without reading it; empty if there is none.
  std::string_view NextWord() const;

  /// Reads a symbol if it is the next token; returns whether it was.
  bool Take(char symbol);

  absl::Status Expect(char symbol);

  /// Reads a word. expected: for the error, as "a name".
  absl::StatusOr<std::string_view> Word(std::string_view expected);

  /// Reads a number. Of floats it is the nearest one; "0x" and eight digits are a float's bits.
  absl::Status Number(int64_t& number);
  absl::Status Number(int& number);
  absl::Status Number(double& number);
  absl::Status Number(float& number);

  /// Reads a text between double quotes, in which \xNN is a byte.
  absl::StatusOr<std::string> String();

  /// Reads `open`, items that read_item() reads, with ',' between them, and `close`.
  template <class ReadItem>
  absl::Status List(char open, char close, ReadItem read_item) {
    ACTIUM_RETURN_IF_ERROR(Expect(open));
    if (Take(close)) return absl::OkStatus();
    do {
      ACTIUM_RETURN_IF_ERROR(read_item());
    } while (Take(','));
    return Take(close) ? absl::OkStatus() : Wrong(fmt::format("',' or '{}'", close));
  }

  /// Returns INVALID_ARGUMENT: the line, what was expected and what is there instead.
  absl::Status Wrong(std::string_view expected) const;

  /// Returns the error with the line in front of its message.
  absl::Status At(const absl::Status& error) const;

 private:
  template <class T>
  absl::Status ReadNumber(std::string_view expected, T& number);
  void SkipBlanks();

  std::string_view rest_;  // Begins with a token, or is empty.
  int number_;
};

}  // namespace actium::graph

#endif  // ACTIUM_SERVER_GRAPH_LINE_READER_H_
