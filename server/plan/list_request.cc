#include "server/plan/list_request.h"

#include <algorithm>

#include "server/plan/page_token.h"
#include "server/plan/shape_key.h"
#include "server/schema/methods.h"
#include "tenantry/v1/query.pb.h"

namespace tenantry::plan {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::int64_t PageSize(std::int64_t asked, PageSizes sizes, Violations& violations) {
  const Path root;
  if (asked < 0) violations.Add(Path(root, "page_size"), "must not be negative");
  if (asked == 0) return sizes.default_rows;
  return std::min<std::int64_t>(asked, sizes.max_rows);
}

// 64, 256, 1024, ... rows: what the planner is told of a page's size.
int RowsMax(std::int64_t page_size) {
  int rows = 64;
  while (rows <= page_size) rows *= 4;
  return rows;
}

}  // namespace

std::vector<FilterTerm> FindFilterTerms(const schema::Table& table, const FieldDescriptor* filter) {
  std::vector<FilterTerm> terms;
  if (filter == nullptr) return terms;
  for (const schema::Column* column : table.filterable()) {
    const FieldDescriptor* field = filter->message_type()->FindFieldByNumber(column->number());
    if (field == nullptr) continue;
    terms.push_back({column, field, field->message_type()->FindFieldByName("eq")});
  }
  // By number, since page tokens depend on their order.
  std::sort(terms.begin(), terms.end(), [](const FilterTerm& a, const FilterTerm& b) {
    return a.column->number() < b.column->number();
  });
  return terms;
}

ListShape ListRequest::Read(Call& call, PageSizes sizes, Violations& violations) const {
  const Message& request = *call.request;
  ListShape shape;
  call.page_size = PageSize(Value{&request, fields_.page_size}.as_int(), sizes, violations);
  if (fields_.show_deleted != nullptr) {
    shape.show_deleted = Value{&request, fields_.show_deleted}.as_bool();
  }
  TakeFilter(call, shape, violations);
  if (fields_.order_by != nullptr) TakeOrder(request, shape, violations);
  if (!violations.empty()) return shape;
  call.fingerprint = Fingerprint(call, shape);
  shape.rows_max = RowsMax(call.page_size);
  std::string scratch;
  shape.after_cursor = !Value{&request, fields_.page_token}.as_string(scratch).empty();
  return shape;
}

void ListRequest::TakeFilter(Call& call, ListShape& shape, Violations& violations) const {
  const FieldDescriptor* field = fields_.filter;
  if (field == nullptr || !call.request->GetReflection()->HasField(*call.request, field)) return;
  call.filter = &call.request->GetReflection()->GetMessage(*call.request, field);
  const Path root;
  const Path path(root, field->name());
  for (const FilterTerm& term : terms_) {
    if (!call.filter->GetReflection()->HasField(*call.filter, term.field)) continue;
    const Message& operators = call.filter->GetReflection()->GetMessage(*call.filter, term.field);
    if (!operators.GetReflection()->HasField(operators, term.operand)) continue;
    const Path term_path(path, term.field->name());
    CheckCompared(*term.column, Value{&operators, term.operand},
                  Path(term_path, term.operand->name()), violations);
    shape.terms.push_back(term);
  }
}

void ListRequest::TakeOrder(const Message& request, ListShape& shape,
                            Violations& violations) const {
  const FieldDescriptor* field = fields_.order_by;
  const int size = request.GetReflection()->FieldSize(request, field);
  if (size == 0) return;
  const Path root;
  if (size > 1) {
    violations.Add(Path(root, field->name()), "must have at most one entry");
    return;
  }
  const Message& order = request.GetReflection()->GetRepeatedMessage(request, field, 0);
  const Path path(root, field->name(), 0);
  const Value by{&order,
                 order.GetDescriptor()->FindFieldByNumber(schema::field_number::kOrderField)};
  const Value direction{
      &order, order.GetDescriptor()->FindFieldByNumber(schema::field_number::kOrderDirection)};
  CheckEnumKnown(by, Path(path, by.field->name()), violations);
  CheckEnumKnown(direction, Path(path, direction.field->name()), violations);
  if (by.as_enum() != 0) shape.order = method_.table->FindColumnByNumber(by.as_enum());
  shape.descending = direction.as_enum() == v1::DIRECTION_DESC;
}

// Of everything that decides which rows a list walks, and how.
std::uint64_t ListRequest::Fingerprint(const Call& call, const ListShape& shape) const {
  std::uint64_t hash = StableHash(method_.path);
  hash = StableHash(ShapeKey(shape), hash);
  for (const FilterTerm& term : shape.terms) {
    const Message& operators = call.filter->GetReflection()->GetMessage(*call.filter, term.field);
    hash = StableHash(operators.SerializePartialAsString(), hash);
  }
  return hash;
}

void ListRequest::TakeToken(const Plan& plan, Call& call, Violations& violations) const {
  const Path root;
  const Path path(root, fields_.page_token->name());
  std::string scratch;
  std::optional<PageToken> token =
      DecodePageToken(Value{call.request, fields_.page_token}.as_string(scratch));
  if (!token) {
    violations.Add(path, "is not a page token of this service");
  } else if (token->fingerprint != call.fingerprint) {
    violations.Add(path, "belongs to a list with another filter, order or show_deleted");
  } else if (!CursorFits(token->cursor, plan.order)) {
    violations.Add(path, "is not a page token of this list");
  } else {
    call.cursor = std::move(token->cursor);
  }
}

}  // namespace tenantry::plan
