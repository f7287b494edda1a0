#include "server/commands/stop_signal.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

namespace tenantry {
namespace {

constexpr int kSignals[] = {SIGTERM, SIGINT};

int pipe_ends[2];
std::atomic<int> signals_seen{0};

// Only what is async-signal-safe.
void OnSignal(int number) {
  if (signals_seen.fetch_add(1) > 0) _exit(128 + number);
  char byte = static_cast<char>(number);
  int saved = errno;
  if (write(pipe_ends[1], &byte, 1) != 1) _exit(128 + number);
  errno = saved;
}

}  // namespace

StopSignal::StopSignal() {
  if (pipe(pipe_ends) != 0) std::abort();
  signals_seen = 0;
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;
  for (int number : kSignals) sigaction(number, &action, nullptr);
}

StopSignal::~StopSignal() {
  for (int number : kSignals) signal(number, SIG_DFL);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

int StopSignal::Wait() {
  char byte = 0;
  while (read(pipe_ends[0], &byte, 1) < 0 && errno == EINTR) {
  }
  return byte;
}

}  // namespace tenantry
