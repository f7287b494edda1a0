#include "server/pg/wire.h"

#include <utility>

#include "absl/strings/strip.h"
#include "server/base/log.h"

namespace tenantry::pg {
namespace {

constexpr int kBinaryResults = 1;

void LogNotice(void*, const PGresult* notice) {
  const char* message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
  const char* state = PQresultErrorField(notice, PG_DIAG_SQLSTATE);
  Log(LogLevel::kDebug, "database notice",
      {{"sqlstate", state ? state : ""}, {"message", message ? message : ""}});
}

}  // namespace

Wire::Wire(pqxx::connection connection)
    : connection_(std::move(connection).release_raw_connection()) {
  // The receiver that pqxx set points into its own object, which is gone.
  PQsetNoticeReceiver(connection_, LogNotice, nullptr);
  PQsetnonblocking(connection_, 1);
  PQenterPipelineMode(connection_);
}

Wire::~Wire() { PQfinish(connection_); }

bool Wire::usable() const {
  return !copying_ && PQstatus(connection_) == CONNECTION_OK &&
         PQpipelineStatus(connection_) != PQ_PIPELINE_OFF;
}

std::string Wire::last_error() const {
  return std::string(absl::StripTrailingAsciiWhitespace(PQerrorMessage(connection_)));
}

bool Wire::SendPrepare(const char* name, const char* sql) {
  return PQsendPrepare(connection_, name, sql, 0, nullptr) == 1;
}

bool Wire::SendPrepared(const char* name, const Values& values) {
  return PQsendQueryPrepared(connection_, name, values.count, values.data, values.lengths,
                             values.formats, kBinaryResults) == 1;
}

bool Wire::SendText(const char* sql, const Values& values) {
  return PQsendQueryParams(connection_, sql, values.count, nullptr, values.data, values.lengths,
                           values.formats, kBinaryResults) == 1;
}

bool Wire::SendSync() {
#ifdef LIBPQ_HAS_SEND_PIPELINE_SYNC
  return PQsendPipelineSync(connection_) == 1;
#else
  return PQpipelineSync(connection_) == 1;
#endif
}

Wire::Flushed Wire::Flush() {
  switch (PQflush(connection_)) {
    case 0:
      return Flushed::kAll;
    case 1:
      return Flushed::kSome;
    default:
      return Flushed::kBroken;
  }
}

bool Wire::Receive() {
  const bool alive = PQconsumeInput(connection_) == 1;
  // This parses what has arrived. Notices and a last message reach an idle connection too.
  PQisBusy(connection_);
  return alive;
}

Reply Wire::Next() {
  if (copying_ || PQisBusy(connection_)) return {Reply::Kind::kNothing, nullptr};
  ResultHandle result(PQgetResult(connection_));
  if (!result) return {Reply::Kind::kEnd, nullptr};
  switch (PQresultStatus(result.get())) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
      return {Reply::Kind::kResult, std::move(result)};
    case PGRES_PIPELINE_SYNC:
      return {Reply::Kind::kSync, std::move(result)};
    case PGRES_PIPELINE_ABORTED:
      return {Reply::Kind::kSkipped, std::move(result)};
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
      // Within a pipeline libpq would return the same result without end.
      copying_ = true;
      return {Reply::Kind::kNothing, nullptr};
    default:
      return {Reply::Kind::kError, std::move(result)};
  }
}

Values BoundParams::Bind(const SqlParams& params) {
  const std::size_t count = params.size();
  data_.resize(count);
  lengths_.resize(count);
  formats_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const SqlParams::Entry& entry = params.entry(i);
    data_[i] = params.data(i);
    lengths_[i] = entry.size < 0 ? 0 : entry.size;
    formats_[i] = entry.binary ? 1 : 0;
  }
  return {static_cast<int>(count), data_.data(), lengths_.data(), formats_.data()};
}

}  // namespace tenantry::pg
