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

std::string JsonString(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
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
        if (static_cast<unsigned char>(c) < 0x20) {
          json += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
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
    const bool plain = !text->empty() && text->find_first_of(" \"=\n\t\\") == std::string::npos;
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
