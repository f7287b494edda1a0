#include "server/methods/search.h"

#include <string>
#include <string_view>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/utf8.h"
#include "server/plan/page_token.h"
#include "server/schema/search.h"

namespace tenantry::methods {
namespace {

using plan::Path;

// Whether something in it can be a word, or a part of one, in some language.
bool HasWord(std::string_view text) {
  return absl::c_any_of(text, [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || (c & 0x80) != 0;
  });
}

void Check(std::string_view text, const Path& path, plan::Violations& violations) {
  const std::size_t length = Utf8Length(text);
  if (HasNul(text)) {
    violations.Add(path, "must not contain NUL (U+0000)");
  } else if (length > schema::kSearchLengthMax) {
    violations.Add(path, absl::StrCat("must have at most ", schema::kSearchLengthMax,
                                      " characters, has ", length));
  } else if (!HasWord(text)) {
    violations.Add(path, "must hold a word; leave it empty to find all");
  }
}

}  // namespace

std::optional<plan::OrderTerm> TakeSearch(const schema::Table& table,
                                          const google::protobuf::Message& request,
                                          const google::protobuf::FieldDescriptor* field,
                                          plan::Call& call, std::vector<plan::Expr>& where,
                                          plan::Violations& violations) {
  if (field == nullptr || !table.search.has_value()) return std::nullopt;
  const plan::Value value{&request, field};
  std::string scratch;
  const std::string& text = value.as_string(scratch);
  if (text.empty()) return std::nullopt;
  const Path root;
  Check(text, Path(root, field->name()), violations);
  call.fingerprint = plan::StableHash(text, call.fingerprint);
  const plan::Slot slot = call.Add(plan::FieldValue{&plan::TextType(), value});
  where.push_back(
      {.kind = plan::Expr::Kind::kSearch, .search = &*table.search, .slot = slot, .operands = {}});
  return plan::OrderTerm{.column = &plan::ColumnOf(schema::Type::kFloat),
                         .descending = true,
                         .search = &*table.search,
                         .text = slot};
}

}  // namespace tenantry::methods
