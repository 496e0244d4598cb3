#ifndef ACTIUM_SERVER_BASE_LOG_H_
#define ACTIUM_SERVER_BASE_LOG_H_

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/status/status.h"

/// Structured events on standard error: an event's name (snake_case, stable), then fields. UTC.
/// Thread-safe.
namespace actium::base::log {

enum class Level { kDebug, kInfo, kWarning, kError };
enum class Format { kText, kJson };

/// One `key=value` of an event; values with blanks are quoted in text.
struct Field {
  using Value = std::variant<std::string, int64_t, double, bool>;

  template <std::convertible_to<std::string_view> T>
  Field(std::string_view name, const T& text)
      : key(name), value(std::string(std::string_view(text))) {}
  Field(std::string_view name, bool flag) : key(name), value(flag) {}
  template <std::integral T>
  Field(std::string_view name, T number) : key(name), value(static_cast<int64_t>(number)) {}
  template <std::floating_point T>
  Field(std::string_view name, T number) : key(name), value(static_cast<double>(number)) {}

  std::string_view key;
  Value value;
};

/// Sets what is written from now on. Default: kInfo, kText.
void Configure(Level level, Format format);

void Debug(std::string_view event, std::initializer_list<Field> fields = {});
void Info(std::string_view event, std::initializer_list<Field> fields = {});
void Warning(std::string_view event, std::initializer_list<Field> fields = {});
void Error(std::string_view event, std::initializer_list<Field> fields = {});

/// True when Debug() writes anything: lets a hot path skip making the fields.
bool DebugEnabled();

/// Returns the line for an event, without its end; what the functions above write.
std::string Render(Format format, std::string_view time, Level level, std::string_view event,
                   std::initializer_list<Field> fields);

}  // namespace actium::base::log

#endif  // ACTIUM_SERVER_BASE_LOG_H_
