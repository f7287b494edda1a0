// `tenantryd dev`: a running server with demo data from nothing but the programs.
#pragma once

#include <functional>
#include <string>

#include "server/base/config.h"

namespace tenantry::dev {

struct DevOptions {
  // Settings of the server. Its database URLs and listening addresses are replaced.
  Config config;
  // The private PostgreSQL's; kept, and used again by the next run.
  std::string data_dir = "build/postgres";
  // Of the gRPC listener, on loopback. 0: the kernel chooses, as it does when the port is taken.
  int port = 7070;
  // End after the sample calls.
  bool once = false;
  // Loaded when it exists and the schema is the one it is for.
  std::string demo_sql = "sql/demo/demo.sql";
  // Where the command line client finds the server and the tenants' names.
  std::string settings_file = ".tenantry.json";
  // Blocks until the process is asked to stop.
  std::function<void()> wait_for_stop;
};

// Starts a private PostgreSQL, bootstraps, migrates, loads the demo data, serves in this process,
// makes some calls as two tenants, and serves on until asked to stop. Tells its steps on stdout,
// failures on stderr. Returns the exit status. Call it from the main thread: PostgreSQL ends with
// the thread that started it.
int RunDev(const DevOptions& options);

}  // namespace tenantry::dev
