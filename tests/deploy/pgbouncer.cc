#include "tests/deploy/pgbouncer.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "server/dev/child_process.h"
#include "tests/support/postgres.h"

namespace tenantry::test {
namespace {

// Only names the socket's file: nothing listens on TCP.
constexpr int kPort = 64320;

// No ignore_startup_parameters: what it does not know it refuses.
constexpr char kSettings[] = R"([databases]
* = host=$database_folder port=54329
[pgbouncer]
listen_addr =
listen_port = $port
unix_socket_dir = $folder
auth_type = trust
auth_file = $folder/users
pool_mode = transaction
default_pool_size = $connections
max_client_conn = 200
server_round_robin = 1
log_connections = 0
log_disconnections = 0
)";

void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::string VersionOf(const std::string& program) {
  FILE* pipe = popen((program + " --version").c_str(), "re");
  char line[64] = "";
  if (std::fgets(line, sizeof line, pipe) == nullptr) line[0] = '\0';
  pclose(pipe);
  return line;  // "PgBouncer 1.18.0"
}

// The socket's file alone is not enough: it exists before anybody listens.
bool Accepts(const std::string& socket_path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  socket_path.copy(address.sun_path, sizeof address.sun_path - 1);
  int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  bool accepted = connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(probe);
  return accepted;
}

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "PgBouncer: %s\n", why.c_str());
  std::exit(1);
}

}  // namespace

std::string PgBouncer::Program() {
  if (const char* named = std::getenv("TENANTRY_PGBOUNCER")) return named;
  constexpr char kDebians[] = "/usr/sbin/pgbouncer";
  return access(kDebians, X_OK) == 0 ? kDebians : "";
}

PgBouncer::PgBouncer(int server_connections) {
  int major = 0, minor = 0;
  std::sscanf(VersionOf(Program()).c_str(), "PgBouncer %d.%d", &major, &minor);
  keeps_prepared_ = major > 1 || minor >= 21;
  std::string settings =
      absl::StrReplaceAll(kSettings, {{"$database_folder", Postgres().socket_dir()},
                                      {"$folder", folder_ / ""},
                                      {"$port", absl::StrCat(kPort)},
                                      {"$connections", absl::StrCat(server_connections)}});
  if (keeps_prepared_) absl::StrAppend(&settings, "max_prepared_statements = 100\n");
  Write(folder_ / "settings", settings);
  Write(folder_ / "users", "\"tenantry_app\" \"\"\n\"tenantry_owner\" \"\"\n\"postgres\" \"\"\n");
  const auto user = dev::FindServiceUser();
  if (!user.ok()) Die(user.status().ToString());
  if (user->change && chown((folder_ / "").c_str(), user->uid, user->gid) != 0) Die("chown");
  Start();
}

PgBouncer::~PgBouncer() { Stop(); }

void PgBouncer::Start() {
  dev::ChildOptions child;
  child.argv = {Program(), folder_ / "settings"};
  child.log_path = folder_ / "log";
  child.user = dev::FindServiceUser().value();
  child.signal_when_parent_dies = SIGQUIT;
  auto pid = dev::StartChild(child);
  if (!pid.ok()) Die(pid.status().ToString());
  pid_ = *pid;
  const std::string socket = folder_ / absl::StrCat(".s.PGSQL.", kPort);
  for (int tries = 0; !Accepts(socket); ++tries) {
    if (tries > 500) Die(dev::TailOf(child.log_path));
    absl::SleepFor(absl::Milliseconds(10));
  }
}

void PgBouncer::Stop() {
  kill(pid_, SIGQUIT);  // at once; since 1.23 SIGTERM waits for the clients to go
  waitpid(pid_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove(folder_ / absl::StrCat(".s.PGSQL.", kPort), ignored);
}

void PgBouncer::Restart() {
  Stop();
  Start();
}

std::string PgBouncer::Url(const std::string& user, const std::string& database) const {
  return absl::StrCat("postgresql:///", database, "?host=", folder_ / "", "&port=", kPort,
                      "&user=", user);
}

}  // namespace tenantry::test
