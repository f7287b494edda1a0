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

}  // namespace

absl::Status NameFailedRow(const plan::Call& call, const absl::Status& status, std::size_t first,
                           const std::string& above) {
  ErrorDetails details = DetailsOf(status);
  const std::optional<std::size_t> statement = Take(details, "statement");
  const std::optional<std::size_t> entry = Take(details, "entry");
  if (!statement.has_value() && !entry.has_value()) return status;
  const std::size_t number = statement.value_or(first + call.before.size());
  if (number < first || number - first > call.before.size() + call.after.size()) return status;
  const std::vector<const Message*>& rows = call.StatementAt(number - first).rows;
  if (rows.empty()) return status;
  std::string path = above + (entry.has_value() && *entry < rows.size()
                                  ? plan::PathOf(*call.request, *rows[*entry])
                                  : PathOfAll(*call.request, rows));
  details.metadata.emplace_back("field", path);
  const std::string message(status.message());
  const std::string told = absl::StrCat(path, ": ", message);
  if (status.code() == absl::StatusCode::kInvalidArgument) {
    details.violations.push_back({std::move(path), message});
  }
  return MakeError(status.code(), told, details);
}

}  // namespace tenantry::call
