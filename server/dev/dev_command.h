// `tenantryd dev`: a running server with demo data from nothing but the programs.
#pragma once

#include <functional>
#include <string>

#include "server/base/config.h"

namespace tenantry::dev {

struct DevOptions {
  // Settings of the server. Its database URLs and listening addresses are replaced.
  Config config;
  // Data of the private PostgreSQL. It is kept, and the next run uses it again.
  std::string data_dir = "build/postgres";
  // Port of the gRPC listener, on loopback. With 0, or when the port is taken, the kernel chooses.
  int port = 7070;
  // Begin with an empty database. Nothing else in the PostgreSQL is touched.
  bool reset = false;
  // End after the sample calls.
  bool once = false;
  // Demo data. They are loaded when the file exists and the schema has their tables.
  std::string demo_sql = "sql/demo/demo.sql";
  // Where the command line client finds the server and the tenants' names.
  std::string settings_file = ".tenantry.json";
  // Blocks until the process is asked to stop.
  std::function<void()> wait_for_stop;
};

// Starts a private PostgreSQL, bootstraps, migrates, loads the demo data, serves in this process,
// makes some calls as two tenants, and serves on until asked to stop. Its steps go to stdout,
// failures to stderr. Returns the exit status. Call it from the main thread: PostgreSQL ends with
// the thread that started it.
int RunDev(const DevOptions& options);

}  // namespace tenantry::dev
