#include "server/methods/wanted_rows.h"

#include <string>
#include <string_view>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/base/utf8.h"
#include "server/methods/filter.h"
#include "server/plan/page_token.h"
#include "server/schema/methods.h"
#include "server/schema/search.h"

namespace tenantry::methods {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using plan::Path;
namespace number = schema::field_number;

static_assert(number::kListFilter == number::kAggregateFilter &&
              number::kListShowDeleted == number::kAggregateShowDeleted);

const FieldDescriptor* Field(const schema::Method& method, int field_number) {
  return method.descriptor->input_type()->FindFieldByNumber(field_number);
}

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

WantedRows::WantedRows(const schema::Method& method, const MethodContext& context, int search)
    : table_(*method.table),
      filters_(context.filters),
      filter_(Field(method, number::kListFilter)),
      show_deleted_(Field(method, number::kListShowDeleted)),
      search_(table_.search.has_value() ? Field(method, search) : nullptr) {}

std::optional<plan::OrderTerm> WantedRows::Take(plan::Call& call, std::vector<plan::Expr>& where,
                                                plan::Deleted& deleted,
                                                plan::Violations& violations) const {
  const Message& request = *call.request;
  const bool shown = show_deleted_ != nullptr && plan::Value{&request, show_deleted_}.as_bool();
  deleted = shown ? plan::Deleted::kShown : plan::Deleted::kHidden;
  if (request.GetReflection()->HasField(request, filter_)) {
    const Path root;
    filters_.Take(table_, request.GetReflection()->GetMessage(request, filter_),
                  Path(root, filter_->name()), call, where, violations);
  }
  return TakeSearch(call, where, violations);
}

std::optional<plan::OrderTerm> WantedRows::TakeSearch(plan::Call& call,
                                                      std::vector<plan::Expr>& where,
                                                      plan::Violations& violations) const {
  if (search_ == nullptr) return std::nullopt;
  const plan::Value value{call.request, search_};
  std::string scratch;
  const std::string& text = value.as_string(scratch);
  if (text.empty()) return std::nullopt;
  const Path root;
  Check(text, Path(root, search_->name()), violations);
  call.fingerprint = plan::StableHash(text, call.fingerprint);
  const plan::Slot slot = call.Add(plan::FieldValue{&plan::TextType(), value});
  const schema::Search& search = *table_.search;
  where.push_back(
      {.kind = plan::Expr::Kind::kSearch, .search = &search, .slot = slot, .operands = {}});
  return plan::OrderTerm{.column = &plan::ColumnOf(schema::Type::kFloat),
                         .descending = true,
                         .search = &search,
                         .text = slot};
}

}  // namespace tenantry::methods
