// BatchUpdate: changes several rows in one statement, each in its own way, all or none.
//
// The statement sets every column that some entry changes. Where not all entries change it, an
// array of booleans says which do, and the others leave what is there. So the entries of a batch
// may have masks of any kind, and the plan depends only on which columns are changed by some entry
// and which by all.

#include <algorithm>

#include "server/methods/batch.h"
#include "server/methods/changes.h"
#include "server/methods/repeated_keys.h"
#include "server/methods/resource.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/plan/write_rules.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::Message;
using plan::Assignment;

class BatchUpdate final : public StandardMethod {
 public:
  BatchUpdate(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        entries_{
            method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kBatchEntries),
            context.limits.batch_max},
        changes_(table_, *entries_.field->message_type(), {}),
        limits_(context.limits),
        select_(method, schema::field_number::kSelect, context),
        plans_(context.cache, method) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const std::vector<Changes> changes = TakeEntries(call, violations);
    if (!violations.empty()) return;
    RefuseRepeatedKeys(
        *entries_.field, static_cast<int>(changes.size()),
        [&](int entry, std::string& bytes) {
          const Message& row = *changes[static_cast<std::size_t>(entry)].row;
          for (const schema::Column* column : table_.primary_key) {
            AppendCanonicalKey(*column, plan::Value{&row, column->api}, bytes);
          }
        },
        violations);
    plan::Update update;
    update.table = &table_;
    update.entries.emplace().reply_bytes_max = limits_.reply_bytes_max;
    for (const schema::Column* column : table_.primary_key) {
      update.entries->key.push_back(call.Add(OfRow(*column)));
    }
    update.etag = AddEtags(call, violations);
    if (!violations.empty()) return;
    AddAssignments(changes, call, update.values);
    update.row_bytes_max = limits_.row_bytes_max;
    update.returning = select_.TakeOfBatch(call, violations);
    if (!violations.empty()) return;
    call.plan = plans_.FindOrMake(std::move(update), {.form = plan::ReplyForm::kBatch});
  }

  bool is_planned_at_start() const override { return false; }

 private:
  // Fills Call::rows with the entries.
  std::vector<Changes> TakeEntries(plan::Call& call, plan::Violations& violations) const {
    const int count = entries_.Count(*call.request, violations);
    std::vector<Changes> changes;
    const plan::Path root;
    for (int i = 0; i < count && !violations.full(); ++i) {
      const Message& request =
          call.request->GetReflection()->GetRepeatedMessage(*call.request, entries_.field, i);
      const plan::Path entry(root, entries_.field->name(), i);
      CheckEntry(request, entry, "select beside the entries, for all", violations);
      const std::size_t before = violations.size();
      Changes changed = changes_.TakeOfRow(request, entry, violations, call.json);
      if (changed.row == nullptr) continue;
      if (changed.empty() && violations.size() == before) {
        changes_.RefuseEmpty(entry, violations);
      }
      changes.push_back(std::move(changed));
      call.rows.push_back(&request);
    }
    return changes;
  }

  // Which of the entries do something with a column.
  using Flags = std::vector<bool>;
  static bool Any(const Flags& flags) {
    return std::find(flags.begin(), flags.end(), true) != flags.end();
  }
  static bool All(const Flags& flags) {
    return std::find(flags.begin(), flags.end(), false) == flags.end();
  }

  void AddAssignments(const std::vector<Changes>& changes, plan::Call& call,
                      std::vector<Assignment>& values) const {
    const Flags none(changes.size(), false);
    std::vector<Flags> set(table_.columns.size(), none), added(table_.columns.size(), none);
    for (std::size_t i = 0; i < changes.size(); ++i) {
      for (const plan::Change& change : changes[i].set) set[change.column->index][i] = true;
      for (const plan::Value& increment : changes[i].increments) {
        added[table_.FindColumnByNumber(increment.field->number())->index][i] = true;
      }
    }
    for (const schema::Column& column : table_.columns) {
      const bool is_set = Any(set[column.index]);
      if (is_set) values.push_back(Set(column, set[column.index], call));
      if (!Any(added[column.index])) continue;
      const plan::Slot increase = call.Add(plan::RowsValue{
          .column = &column,
          .field = changes_.increment()->message_type()->FindFieldByNumber(column.number()),
          .holder = changes_.increment()});
      if (is_set) {
        values.back().increase = increase;
      } else {
        values.push_back({&column, Assignment::Source::kIncreased, increase});
      }
    }
    AppendUpdateTime(table_, values);
  }

  // The value of an entry whose mask leaves the column out is not looked at: it was not checked.
  Assignment Set(const schema::Column& column, Flags& set, plan::Call& call) const {
    const bool has_default = column.not_null && !column.default_sql.empty() && !column.array;
    Assignment assignment{
        &column,
        has_default ? Assignment::Source::kValueOrDefault : Assignment::Source::kValue,
        {}};
    plan::RowsValue value = OfRow(column);
    if (!All(set)) {
      value.chosen = static_cast<int>(call.flags.size());
      call.flags.push_back(std::move(set));
      assignment.chosen = call.Add(plan::FlagsValue{value.chosen});
    }
    assignment.slot = call.Add(value);
    return assignment;
  }

  plan::RowsValue OfRow(const schema::Column& column) const {
    return {.column = &column, .field = column.api, .holder = changes_.resource()};
  }

  const schema::Table& table_;
  const BatchEntries entries_;
  const ChangeFields changes_;
  const RequestLimits limits_;
  const Select select_;
  const plan::MethodPlans plans_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeBatchUpdate(const schema::Method& method,
                                                const MethodContext& context) {
  return std::make_unique<BatchUpdate>(method, context);
}

}  // namespace tenantry::methods
