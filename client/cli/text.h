// Text for a terminal: what may be printed, and how many columns it takes.
#pragma once

#include <cstddef>
#include <string>

namespace tenantry::cli {

// The text with line breaks, tabs and other control characters written as \n, \t, \x1b, and bytes
// that are not UTF-8 as U+FFFD. So the content of a row cannot send commands to the terminal.
std::string Printable(const std::string& text);

// Terminal columns that printable text takes: wide characters (CJK, emoji) two, combining marks
// none.
std::size_t DisplayWidth(const std::string& text);

// The longest prefix that fits `width` columns, ending in an ellipsis when something was cut off.
std::string Truncate(const std::string& text, std::size_t width);

bool IsUtf8(const std::string& text);

}  // namespace tenantry::cli
