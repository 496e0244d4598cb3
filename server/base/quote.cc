#include "server/base/quote.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

namespace actium::base {
namespace {

constexpr size_t kMostBytes = 200;

// Returns the length of the valid UTF-8 sequence at the start of text, or 0. Refuses overlong
// forms, surrogates and code points beyond U+10FFFF, as RFC 3629 does.
size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  const size_t length = lead < 0x80   ? 1
                        : lead < 0xC2 ? 0
                        : lead < 0xE0 ? 2
                        : lead < 0xF0 ? 3
                        : lead < 0xF5 ? 4
                                      : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;
  if (lead == 0xED && byte(1) >= 0xA0) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;
  if (lead == 0xF4 && byte(1) >= 0x90) return 0;
  return length;
}

// As Utf8Length, but 0 for control characters too.
size_t PlainLength(std::string_view text) {
  const auto byte = static_cast<uint8_t>(text[0]);
  return byte < 0x20 || byte == 0x7F ? 0 : Utf8Length(text);
}

}  // namespace

std::string Quote(std::string_view text) {
  std::string quoted = "'";
  size_t at = 0;
  while (at < text.size() && at < kMostBytes) {
    const size_t length = PlainLength(text.substr(at));
    if (length == 0) {
      quoted += fmt::format("\\x{:02x}", static_cast<uint8_t>(text[at]));
      at += 1;
    } else {
      quoted += text.substr(at, length);
      at += length;
    }
  }
  quoted += at < text.size() ? "...'" : "'";
  return quoted;
}

bool IsPlainText(std::string_view text) {
  while (!text.empty()) {
    const size_t length = PlainLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace actium::base
