#include "server/graph/line_reader.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "server/base/quote.h"

namespace actium::graph {
namespace {

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '+' || c == '-';
}

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// Turns a whole text into a number; returns whether it is one that T can hold.
template <class T, class... Format>
bool Convert(std::string_view text, T& number, Format... format) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, format...);
  return error == std::errc() && stop == end;
}

}  // namespace

LineReader::LineReader(std::string_view line, int number) : rest_(line), number_(number) {
  SkipBlanks();
}

bool LineReader::AtEnd() const { return rest_.empty(); }

std::string_view LineReader::NextWord() const {
  const auto end = std::ranges::find_if_not(rest_, IsWordCharacter);
  return rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
}

bool LineReader::Take(char symbol) {
  if (!rest_.starts_with(symbol)) return false;
  rest_.remove_prefix(1);
  SkipBlanks();
  return true;
}

absl::Status LineReader::Expect(char symbol) {
  return Take(symbol) ? absl::OkStatus() : Wrong(fmt::format("'{}'", symbol));
}

absl::StatusOr<std::string_view> LineReader::Word(std::string_view expected) {
  const std::string_view word = NextWord();
  if (word.empty()) return Wrong(expected);
  rest_.remove_prefix(word.size());
  SkipBlanks();
  return word;
}

template <class T>
absl::Status LineReader::ReadNumber(std::string_view expected, T& number) {
  T read = 0;
  if (!Convert(NextWord(), read)) return Wrong(expected);
  number = read;
  return Word(expected).status();
}

absl::Status LineReader::Number(int64_t& number) { return ReadNumber("an integer", number); }

absl::Status LineReader::Number(int& number) { return ReadNumber("a small integer", number); }

absl::Status LineReader::Number(double& number) { return ReadNumber("a number", number); }

absl::Status LineReader::Number(float& number) {
  const std::string_view word = NextWord();
  if (!word.starts_with("0x")) return ReadNumber("a float", number);
  uint32_t bits = 0;
  if (word.size() != 10 || !Convert(word.substr(2), bits, 16)) return Wrong("a float's 32 bits");
  number = std::bit_cast<float>(bits);
  return Word("").status();
}

absl::StatusOr<std::string> LineReader::String() {
  if (!rest_.starts_with('"')) return Wrong("a text in double quotes");
  std::string text;
  for (size_t i = 1; i < rest_.size(); ++i) {
    if (rest_[i] == '"') {
      rest_.remove_prefix(i + 1);
      SkipBlanks();
      return text;
    }
    uint8_t byte = static_cast<uint8_t>(rest_[i]);
    if (rest_[i] == '\\') {
      const std::string_view escape = rest_.substr(i, 4);
      if (escape.size() < 4 || escape[1] != 'x' || !Convert(escape.substr(2), byte, 16)) break;
      i += 3;
    }
    text.push_back(static_cast<char>(byte));
  }
  return Wrong("a text that ends with '\"' and whose only escape is \\xNN");
}

absl::Status LineReader::Wrong(std::string_view expected) const {
  const std::string_view word = NextWord();
  return At(absl::InvalidArgumentError(fmt::format(
      "expected {}, found {}", expected,
      AtEnd() ? "the end of the line" : base::Quote(word.empty() ? rest_.substr(0, 1) : word))));
}

absl::Status LineReader::At(const absl::Status& error) const {
  return absl::Status(error.code(),
                      fmt::format("line {}: {}", number_, std::string(error.message())));
}

void LineReader::SkipBlanks() {
  const auto token = std::ranges::find_if_not(rest_, IsBlank);
  rest_.remove_prefix(static_cast<size_t>(token - rest_.begin()));
  if (rest_.starts_with('#')) rest_ = {};
}

}  // namespace actium::graph
