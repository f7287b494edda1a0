#include <libpq-fe.h>

#include <cstdlib>
#include <utility>

#include "server/pg/executor.h"

namespace tenantry::pg {
namespace {

PGresult* Raw(void* result) { return static_cast<PGresult*>(result); }

}  // namespace

ResultRows::ResultRows(ResultRows&& other) noexcept
    : result_(std::exchange(other.result_, nullptr)) {}

ResultRows& ResultRows::operator=(ResultRows&& other) noexcept {
  std::swap(result_, other.result_);
  return *this;
}

ResultRows::~ResultRows() { PQclear(Raw(result_)); }

int ResultRows::row_count() const { return PQntuples(Raw(result_)); }

int ResultRows::column_count() const { return PQnfields(Raw(result_)); }

Cell ResultRows::at(int row, int column) const {
  const char* data = PQgetvalue(Raw(result_), row, column);
  int size = PQgetlength(Raw(result_), row, column);
  // libpq gives "" and 0 for a NULL.
  if (size == 0 && PQgetisnull(Raw(result_), row, column)) return {};
  return {data, size};
}

std::uint32_t ResultRows::type(int column) const { return PQftype(Raw(result_), column); }

std::int64_t ResultRows::affected() const { return std::atoll(PQcmdTuples(Raw(result_))); }

}  // namespace tenantry::pg
