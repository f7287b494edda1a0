// BatchGet: rows by their keys, in the order asked for.

#include <utility>

#include "server/methods/batch.h"
#include "server/methods/key.h"
#include "server/methods/large_rows.h"
#include "server/methods/repeated_keys.h"
#include "server/methods/resource.h"
#include "server/methods/select.h"
#include "server/methods/standard_method.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldDescriptor* EntriesField(const schema::Method& method) {
  return method.descriptor->input_type()->FindFieldByNumber(schema::field_number::kBatchEntries);
}

// The statement, in its plain form and in the one for rows that may be large.
class Lookup {
 public:
  Lookup(const schema::Method& method, const MethodContext& context)
      : table_(*method.table),
        select_(method, schema::field_number::kBatchSelect, context),
        large_rows_(table_, context),
        plain_(Plan(method, std::nullopt)),
        bounded_(plain_),
        plans_(context.cache, method) {
    if (large_rows_.BytesMax()) bounded_ = Plan(method, large_rows_.BytesMax());
  }

  // The keys are in the call already.
  void Take(std::size_t rows, plan::Call& call, plan::Violations& violations) const {
    if (select_.IsIn(*call.request)) return TakeSelected(rows, call, violations);
    call.row_sizes = large_rows_.sizes();
    call.plan = large_rows_.BytesMax(rows) ? bounded_ : plain_;
  }

 private:
  static plan::Read RowsByKeys(const schema::Table& table) {
    plan::Read read;
    read.table = &table;
    read.deleted = plan::Deleted::kShown;
    for (std::size_t i = 0; i < table.primary_key.size(); ++i) {
      read.lookup.push_back({static_cast<int>(i) + 1});
    }
    return read;
  }

  static std::shared_ptr<const plan::Plan> Plan(const schema::Method& method,
                                                std::optional<std::size_t> bytes_max) {
    plan::Read read = RowsByKeys(*method.table);
    read.columns = method.table->readable();
    read.bytes_max = bytes_max;
    return plan::MakePlan(method, read, {.form = plan::ReplyForm::kBatch});
  }

  void TakeSelected(std::size_t rows, plan::Call& call, plan::Violations& violations) const {
    plan::Read read = RowsByKeys(table_);
    select_.Take(call, static_cast<std::int64_t>(rows), read, violations);
    if (!violations.empty()) return;
    read.bytes_max = large_rows_.BytesMax(rows);
    call.plan = plans_.FindOrMake(std::move(read), {.form = plan::ReplyForm::kBatch});
  }

  const schema::Table& table_;
  const Select select_;
  const LargeRows large_rows_;
  const std::shared_ptr<const plan::Plan> plain_;
  std::shared_ptr<const plan::Plan> bounded_;
  const plan::MethodPlans plans_;  // of what requests select
};

// The values of the one key column.
class BatchGetByColumn final : public StandardMethod {
 public:
  BatchGetByColumn(const schema::Method& method, const MethodContext& context)
      : entries_{EntriesField(method), context.limits.batch_max},
        column_(*method.table->primary_key[0]),
        lookup_(method, context) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const int count = entries_.Count(*call.request, violations);
    const plan::Path root;
    for (int i = 0; i < count && !violations.full(); ++i) {
      CheckCompared(column_, plan::Value{call.request, entries_.field, i},
                    plan::Path(root, entries_.field->name(), i), violations);
    }
    if (!violations.empty()) return;
    RepeatedKeys repeated = FindRepeatedKeys(count, [&](int entry, std::string& bytes) {
      AppendCanonicalKey(column_, plan::Value{call.request, entries_.field, entry}, bytes);
    });
    call.keys = std::move(repeated.first);
    call.row_of = std::move(repeated.row_of);
    const plan::Value all{call.request, entries_.field};
    if (call.keys.empty()) {
      call.Add(plan::FieldValue{&column_, all});
    } else {
      call.Add(plan::EntriesValue{&column_, all});
    }
    lookup_.Take(call.keys.empty() ? static_cast<std::size_t>(count) : call.keys.size(), call,
                 violations);
  }

 private:
  const BatchEntries entries_;
  const schema::Column& column_;
  const Lookup lookup_;
};

// A key of several columns is written as the request of a Get.
class BatchGetByRequest final : public StandardMethod {
 public:
  BatchGetByRequest(const schema::Method& method, const MethodContext& context)
      : entries_{EntriesField(method), context.limits.batch_max},
        key_(*method.table, *entries_.field->message_type()),
        lookup_(method, context) {}

  void Prepare(plan::Call& call, plan::Violations& violations) const override {
    const int count = entries_.Count(*call.request, violations);
    const plan::Path root;
    std::vector<const Message*> requests;
    for (int i = 0; i < count && !violations.full(); ++i) {
      requests.push_back(
          &call.request->GetReflection()->GetRepeatedMessage(*call.request, entries_.field, i));
      const plan::Path path(root, entries_.field->name(), i);
      key_.Check(*requests.back(), path, violations);
      CheckEntry(*requests.back(), path, "set `select` beside the keys", violations);
    }
    if (!violations.empty()) return;
    RepeatedKeys repeated = FindRepeatedKeys(count, [&](int entry, std::string& bytes) {
      key_.AppendCanonical(*requests[static_cast<std::size_t>(entry)], bytes);
    });
    call.row_of = std::move(repeated.row_of);
    if (repeated.first.empty()) {
      call.rows = std::move(requests);
    } else {
      for (int entry : repeated.first) {
        call.rows.push_back(requests[static_cast<std::size_t>(entry)]);
      }
    }
    key_.AddOfRows(call);
    lookup_.Take(call.rows.size(), call, violations);
  }

 private:
  const BatchEntries entries_;
  const KeyFields key_;
  const Lookup lookup_;
};

}  // namespace

std::unique_ptr<StandardMethod> MakeBatchGet(const schema::Method& method,
                                             const MethodContext& context) {
  if (method.table->primary_key.size() > 1) {
    return std::make_unique<BatchGetByRequest>(method, context);
  }
  return std::make_unique<BatchGetByColumn>(method, context);
}

}  // namespace tenantry::methods
