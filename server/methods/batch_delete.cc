// BatchDelete: removes several rows by their keys, or marks them where the table has soft delete.

#include "server/methods/batch.h"
#include "server/methods/key.h"
#include "server/methods/resource.h"
#include "server/methods/standard_method.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::Message;

class BatchDelete final : public StandardMethod {
 public:
  BatchDelete(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        entries_{
            method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kBatchEntries),
            context.limits.batch_max},
        key_(table_, *entries_.field->message_type()),
        reply_bytes_max_(context.limits.reply_bytes_max),
        plans_(context.cache, method) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const int count = entries_.Count(*call.request, violations);
    const plan::Path root;
    for (int i = 0; i < count && !violations.full(); ++i) {
      call.rows.push_back(
          &call.request->GetReflection()->GetRepeatedMessage(*call.request, entries_.field, i));
      const plan::Path path(root, entries_.field->name(), i);
      CheckEntry(*call.rows.back(), path, "read the rows by BatchGet", violations);
      key_.Check(*call.rows.back(), path, violations);
    }
    if (!violations.empty()) return;
    RefuseRepeatedKeys(
        *entries_.field, count,
        [&](int entry, std::string& bytes) {
          key_.AppendCanonical(*call.rows[static_cast<std::size_t>(entry)], bytes);
        },
        violations);
    plan::Entries entries = AddKeys(call);
    const std::optional<plan::Slot> etags = AddEtags(call, violations);
    if (!violations.empty()) return;
    call.plan = table_.delete_time == nullptr ? Removing(std::move(entries), etags)
                                              : Marking(std::move(entries), etags);
  }

  bool is_planned_at_start() const override { return false; }

 private:
  plan::Entries AddKeys(plan::Call& call) const {
    plan::Entries entries;
    entries.reply_bytes_max = reply_bytes_max_;
    const int first = static_cast<int>(call.values.size());
    for (int i = 0; i < static_cast<int>(table_.primary_key.size()); ++i) {
      entries.key.push_back({first + i});
    }
    key_.AddOfRows(call);
    return entries;
  }

  std::shared_ptr<const plan::Plan> Removing(plan::Entries entries,
                                             std::optional<plan::Slot> etags) const {
    plan::Delete statement;
    statement.table = &table_;
    statement.entries = std::move(entries);
    statement.etag = etags;
    return plans_.FindOrMake(std::move(statement), {.form = plan::ReplyForm::kEmpty});
  }

  std::shared_ptr<const plan::Plan> Marking(plan::Entries entries,
                                            std::optional<plan::Slot> etags) const {
    plan::Update update;
    update.table = &table_;
    update.values = {{table_.delete_time, plan::Assignment::Source::kNow, {}}};
    AppendUpdateTime(table_, update.values);
    update.entries = std::move(entries);
    update.etag = etags;
    update.returning = table_.readable();
    return plans_.FindOrMake(std::move(update), {.form = plan::ReplyForm::kBatch});
  }

  const schema::Table& table_;
  const BatchEntries entries_;
  const KeyFields key_;
  const std::size_t reply_bytes_max_;
  const plan::MethodPlans plans_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeBatchDelete(const schema::Method& method,
                                                const MethodContext& context) {
  return std::make_unique<BatchDelete>(method, context);
}

}  // namespace tenantry::methods
