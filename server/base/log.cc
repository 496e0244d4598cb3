#include "server/base/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <memory>

namespace actium::base::log {
namespace {

std::atomic<Format> format_of_lines = Format::kText;

// The time and the level are part of the rendered line, so spdlog writes it as it is: its own JSON
// would have to be a pattern, and a pattern escapes nothing.
spdlog::logger& Sink() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("actium",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

std::string_view Name(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warn";
    case Level::kError:
      return "error";
  }
  return "error";
}

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Whether the character that begins text[at] could command a terminal: C0, DEL, or C1, which UTF-8
// writes as C2 80 to C2 9F.
bool IsControl(std::string_view text, size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x20 || byte == 0x7F) return true;
  if (byte != 0xC2 || at + 1 == text.size()) return false;
  const auto next = static_cast<unsigned char>(text[at + 1]);
  return next >= 0x80 && next < 0xA0;
}

bool HasControl(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsControl(text, i)) return true;
  }
  return false;
}

std::string JsonString(std::string_view text) {
  std::string json = "\"";
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    switch (c) {
      case '"':
        json += "\\\"";
        break;
      case '\\':
        json += "\\\\";
        break;
      case '\n':
        json += "\\n";
        break;
      default:
        if (IsControl(text, i)) {
          // The second byte of a C1 character is its code point.
          const char code = c == '\xC2' ? text[++i] : c;
          json += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(code)));
        } else {
          json += c;
        }
    }
  }
  return json + "\"";
}

std::string Number(double number, Format format) {
  if (std::isfinite(number)) return fmt::format("{:.6g}", number);
  return format == Format::kJson ? "null" : fmt::format("{}", number);
}

std::string ValueText(const Field::Value& value, Format format) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    const bool plain =
        !text->empty() && text->find_first_of(" \"=\\") == std::string::npos && !HasControl(*text);
    return format == Format::kText && plain ? *text : JsonString(*text);
  }
  if (const auto* number = std::get_if<double>(&value)) return Number(*number, format);
  if (const auto* number = std::get_if<int64_t>(&value)) return fmt::to_string(*number);
  return std::get<bool>(value) ? "true" : "false";
}

std::string Now() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (now - seconds).count());
}

void Write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!Sink().should_log(ToSpdlog(level))) return;
  Sink().log(ToSpdlog(level), "{}", Render(format_of_lines, Now(), level, event, fields));
}

}  // namespace

void Configure(Level level, Format format) {
  format_of_lines = format;
  Sink().set_level(ToSpdlog(level));
}

bool DebugEnabled() { return Sink().should_log(spdlog::level::debug); }

std::string Render(Format format, std::string_view time, Level level, std::string_view event,
                   std::initializer_list<Field> fields) {
  if (format == Format::kText) {
    std::string line = fmt::format("{} {} {}", time, Name(level), event);
    for (const Field& field : fields) {
      line += fmt::format(" {}={}", field.key, ValueText(field.value, format));
    }
    return line;
  }
  std::string line =
      fmt::format(R"({{"time":"{}","level":"{}","event":{})", time, Name(level), JsonString(event));
  for (const Field& field : fields) {
    line += fmt::format(",{}:{}", JsonString(field.key), ValueText(field.value, format));
  }
  return line + "}";
}

void Debug(std::string_view event, std::initializer_list<Field> fields) {
  Write(Level::kDebug, event, fields);
}
void Info(std::string_view event, std::initializer_list<Field> fields) {
  Write(Level::kInfo, event, fields);
}
void Warning(std::string_view event, std::initializer_list<Field> fields) {
  Write(Level::kWarning, event, fields);
}
void Error(std::string_view event, std::initializer_list<Field> fields) {
  Write(Level::kError, event, fields);
}

}  // namespace actium::base::log
