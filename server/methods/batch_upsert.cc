// BatchUpsert: several rows, each new or changed, in one statement, all or none.
//
// In the update of an upsert the database knows the row that was proposed and the one that is
// there, and nothing else of the entry. So all entries go by one key and change the same fields.

#include <algorithm>

#include "server/methods/batch.h"
#include "server/methods/conflict.h"
#include "server/methods/repeated_keys.h"
#include "server/methods/resource.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::Message;

bool ChangeTheSame(const std::vector<plan::Change>& a, const std::vector<plan::Change>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.column == y.column; });
}

class BatchUpsert final : public StandardMethod {
 public:
  BatchUpsert(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        entries_{
            method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kBatchEntries),
            context.limits.batch_max},
        fields_(table_, *entries_.field->message_type()),
        limits_(context.limits),
        select_(method, schema::field_number::kSelect, context),
        plans_(context.cache, method) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const int count = entries_.Count(*call.request, violations);
    Upserted first;
    for (int i = 0; i < count && !violations.full(); ++i) {
      TakeEntry(i, call, first, violations);
    }
    if (!violations.empty()) return;
    RefuseRepeatedKeys(
        *entries_.field, count,
        [&](int entry, std::string& bytes) {
          for (const schema::Column* column : first.key) {
            const Message* row = call.rows[static_cast<std::size_t>(entry)];
            AppendCanonicalKey(*column, plan::Value{row, column->api}, bytes);
          }
        },
        violations);
    if (!violations.empty()) return;
    plan::Insert insert = InsertOrUpdate(table_, first, limits_.row_bytes_max);
    insert.on_conflict->reply_bytes_max = limits_.reply_bytes_max;
    insert.many = true;
    insert.values = InsertedValues(table_, 1);
    insert.returning = select_.TakeOfBatch(call, violations);
    if (!violations.empty()) return;
    AddInsertedRows(table_, call);
    call.plan = plans_.FindOrMake(std::move(insert), {.form = plan::ReplyForm::kBatch});
  }

  bool is_planned_at_start() const override { return false; }

 private:
  void TakeEntry(int i, plan::Call& call, Upserted& first, plan::Violations& violations) const {
    const Message& request =
        call.request->GetReflection()->GetRepeatedMessage(*call.request, entries_.field, i);
    const plan::Path root;
    const plan::Path path(root, entries_.field->name(), i);
    CheckEntry(request, path, "select beside the entries, for all", violations);
    Upserted upserted = fields_.Take(request, path, violations, call.json);
    call.rows.push_back(upserted.row);
    if (i == 0) {
      first = std::move(upserted);
      return;
    }
    if (!violations.empty()) return;
    if (upserted.key != first.key) {
      violations.Add(plan::Path(path, fields_.conflict_key()->name()),
                     "must be that of the first entry");
    } else if (!ChangeTheSame(upserted.changes, first.changes)) {
      violations.Add(plan::Path(path, fields_.mask()->name()),
                     "must change the same fields as that of the first entry: set one update_mask "
                     "in all entries");
    }
  }

  const schema::Table& table_;
  const BatchEntries entries_;
  const UpsertFields fields_;
  const RequestLimits limits_;
  const Select select_;
  const plan::MethodPlans plans_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeBatchUpsert(const schema::Method& method,
                                                const MethodContext& context) {
  return std::make_unique<BatchUpsert>(method, context);
}

}  // namespace tenantry::methods
