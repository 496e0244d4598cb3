#ifndef ACTIUM_CLIENT_CLI_TABLE_H_
#define ACTIUM_CLIENT_CLI_TABLE_H_

#include <string>
#include <vector>

namespace actium::cli {

/// Text in aligned columns, two blanks apart, under a line of titles.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Adds a row; as many cells as there are columns, UTF-8 without control characters.
  void AddRow(std::vector<std::string> cells);

  bool empty() const { return rows_.empty(); }

  /// Returns the table, each line with its line break and without blanks at its end.
  std::string Render() const;

 private:
  std::string RenderLine(const std::vector<std::string>& cells,
                         const std::vector<size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace actium::cli

#endif  // ACTIUM_CLIENT_CLI_TABLE_H_
