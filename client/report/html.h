#ifndef ACTIUM_CLIENT_REPORT_HTML_H_
#define ACTIUM_CLIENT_REPORT_HTML_H_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace actium::report {

/// Returns text for the contents of an element or a quoted attribute: never markup, whatever it
/// holds. Control characters that HTML does not allow become U+FFFD.
std::string Escape(std::string_view text);

/// Returns JSON for the inside of a <script> element: pure ASCII without '<', '>' and '&', so that
/// nothing in it ends the element or begins a comment. What is not UTF-8 becomes U+FFFD; NaN and
/// infinity become null.
std::string ScriptJson(const nlohmann::json& value);

/// A table of texts. Everything given to it is escaped.
class HtmlTable {
 public:
  enum class Align { kText, kNumber };
  struct Column {
    std::string title;
    Align align = Align::kText;
  };
  struct Cell {
    // Implicit, so that a row can be a list of texts.
    Cell(std::string own_text, std::string own_style = "")  // NOLINT(google-explicit-constructor)
        : text(std::move(own_text)), style(std::move(own_style)) {}
    Cell(const char* own_text) : text(own_text) {}  // NOLINT(google-explicit-constructor)

    std::string text;
    std::string style;  ///< Class of page.css; empty: none.
  };

  /// caption: says what the table shows; empty: none.
  HtmlTable(std::string caption, std::vector<Column> columns)
      : caption_(std::move(caption)), columns_(std::move(columns)) {}

  /// Adds a row. Its first cell is the row's heading; missing cells are empty.
  void AddRow(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }

  std::string Render() const;

 private:
  std::string RenderRow(const std::vector<Cell>& cells) const;

  const std::string caption_;
  const std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace actium::report

#endif  // ACTIUM_CLIENT_REPORT_HTML_H_
