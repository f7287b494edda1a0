#include "server/pg/system.h"

#include <pqxx/except>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/base/status.h"

namespace tenantry::pg {
namespace {

std::string Words(const std::exception& error) {
  return std::string(absl::StripTrailingAsciiWhitespace(error.what()));
}

absl::Status Unavailable(const std::exception& error) {
  return MakeError(absl::StatusCode::kUnavailable, Words(error),
                   ErrorDetails{"DATABASE_UNAVAILABLE", {}, {}});
}

absl::Status FromSqlError(const pqxx::sql_error& error) {
  DatabaseError database;
  database.sqlstate = error.sqlstate();
  database.message = error.what();
  const absl::Status mapped = FromDatabaseError(database);
  ErrorDetails details = DetailsOf(mapped);
  details.metadata.emplace_back("sqlstate", error.sqlstate());
  return MakeError(mapped.code(), Words(error), details);
}

}  // namespace

absl::Status CatchPqxx(absl::FunctionRef<void()> body) {
  try {
    body();
    return absl::OkStatus();
  } catch (const pqxx::in_doubt_error& error) {
    return MakeError(absl::StatusCode::kUnavailable, Words(error),
                     ErrorDetails{"OUTCOME_UNKNOWN", {}, {}});
  } catch (const pqxx::broken_connection& error) {
    return Unavailable(error);
  } catch (const pqxx::sql_error& error) {
    return FromSqlError(error);
  } catch (const std::exception& error) {
    return absl::InternalError(Words(error));
  }
}

}  // namespace tenantry::pg
