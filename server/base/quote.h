#ifndef ACTIUM_SERVER_BASE_QUOTE_H_
#define ACTIUM_SERVER_BASE_QUOTE_H_

#include <string>
#include <string_view>

namespace actium::base {

/// Returns text from outside for use in an error message: in single quotes, control characters and
/// invalid UTF-8 as \xNN, cut after 200 bytes with "..." behind. A status whose text exceeds 16 kB
/// of headers would never arrive.
std::string Quote(std::string_view text);

/// True if text is valid UTF-8 without control characters: such text can be a protobuf string, a
/// name, a line.
bool IsPlainText(std::string_view text);

}  // namespace actium::base

#endif  // ACTIUM_SERVER_BASE_QUOTE_H_
