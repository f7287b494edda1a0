// All libpq calls on a pipelined connection. It knows messages and replies, and nothing of
// transactions. The order of replies is that of the libpq manual, chapter "Pipeline Mode".
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>

#include <pqxx/connection>

#include "absl/container/inlined_vector.h"
#include "server/base/sql.h"

namespace tenantry::pg {

// Parameters in the form of libpq. A view.
struct Values {
  int count = 0;
  const char* const* data = nullptr;
  const int* lengths = nullptr;
  const int* formats = nullptr;  // 1 is binary
};

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultHandle = std::unique_ptr<PGresult, ClearResult>;

// One step of what the server answers.
struct Reply {
  enum class Kind {
    kNothing,  // nothing more has arrived
    kResult,   // a message succeeded: rows, or none
    kError,    // a message failed, or the commit at the Sync did
    kSkipped,  // the server skipped a message, because one before it failed
    kEnd,      // the end of the replies to one message
    kSync,     // the transaction is over
  };
  Kind kind;
  ResultHandle result;
};

class Wire {
 public:
  // Takes the handle out of `connection` and puts it into nonblocking pipeline mode.
  explicit Wire(pqxx::connection connection);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  int socket() const { return PQsocket(connection_); }
  bool usable() const;
  int backend_pid() const { return PQbackendPID(connection_); }
  std::string last_error() const;  // for the log

  // Each of these copies one message into the outgoing buffer. False: the connection is broken. A
  // message has no lasting effect until a Sync follows it.
  bool SendPrepare(const char* name, const char* sql);
  bool SendPrepared(const char* name, const Values& values);
  bool SendText(const char* sql, const Values& values);
  // Ends a transaction. Before version 17 libpq writes the buffer to the socket here, since then in
  // Flush.
  bool SendSync();

  enum class Flushed { kAll, kSome, kBroken };
  Flushed Flush();

  // Reads what has arrived, without waiting. False: the connection is lost. Replies that arrived
  // before may still be taken.
  bool Receive();
  Reply Next();

 private:
  PGconn* connection_;
  bool copying_ = false;
};

// Puts the parameters of a statement into the form of libpq. Its arrays are reused.
class BoundParams {
 public:
  // Valid until the next call, and no longer than `params` exists.
  Values Bind(const SqlParams& params);

 private:
  absl::InlinedVector<const char*, 32> data_;
  absl::InlinedVector<int, 32> lengths_;
  absl::InlinedVector<int, 32> formats_;
};

}  // namespace tenantry::pg
