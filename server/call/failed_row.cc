#include "server/call/failed_row.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/base/status.h"
#include "server/plan/request_path.h"

namespace tenantry::call {
namespace {

using google::protobuf::Message;

// A number among the metadata, which is taken out of them.
std::optional<std::size_t> Take(ErrorDetails& details, absl::string_view key) {
  auto& metadata = details.metadata;
  const auto found = std::find_if(metadata.begin(), metadata.end(),
                                  [&](const auto& entry) { return entry.first == key; });
  std::size_t number;
  if (found == metadata.end() || !absl::SimpleAtoi(found->second, &number)) return std::nullopt;
  metadata.erase(found);
  return number;
}

// `order.items[2]` without the brackets, the last or all.
std::string WithoutIndex(const std::string& path) { return path.substr(0, path.rfind('[')); }
std::string WithoutIndexes(const std::string& path) {
  std::string names;
  bool index = false;
  for (char c : path) {
    index = c == '[' || (index && c != ']');
    if (!index && c != ']') names.push_back(c);
  }
  return names;
}

std::string PathOfAll(const Message& request, const std::vector<const Message*>& rows) {
  const std::string first = plan::PathOf(request, *rows.front());
  if (rows.size() == 1) return first;
  // One list has all of them when it has the first and the last: rows stand in the request's order.
  const std::string list = WithoutIndex(first);
  return WithoutIndex(plan::PathOf(request, *rows.back())) == list ? list : WithoutIndexes(first);
}

// Of the row that failed, or of all.
std::string PathOf(const plan::Call& call, const std::vector<const Message*>& rows,
                   std::optional<std::size_t> entry) {
  const bool is_known = entry.has_value() && *entry < rows.size();
  return is_known ? plan::PathOf(*call.request, *rows[*entry]) : PathOfAll(*call.request, rows);
}

const schema::Table& TableOf(const plan::Statement& statement) {
  return *std::visit([](const auto& query) { return query.table; }, statement.plan->query);
}

// Which rule of the schema a CHECK of the database stands for.
struct BrokenRule {
  const schema::Column* column;  // null: it is about the row
  std::string words;
};

std::optional<BrokenRule> FindBrokenRule(const schema::Table& table,
                                         const std::string& constraint) {
  if (const schema::RowRule* rule = schema::FindRowRule(table, constraint)) {
    return BrokenRule{rule->subject, rule->message};
  }
  for (const schema::Column& column : table.columns) {
    if (constraint != schema::CheckConstraintOf(table, column)) continue;
    std::string words = schema::DescribeCondition(column);
    if (!words.empty()) return BrokenRule{&column, std::move(words)};
  }
  return std::nullopt;
}

// Where the row is, of a call that writes one: in the field of the resource.
std::string PathOfOnly(const plan::Call& call, const schema::Table& table) {
  const google::protobuf::Descriptor& request = *call.request->GetDescriptor();
  const auto* field = request.FindFieldByName(table.field_name);
  const bool is_row =
      field != nullptr && !field->is_repeated() && field->message_type() == table.resource;
  return is_row ? table.field_name : "";
}

std::string Joined(const std::string& path, const std::string& name) {
  return absl::StrCat(path, path.empty() ? "" : ".", name);
}

// What the server's own check would have said, had the request had all of the row. `row`: its path,
// or that of all rows where it is not known which one it was.
absl::Status TellBrokenRule(const absl::Status& status, ErrorDetails details,
                            const BrokenRule& broken, const std::string& row, bool is_known) {
  std::string path = row, words = broken.words;
  if (broken.column != nullptr && broken.column->api != nullptr) {
    const std::string& name = broken.column->api->name();
    if (is_known) {
      path = Joined(row, name);
    } else {
      words = absl::StrCat(name, " ", words);
    }
  }
  const std::string told = absl::StrCat(path, path.empty() ? "" : ": ", words);
  if (!row.empty()) details.metadata.emplace_back("field", row);
  details.violations = {{std::move(path), std::move(words)}};
  return MakeError(status.code(), told, details);
}

std::string ConstraintOf(const ErrorDetails& details) {
  for (const auto& [key, value] : details.metadata) {
    if (key == "constraint") return value;
  }
  return "";
}

}  // namespace

absl::Status NameFailedRow(const plan::Call& call, const absl::Status& status, std::size_t first,
                           const std::string& above) {
  ErrorDetails details = DetailsOf(status);
  const std::optional<std::size_t> statement = Take(details, "statement");
  const std::optional<std::size_t> entry = Take(details, "entry");
  const bool is_told = statement.has_value() || entry.has_value();
  if (!is_told && details.reason != "CHECK_VIOLATION") return status;
  const std::size_t number = statement.value_or(first + call.before.size());
  if (number < first || number - first > call.before.size() + call.after.size()) return status;
  const plan::Statement& failed = call.StatementAt(number - first);
  const std::vector<const Message*>& rows = failed.rows;
  // What a function writes is no field of its request.
  if (details.reason == "CHECK_VIOLATION" &&
      !std::holds_alternative<plan::Invoke>(failed.plan->query)) {
    const auto broken = FindBrokenRule(TableOf(failed), ConstraintOf(details));
    if (broken.has_value()) {
      const bool is_one = rows.size() <= 1 || (entry.has_value() && *entry < rows.size());
      const std::string path =
          rows.empty() ? PathOfOnly(call, TableOf(failed)) : PathOf(call, rows, entry);
      return TellBrokenRule(status, std::move(details), *broken, above + path, is_one);
    }
  }
  if (!is_told || rows.empty()) return status;
  std::string path = above + PathOf(call, rows, entry);
  details.metadata.emplace_back("field", path);
  const std::string message(status.message());
  const std::string told = absl::StrCat(path, ": ", message);
  if (status.code() == absl::StatusCode::kInvalidArgument) {
    details.violations.push_back({std::move(path), message});
  }
  return MakeError(status.code(), told, details);
}

}  // namespace tenantry::call
