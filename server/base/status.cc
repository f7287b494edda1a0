#include "server/base/status.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"
#include "server/base/sqlstate.h"
#include "server/base/strings.h"

namespace tenantry {
namespace {

constexpr char kDomain[] = "tenantry";
constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";

template <typename M>
std::optional<M> Payload(const absl::Status& status, const char* url) {
  auto cord = status.GetPayload(url);
  M message;
  if (!cord || !message.ParseFromString(std::string(*cord))) return std::nullopt;
  return message;
}

std::string NotFoundMessage(std::string_view row) { return std::string(row) + " not found"; }
std::string RowDeletedMessage(std::string_view row) {
  return "the " + std::string(row) + " with this key is deleted";
}

// PostgreSQL has one SQLSTATE for both sides of a foreign key, and always names the table that
// refers. So it is the written row that refers to nothing when that table is the written one.
const SqlStateRule& RuleOf(const DatabaseError& error, const SqlText* statement) {
  static constexpr SqlStateRule kMissing = {"23503", absl::StatusCode::kFailedPrecondition,
                                            "REFERENCE_NOT_FOUND",
                                            "a row that is referred to does not exist"};
  const bool foreign_key = error.sqlstate == kMissing.prefix;
  if (!foreign_key || statement == nullptr || statement->written_table.empty()) {
    return FindSqlState(error.sqlstate);
  }
  const bool same_table =
      error.table == statement->written_table && error.schema == statement->written_schema;
  return same_table && !statement->removes_rows ? kMissing : FindSqlState("23001");
}

// What a statement of ours has refused about its row.
std::string RowMessage(const DatabaseError& error, const SqlText* statement,
                       const SqlStateRule& rule) {
  const bool named = statement != nullptr && !statement->row_name.empty();
  if (named && error.sqlstate == kNotFoundState) return NotFoundMessage(statement->row_name);
  if (named && error.sqlstate == kRowDeletedState) return RowDeletedMessage(statement->row_name);
  return std::string(rule.message);
}

// Until a migration has built what takes its place, a constraint or a key has another name:
// `contacts_email_key__old` (migrate/settle.cc). Callers know it by the name that it had.
std::string KnownName(std::string_view constraint) {
  constexpr std::string_view kAside = "__old";
  const std::size_t end = constraint.find_last_not_of("0123456789");
  const bool aside =
      end != std::string_view::npos && constraint.substr(0, end + 1).ends_with(kAside);
  return std::string(aside ? constraint.substr(0, end + 1 - kAside.size()) : constraint);
}

absl::Status Invalid(const char* field, const char* description) {
  std::vector<FieldViolation> violations(1);
  violations[0].field = field;
  violations[0].description = description;
  return InvalidArgument(std::move(violations));
}

// What only the database can tell of the request of an aggregate. OK where it is something else.
absl::Status AggregateRefused(const DatabaseError& error, const SqlText* statement) {
  if (statement == nullptr || !statement->aggregates) return absl::OkStatus();
  if (error.sqlstate == "22023") {
    return Invalid("group_by",
                   "has a time_zone that the database does not know: it takes the names of IANA's "
                   "list, such as `Europe/Berlin`");
  }
  if (error.sqlstate == "22003") {
    return Invalid("measures", "has a sum or an average that is more than a double can be");
  }
  return absl::OkStatus();
}

// The codes that a function may refuse with. The others are those of faults, and of calls that did
// not get as far as the function.
constexpr absl::StatusCode kRefusals[] = {
    absl::StatusCode::kInvalidArgument,   absl::StatusCode::kNotFound,
    absl::StatusCode::kAlreadyExists,     absl::StatusCode::kPermissionDenied,
    absl::StatusCode::kResourceExhausted, absl::StatusCode::kFailedPrecondition,
    absl::StatusCode::kAborted,           absl::StatusCode::kOutOfRange,
};

// AIP-193.
bool IsReason(std::string_view reason) {
  constexpr std::size_t kReasonBytesMax = 63;
  const auto fits = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !reason.empty() && reason.size() <= kReasonBytesMax && reason[0] >= 'A' &&
         reason[0] <= 'Z' && std::all_of(reason.begin(), reason.end(), fits);
}

// The beginning of a text that would be too long for the headers of a reply.
std::string Fit(std::string text) {
  constexpr std::size_t kBytesMax = 500;
  if (text.size() <= kBytesMax) return text;
  std::size_t end = kBytesMax;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;  // not within a character of UTF-8
  return text.substr(0, end) + "...";
}

// What a function says of its call. A code or a reason that is none becomes that of the rule.
absl::Status RefusedByFunction(const DatabaseError& error, const SqlStateRule& rule) {
  absl::StatusCode code = rule.code;
  for (absl::StatusCode allowed : kRefusals) {
    if (absl::StatusCodeToString(allowed) == error.datatype) code = allowed;
  }
  ErrorDetails details{
      .reason = IsReason(error.constraint) ? error.constraint : std::string(rule.reason),
      .metadata = {},
      .violations = {}};
  const std::string message = Fit(error.message);
  if (!error.column.empty()) details.violations.push_back({Fit(error.column), message});
  if (error.statement >= 0) {
    details.metadata.emplace_back("statement", std::to_string(error.statement));
  }
  return MakeError(code, message, details);
}

}  // namespace

absl::Status NotFound(std::string_view row, std::string_view table) {
  return MakeError(absl::StatusCode::kNotFound, NotFoundMessage(row),
                   {"NOT_FOUND", {{"table", std::string(table)}}, {}});
}

absl::Status RowDeleted(std::string_view row, std::string_view table) {
  return MakeError(absl::StatusCode::kFailedPrecondition, RowDeletedMessage(row),
                   {"ROW_DELETED", {{"table", std::string(table)}}, {}});
}

absl::Status MakeError(absl::StatusCode code, std::string_view message,
                       const ErrorDetails& details) {
  absl::Status status(code, ToAbsl(message));
  google::rpc::ErrorInfo info;
  info.set_reason(details.reason);
  info.set_domain(kDomain);
  for (const auto& [key, value] : details.metadata) (*info.mutable_metadata())[key] = value;
  status.SetPayload(kErrorInfoUrl, absl::Cord(info.SerializeAsString()));
  if (!details.violations.empty()) {
    google::rpc::BadRequest bad;
    for (const FieldViolation& violation : details.violations) {
      auto* out = bad.add_field_violations();
      out->set_field(violation.field);
      out->set_description(violation.description);
    }
    status.SetPayload(kBadRequestUrl, absl::Cord(bad.SerializeAsString()));
  }
  return status;
}

absl::Status InvalidArgument(std::vector<FieldViolation> violations) {
  std::string message = "the request is not valid";
  // People read the message only: one violation is told there too, of many the first.
  if (!violations.empty()) {
    const FieldViolation& first = violations.front();
    message = first.field.empty() ? first.description : first.field + ": " + first.description;
    if (violations.size() > 1) {
      message += " (and " + std::to_string(violations.size() - 1) + " more)";
    }
  }
  return MakeError(
      absl::StatusCode::kInvalidArgument, message,
      {.reason = "INVALID_ARGUMENT", .metadata = {}, .violations = std::move(violations)});
}

std::string ReasonOf(const absl::Status& status) {
  auto info = Payload<google::rpc::ErrorInfo>(status, kErrorInfoUrl);
  return info ? info->reason() : std::string();
}

ErrorDetails DetailsOf(const absl::Status& status) {
  ErrorDetails details;
  if (auto info = Payload<google::rpc::ErrorInfo>(status, kErrorInfoUrl)) {
    details.reason = info->reason();
    for (const auto& [key, value] : info->metadata()) details.metadata.emplace_back(key, value);
  }
  if (auto bad = Payload<google::rpc::BadRequest>(status, kBadRequestUrl)) {
    for (const auto& violation : bad->field_violations()) {
      details.violations.push_back({violation.field(), violation.description()});
    }
  }
  return details;
}

absl::Status FromDatabaseError(const DatabaseError& error, const SqlText* statement) {
  absl::Status refused = AggregateRefused(error, statement);
  if (!refused.ok()) return refused;
  const SqlStateRule& rule = RuleOf(error, statement);
  if (error.sqlstate == kRefusedState) return RefusedByFunction(error, rule);
  ErrorDetails details{.reason = std::string(rule.reason), .metadata = {}, .violations = {}};
  auto name = [&details](const char* key, const std::string& value) {
    if (!value.empty()) details.metadata.emplace_back(key, value);
  };
  // The database names no table where it is a statement of ours that refuses.
  const bool ours = error.table.empty() && error.sqlstate.starts_with("TN") && statement != nullptr;
  name("table", ours ? statement->written_table : error.table);
  name("column", error.column);
  name("constraint", KnownName(error.constraint));
  name("statement", error.statement < 0 ? "" : std::to_string(error.statement));
  name("entry", error.entry < 0 ? "" : std::to_string(error.entry));
  return MakeError(rule.code, RowMessage(error, statement, rule), details);
}

}  // namespace tenantry
