// Aligned text tables. Pure: text in, text out.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tenantry::cli {

struct Column {
  std::string title;
  bool right = false;  // aligned right: numbers
  bool whole = false;  // never cut short: keys, which people copy
  bool spare = false;  // nobody asked for it: the first to go when there is no room
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // printable text, one cell for each column
};

struct TableStyle {
  std::size_t width = 0;  // of the terminal; 0 = as wide as it gets
  bool bold_titles = false;
};

// Columns that are empty in every row are left out. A table that is too wide is made to fit. First
// the widest columns are cut, down to a width at which their text can still be understood. Then
// columns are left out, spare ones first, the others from the right, and a line below the table
// names them; so are lines that only they had a text in.
std::string RenderTable(const Table& table, const TableStyle& style);

}  // namespace tenantry::cli
