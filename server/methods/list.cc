// List: rows by a filter, in an order, a page at a time (AIP-132, AIP-158, AIP-160's purpose
// typed).

#include <algorithm>
#include <optional>

#include "server/methods/large_rows.h"
#include "server/methods/order.h"
#include "server/methods/page.h"
#include "server/methods/resource.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/methods/wanted_rows.h"
#include "server/plan/page_token.h"
#include "server/plan/query_key.h"
#include "server/schema/methods.h"
#include "tenantry/v1/query.pb.h"

namespace tenantry::methods {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using plan::Path;
using plan::Value;
using plan::Violations;

class List final : public StandardMethod {
 public:
  List(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        limits_(context.limits),
        large_rows_(*method.table, context),
        wanted_(method, context, schema::field_number::kListSearch),
        order_by_(Field(method, schema::field_number::kListOrderBy)),
        page_size_(Field(method, schema::field_number::kListPageSize)),
        page_token_(Field(method, schema::field_number::kListPageToken)),
        skip_(Field(method, schema::field_number::kListSkip)),
        total_(Field(method, schema::field_number::kListTotal)),
        select_(method, schema::field_number::kListSelect, context),
        path_hash_(plan::StableHash(method.path)),
        plans_(context.cache, method) {}

  void Prepare(plan::Call& call, Violations& violations) const override {
    plan::Read read;
    read.table = &table_;
    call.page_size = PageSize(*call.request, violations);
    call.skipped = SkipOf(*call.request, *skip_, Path(), violations);
    CheckTotal(*call.request, violations);
    call.fingerprint = path_hash_;
    const std::optional<plan::OrderTerm> rank =
        wanted_.Take(call, read.where, read.deleted, violations);
    TakeOrder(table_, *call.request, *order_by_, Path(), limits_, rank, read.order, violations);
    if (!violations.empty()) return;
    TakeTotal(call, read);
    std::string walk;
    plan::AppendWalkKey(read, walk);
    call.fingerprint = plan::StableHash(walk, call.fingerprint);
    TakePage(call, read, violations);
    select_.Take(call, call.page_size, read, violations);
    if (!violations.empty()) return;
    read.bytes_max = large_rows_.BytesMax(static_cast<std::size_t>(call.page_size));
    // What is learnt of rows is learnt of whole ones.
    if (!select_.IsIn(*call.request)) call.row_sizes = large_rows_.sizes();
    call.plan = plans_.FindOrMake(std::move(read), {.form = plan::ReplyForm::kPage});
  }

  bool is_planned_at_start() const override { return false; }

 private:
  static const FieldDescriptor* Field(const schema::Method& method, int number) {
    return method.descriptor->input_type()->FindFieldByNumber(number);
  }

  std::int64_t PageSize(const Message& request, Violations& violations) const {
    const std::int64_t asked = Value{&request, page_size_}.as_int();
    const Path root;
    if (asked < 0) violations.Add(Path(root, page_size_->name()), "must not be negative");
    if (asked == 0) return limits_.page_size_default;
    return std::min<std::int64_t>(asked, limits_.page_size_max);
  }

  void TakePage(plan::Call& call, plan::Read& read, Violations& violations) const {
    plan::Page page;
    page.rows_max = RowsMax(call.page_size);
    page.positions = true;
    // One row more tells whether another page follows.
    page.limit = call.Add(plan::IntegerValue{call.page_size + 1});
    TakeToken(*page_token_, "page token", "a", "list", read.order, call, violations);
    page.including = call.including;
    page.after = AddCursor(call);
    page.skip = AddSkip(call.skipped, call);
    if (call.backward) TurnRound(read.order);
    read.page = std::move(page);
  }

  void CheckTotal(const Message& request, Violations& violations) const {
    const Value total{&request, total_};
    const Path root;
    const Path path(root, total_->name());
    CheckEnumKnown(total, path, violations);
    if (total.as_enum() != v1::TOTAL_ESTIMATED || limits_.estimated_totals) return;
    violations.Add(path,
                   "cannot be TOTAL_ESTIMATED at this server (estimated-totals): "
                   "ask for TOTAL_EXACT");
  }

  // A statement of its own, in the same round trip. `call` has the values of `where` and no others
  // yet.
  void TakeTotal(plan::Call& call, const plan::Read& read) const {
    const Value total{call.request, total_};
    if (total.as_enum() == v1::TOTAL_UNSPECIFIED) return;
    const bool estimated = total.as_enum() == v1::TOTAL_ESTIMATED;
    plan::Statement statement;
    statement.values = call.values;
    statement.total = estimated ? plan::Total::kEstimate : plan::Total::kCount;
    statement.plan = plans_.FindOrMake(plan::Count{&table_, read.where, read.deleted, estimated},
                                       {plan::ReplyForm::kPage});
    call.after.push_back(std::move(statement));
  }

  const schema::Table& table_;
  const RequestLimits limits_;
  const LargeRows large_rows_;
  const WantedRows wanted_;
  const FieldDescriptor* const order_by_;
  const FieldDescriptor* const page_size_;
  const FieldDescriptor* const page_token_;
  const FieldDescriptor* const skip_;
  const FieldDescriptor* const total_;
  const Select select_;
  const std::uint64_t path_hash_;
  const plan::MethodPlans plans_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeList(const schema::Method& method,
                                         const MethodContext& context) {
  return std::make_unique<List>(method, context);
}

}  // namespace tenantry::methods
