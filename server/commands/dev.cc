#include "server/dev/dev_command.h"

#include "server/commands/commands.h"
#include "server/commands/stop_signal.h"

namespace tenantry::commands {

int Dev(const SettingValues& given, const DevOptions& options) {
  absl::StatusOr<Config> config = ResolveOrComplain(given);
  if (!config.ok()) return kUsage;
  StopSignal stop;
  dev::DevOptions run;
  run.config = *std::move(config);
  run.data_dir = options.data_dir;
  run.port = options.port;
  run.once = options.once;
  run.reset = options.reset;
  run.wait_for_stop = [&stop] { stop.Wait(); };
  return dev::RunDev(run);
}

}  // namespace tenantry::commands
