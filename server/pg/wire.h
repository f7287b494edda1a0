// Every libpq call on a pipelined connection. Knows messages and replies, nothing of transactions.
// The libpq manual, "Pipeline Mode", is the rule for the order of replies.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>

#include <pqxx/connection>

#include "absl/container/inlined_vector.h"
#include "server/base/sql.h"

namespace tenantry::pg {

// Parameters as libpq takes them. A view.
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
    kNothing,  // no more has arrived
    kResult,   // a message succeeded: rows, or none
    kError,    // a message failed, or the commit at the Sync did
    kSkipped,  // a message after a failed one
    kEnd,      // of the replies to one message
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

  // Each appends one message to the outgoing buffer, which copies what it is given. False: the
  // connection is broken. Without a Sync behind it no message has any lasting effect.
  bool SendPrepare(const char* name, const char* sql);
  bool SendPrepared(const char* name, const Values& values);
  bool SendText(const char* sql, const Values& values);
  // Ends a transaction. libpq before 17 writes the buffer to the socket here; later ones at Flush.
  bool SendSync();

  enum class Flushed { kAll, kSome, kBroken };
  Flushed Flush();

  // Reads what the socket has without waiting. False: the connection is lost; replies that came
  // before may still be taken.
  bool Receive();
  Reply Next();

 private:
  PGconn* connection_;
  bool copying_ = false;
};

// Parameters of a statement in the form libpq wants; its arrays are reused.
class BoundParams {
 public:
  // Valid until the next call or as long as `params`.
  Values Bind(const SqlParams& params);

 private:
  absl::InlinedVector<const char*, 32> data_;
  absl::InlinedVector<int, 32> lengths_;
  absl::InlinedVector<int, 32> formats_;
};

}  // namespace tenantry::pg
