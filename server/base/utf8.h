// UTF-8 as Unicode and Postgres define it: no overlong forms, no surrogates, at most U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace tenantry {

// NUL counts as valid here; Postgres text refuses it, so ask HasNul too.
bool IsValidUtf8(std::string_view text);

// Characters (code points) of valid UTF-8.
std::size_t Utf8Length(std::string_view text);

inline bool HasNul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

}  // namespace tenantry
