#include "server/call/left_out.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "server/base/log.h"

namespace tenantry::call {
namespace {

using codec::LeftOutField;

constexpr absl::Duration kLogInterval = absl::Seconds(10);
constexpr std::size_t kTrailerBytesMax = 1024;

std::string_view Why(LeftOutField::Why why) {
  switch (why) {
    case LeftOutField::Why::kTooLarge:
      return "the row is larger than a reply may be";
    case LeftOutField::Why::kUnknownLabel:
      return "the schema of this server does not have the label: a newer one does";
    case LeftOutField::Why::kUnreadable:
      break;
  }
  return "the value does not fit the field's type";
}

// Of the field in its message.
const std::string& NameOf(const LeftOutField& field) {
  return field.column == nullptr ? field.relation->name : field.column->field->name();
}

// The key in the log is that of the statement's row: a relation's column says whose it is.
std::string ColumnOf(const schema::Table& table, const LeftOutField& field) {
  const std::string& name = field.column == nullptr ? field.relation->name : field.column->name;
  return field.table == &table ? name : absl::StrCat(field.table->name, ".", name);
}

}  // namespace

class LeftOutReport::Impl {
 public:
  explicit Impl(MetricRegistry& metrics)
      : fields_(metrics.counter("tenantry_unreadable_fields_total",
                                "Fields that replies left out because the API cannot say them.")) {}

  void Report(const plan::Call& call, const Rows& rows, const std::vector<LeftOutField>& fields,
              std::string_view tenant, std::string_view request_id, UnreadableNames& names) {
    fields_.Add(fields.size());
    const absl::Time now = absl::Now();
    for (const LeftOutField& field : fields) {
      names.Add(absl::StrCat(field.table->message->name(), ".", NameOf(field)));
      if (!TakeTurn(field, now)) continue;
      Log(LogLevel::kWarn, "field left out of a reply",
          {{"table", call.plan->method->table->name},
           {"key", codec::KeyText(call, rows, field.row)},
           {"column", ColumnOf(*call.plan->method->table, field)},
           {"why", Why(field.why)},
           {"tenant", tenant},
           {"request_id", request_id}});
    }
  }

 private:
  // Whether the field may have a line again.
  bool TakeTurn(const LeftOutField& field, absl::Time now) {
    absl::MutexLock lock(&mutex_);
    absl::Time& next = next_line_[NameOf(field).data()];
    if (now < next) return false;
    next = now + kLogInterval;
    return true;
  }

  Counter& fields_;
  absl::Mutex mutex_;
  // By where the field's name is: each has its own.
  absl::flat_hash_map<const char*, absl::Time> next_line_ ABSL_GUARDED_BY(mutex_);
};

LeftOutReport::LeftOutReport(MetricRegistry& metrics) : impl_(std::make_unique<Impl>(metrics)) {}
LeftOutReport::~LeftOutReport() = default;

void LeftOutReport::Report(const plan::Call& call, const Rows& rows,
                           const std::vector<LeftOutField>& fields, std::string_view tenant,
                           std::string_view request_id, UnreadableNames& names) {
  impl_->Report(call, rows, fields, tenant, request_id, names);
}

void UnreadableNames::Add(std::string name) {
  const std::size_t size = name.size() + 1;
  if (bytes_ + size > kTrailerBytesMax) return;
  if (names_.insert(std::move(name)).second) bytes_ += size;
}

std::string UnreadableNames::ToString() const { return absl::StrJoin(names_, ","); }

}  // namespace tenantry::call
