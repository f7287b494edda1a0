#include "server/plan/keyset.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace tenantry::plan {
namespace {

constexpr absl::string_view kNothing = "false";

std::string Same(const KeysetTerm& term) {
  if (!term.value.has_value()) return absl::StrCat(term.expression, " IS NULL");
  return absl::StrCat(term.expression, " = ", *term.value);
}

// Rows that come behind for this term alone.
std::string Behind(const KeysetTerm& term) {
  if (!term.value.has_value()) {
    return term.nulls_first ? absl::StrCat(term.expression, " IS NOT NULL") : std::string(kNothing);
  }
  std::string greater = absl::StrCat(term.expression, term.descending ? " < " : " > ", *term.value);
  if (!term.may_be_null || term.nulls_first) return greater;
  return absl::StrCat("(", greater, " OR ", term.expression, " IS NULL)");
}

// Behind, or the same: a condition that an index can begin at. Empty when there is none.
std::string From(const KeysetTerm& term) {
  if (!term.value.has_value()) return term.nulls_first ? "" : Same(term);
  if (term.may_be_null && !term.nulls_first) return "";
  return absl::StrCat(term.expression, term.descending ? " <= " : " >= ", *term.value);
}

std::string Or(const std::string& one, const std::string& other) {
  return one == kNothing ? other : absl::StrCat("(", one, " OR ", other, ")");
}

// Behind by the terms from `first` on, when those before it are the same.
std::string BehindFrom(const std::vector<KeysetTerm>& terms, std::size_t first, bool including) {
  const KeysetTerm& term = terms[first];
  if (first + 1 == terms.size()) return including ? Or(Behind(term), Same(term)) : Behind(term);
  return Or(Behind(term),
            absl::StrCat("(", Same(term), " AND ", BehindFrom(terms, first + 1, including), ")"));
}

bool IsRowComparison(const std::vector<KeysetTerm>& terms) {
  return absl::c_all_of(terms, [&](const KeysetTerm& term) {
    return !term.may_be_null && term.descending == terms[0].descending;
  });
}

std::string RowComparison(const std::vector<KeysetTerm>& terms, bool including) {
  std::string row, position;
  for (const KeysetTerm& term : terms) {
    absl::StrAppend(&row, row.empty() ? "(" : ", ", term.expression);
    absl::StrAppend(&position, position.empty() ? "(" : ", ", *term.value);
  }
  return absl::StrCat(row, terms[0].descending ? ") <" : ") >", including ? "= " : " ", position,
                      ")");
}

}  // namespace

std::string BehindPosition(const std::vector<KeysetTerm>& terms, bool including) {
  if (IsRowComparison(terms)) return RowComparison(terms, including);
  const std::string from = From(terms[0]);
  return absl::StrCat(from, from.empty() ? "" : " AND ", BehindFrom(terms, 0, including));
}

}  // namespace tenantry::plan
