#include <cstdio>
#include <memory>
#include <utility>

#include "server/base/log.h"
#include "server/commands/commands.h"
#include "server/commands/stop_signal.h"
#include "server/migrate/served_database.h"
#include "server/schema/schema.h"
#include "server/serve/server.h"

// jemalloc reads this when the process starts (jemalloc(3), "TUNING"). By default memory that has
// been freed goes back to the system only while threads go on allocating: after a peak an idle
// server would keep it all. A thread of jemalloc's own gives it back a few seconds later.
extern "C" const char* const malloc_conf;
extern "C" [[gnu::used, gnu::visibility("default")]] const char* const malloc_conf =
    "background_thread:true,dirty_decay_ms:5000,muzzy_decay_ms:0";

namespace tenantry::commands {

int Serve(const SettingValues& given) {
  absl::StatusOr<Config> config = ResolveOrComplain(given);
  if (!config.ok()) return kUsage;
  StartLog(*ParseLogLevel(config->log_level), *ParseLogFormat(config->log_format));

  auto schema = schema::Schema::Load({.path = config->schema, .api_text = false});
  if (!schema.ok()) return Complain("schema", schema.status());

  StopSignal stop;
  migrate::ServedDatabase database(**schema, config->role_prefix);
  auto server = serve::Server::Start(
      *config, *std::move(schema),
      [&database](pqxx::connection& connection) { return database.Verify(connection); });
  if (!server.ok()) {
    StopLog();
    return Complain("cannot serve", server.status());
  }

  std::string line = (*server)->ReadyLine();
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
  if (!config->ready_file.empty()) {
    absl::Status written = serve::WriteReadyFile(config->ready_file, line);
    if (!written.ok()) return Complain("ready file", written);
  }

  int number = stop.Wait();
  Log(LogLevel::kInfo, "stopping", {{"signal", number}});
  (*server)->Drain();
  server->reset();
  StopLog();
  return kOk;
}

}  // namespace tenantry::commands
