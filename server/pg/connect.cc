#include "server/pg/connect.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "server/base/status.h"

namespace tenantry::pg {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using ConnectionHandle = std::unique_ptr<PGconn, FinishConnection>;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using OptionsHandle = std::unique_ptr<PQconninfoOption, FreeOptions>;

absl::Status AppendUrl(const std::string& url, Parameters* parameters) {
  char* error = nullptr;
  OptionsHandle parsed(PQconninfoParse(url.c_str(), &error));
  if (parsed == nullptr) {
    // libpq's message may quote the url, and with it a password.
    PQfreemem(error);
    return absl::InvalidArgumentError(
        "the database url is neither a libpq URI nor key=value pairs");
  }
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) parameters->emplace_back(option->keyword, option->val);
  }
  return absl::OkStatus();
}

std::string Seconds(absl::Duration duration) {
  return absl::StrCat(absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))));
}

// Our own come first. The url's come later and override them.
absl::StatusOr<Parameters> ParametersOf(const ExecutorOptions& options) {
  Parameters parameters = {
      {"client_encoding", "UTF8"},
      {"fallback_application_name", options.application_name},
      {"keepalives_idle", Seconds(options.keepalive_idle)},
      {"keepalives_interval", "10"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", absl::StrCat(absl::ToInt64Milliseconds(options.tcp_user_timeout))},
  };
  const bool fresh = options.fresh_database_url != nullptr;
  absl::Status status =
      AppendUrl(fresh ? options.fresh_database_url() : options.database_url, &parameters);
  if (!status.ok()) return status;
  return parameters;
}

// The limit for each address. As in libpq, zero and negative values mean no limit.
absl::Duration LimitOf(const ExecutorOptions& options, const Parameters& parameters) {
  absl::Duration limit = options.connect_timeout;
  for (const auto& [name, value] : parameters) {
    int seconds = 0;
    if (name != "connect_timeout" || !absl::SimpleAtoi(value, &seconds)) continue;
    limit = seconds > 0 ? absl::Seconds(seconds) : absl::InfiniteDuration();
  }
  return limit;
}

std::string ToConnectionString(const Parameters& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters) {
    absl::StrAppend(&text, name, "='", absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"'", "\\'"}}),
                    "' ");
  }
  return text;
}

// Identifies a socket. Its number does not: numbers are used again.
ino_t IdOf(int socket) {
  struct stat status {};
  return fstat(socket, &status) == 0 ? status.st_ino : 0;
}

// False: the time was over first, and the watchdog has shut the socket down.
bool AwaitSocket(int socket, PostgresPollingStatusType what, Watchdog& watchdog, absl::Time until) {
  const Watchdog::Watch watch(watchdog, socket, until);
  const int events = what == PGRES_POLLING_READING ? POLLIN : POLLOUT;
  pollfd ready{socket, static_cast<short>(events), 0};
  while (poll(&ready, 1, -1) < 0 && errno == EINTR) {
  }
  return !watch.fired();
}

// Does what PQconnectdb does: one pass over libpq's list of hosts.
class Attempt {
 public:
  Attempt(const Parameters& parameters, absl::Duration limit, Watchdog& watchdog, absl::Time until)
      : limit_(limit),
        watchdog_(watchdog),
        until_(until),
        connection_(PQconnectStart(ToConnectionString(parameters).c_str())) {}

  bool Run() {
    if (PQstatus(connection_.get()) == CONNECTION_BAD) return false;
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
      NoteAddress();
      const int socket = PQsocket(connection_.get());
      silent_ = !AwaitSocket(socket, next, watchdog_, std::min(address_until_, until_));
      if (over()) return false;
      next = PQconnectPoll(connection_.get());
    }
    return next == PGRES_POLLING_OK;
  }

  // The time is over, so that no other host may be tried either.
  bool over() const { return watchdog_.stopped() || absl::Now() >= until_; }
  // The last host accepted the connection and sent nothing.
  bool silent() const { return silent_; }

  const PGconn* get() const { return connection_.get(); }
  PGconn* release() { return connection_.release(); }

  absl::Status WhyNot() const {
    std::string why(absl::StripTrailingAsciiWhitespace(PQerrorMessage(get())));
    // libpq itself only knows that its socket was shut down.
    if (silent_) why = absl::StrCat("no answer in time from ", PQhost(get()), ":", PQport(get()));
    return MakeError(absl::StatusCode::kUnavailable, why,
                     ErrorDetails{"DATABASE_UNAVAILABLE", {}, {}});
  }

 private:
  // libpq takes a new socket for the next address.
  void NoteAddress() {
    const ino_t id = IdOf(PQsocket(connection_.get()));
    if (id == address_) return;
    address_ = id;
    address_until_ = absl::Now() + limit_;
  }

  const absl::Duration limit_;
  Watchdog& watchdog_;
  const absl::Time until_;
  ConnectionHandle connection_;
  ino_t address_ = 0;
  absl::Time address_until_;
  bool silent_ = false;
};

std::vector<std::string> ListOf(const PQconninfoOption* options, std::string_view keyword) {
  for (; options->keyword != nullptr; ++options) {
    if (keyword == options->keyword && options->val != nullptr && *options->val != '\0') {
      return absl::StrSplit(options->val, ',');
    }
  }
  return {};
}

bool IsAt(const std::vector<std::string>& list, std::size_t i, const char* value) {
  if (list.empty()) return true;
  const std::string& entry = list.size() == 1 ? list.front() : list[i];
  return entry.empty() || entry == value;
}

// libpq goes on to the next host by itself when a connection is refused or not accepted. When a
// host accepts it and sends nothing, libpq would go on only inside PQconnectdb. So that host is
// taken out of the lists here. False: there is no other host.
bool TakeOut(const PGconn* silent, Parameters* parameters) {
  const OptionsHandle options(PQconninfo(const_cast<PGconn*>(silent)));
  std::vector<std::string> hosts = ListOf(options.get(), "host");
  std::vector<std::string> addresses = ListOf(options.get(), "hostaddr");
  std::vector<std::string> ports = ListOf(options.get(), "port");
  const std::size_t count = std::max(hosts.size(), addresses.size());
  std::size_t i = 0;
  while (i < count && !(IsAt(hosts, i, PQhost(silent)) && IsAt(addresses, i, PQhostaddr(silent)) &&
                        IsAt(ports, i, PQport(silent)))) {
    ++i;
  }
  if (count < 2 || i == count) return false;
  for (auto [name, list] :
       {std::pair{"host", &hosts}, std::pair{"hostaddr", &addresses}, std::pair{"port", &ports}}) {
    if (list->size() != count) continue;
    list->erase(list->begin() + i);
    parameters->emplace_back(name, absl::StrJoin(*list, ","));
  }
  return true;
}

}  // namespace

absl::StatusOr<pqxx::connection> Connect(const ExecutorOptions& options, Watchdog& watchdog,
                                         absl::Time until) {
  absl::StatusOr<Parameters> parameters = ParametersOf(options);
  if (!parameters.ok()) return parameters.status();
  const absl::Duration limit = LimitOf(options, *parameters);
  while (true) {
    Attempt attempt(*parameters, limit, watchdog, until);
    if (attempt.Run()) return pqxx::connection::seize_raw_connection(attempt.release());
    const bool another =
        attempt.silent() && !attempt.over() && TakeOut(attempt.get(), &*parameters);
    if (!another) return attempt.WhyNot();
  }
}

}  // namespace tenantry::pg
