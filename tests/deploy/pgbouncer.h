// A PgBouncer in transaction mode before the private PostgreSQL.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "tests/deploy/certificates.h"

namespace tenantry::test {

class PgBouncer {
 public:
  // The program: $TENANTRY_PGBOUNCER, else Debian's. Empty when there is none.
  static std::string Program();

  // With `server_connections` to each database. Ends the test binary when it does not start.
  explicit PgBouncer(int server_connections);
  ~PgBouncer();
  PgBouncer(const PgBouncer&) = delete;
  PgBouncer& operator=(const PgBouncer&) = delete;

  std::string Url(const std::string& user, const std::string& database) const;
  // Disconnects everybody and starts again.
  void Restart();
  // From 1.21 on it keeps track of prepared statements.
  bool keeps_prepared() const { return keeps_prepared_; }

 private:
  void Start();
  void Stop();

  TemporaryFolder folder_;
  bool keeps_prepared_ = false;
  pid_t pid_ = -1;
};

}  // namespace tenantry::test
