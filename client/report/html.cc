#include "client/report/html.h"

#include <fmt/format.h>

namespace actium::report {
namespace {

using Json = nlohmann::json;

std::string_view ClassOf(HtmlTable::Align align) {
  return align == HtmlTable::Align::kNumber ? "number" : "text";
}

// HTML allows tab, line feed and carriage return only.
bool IsForbiddenControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
}

}  // namespace

std::string Escape(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        if (IsForbiddenControl(c)) {
          escaped += "\xef\xbf\xbd";
        } else {
          escaped += c;
        }
    }
  }
  return escaped;
}

std::string ScriptJson(const Json& value) {
  // In JSON these three occur inside of strings only, where any character may be written by number.
  std::string escaped;
  for (const char c : value.dump(-1, ' ', /*ensure_ascii=*/true, Json::error_handler_t::replace)) {
    if (c == '<' || c == '>' || c == '&') {
      escaped += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string HtmlTable::RenderRow(const std::vector<Cell>& cells) const {
  std::string html = "<tr>";
  for (size_t i = 0; i < columns_.size(); ++i) {
    const Cell cell = i < cells.size() ? cells[i] : Cell("");
    const std::string_view tag = i == 0 ? "th" : "td";
    html += fmt::format("<{}{} class=\"{} {}\">{}</{}>", tag, i == 0 ? " scope=\"row\"" : "",
                        ClassOf(columns_[i].align), Escape(cell.style), Escape(cell.text), tag);
  }
  return html + "</tr>\n";
}

std::string HtmlTable::Render() const {
  std::string html = "<div class=\"scroll\"><table>\n";
  if (!caption_.empty()) html += fmt::format("<caption>{}</caption>\n", Escape(caption_));
  html += "<thead><tr>";
  for (const Column& column : columns_) {
    html += fmt::format("<th scope=\"col\" class=\"{}\">{}</th>", ClassOf(column.align),
                        Escape(column.title));
  }
  html += "</tr></thead>\n<tbody>\n";
  for (const auto& row : rows_) html += RenderRow(row);
  return html + "</tbody>\n</table></div>\n";
}

}  // namespace actium::report
