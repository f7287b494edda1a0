#include "server/base/open_files.h"

#include <dirent.h>
#include <sys/resource.h>

#include <algorithm>

#include "server/base/log.h"

namespace tenantry {
namespace {

// Containers may have no bound at all, and nobody needs more.
constexpr rlim_t kWanted = 1 << 20;

}  // namespace

int RaiseOpenFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;  // every system gives that many
  const rlim_t before = limit.rlim_cur;
  const rlim_t wanted = std::min(kWanted, limit.rlim_max);
  if (before < wanted) {
    limit.rlim_cur = wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  }
  Log(LogLevel::kInfo, "open file limit", {{"before", before}, {"now", limit.rlim_cur}});
  return static_cast<int>(std::min(kWanted, limit.rlim_cur));
}

int CountOpenFiles() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  int count = -1;  // the folder itself is open as well
  while (const dirent* entry = readdir(folder)) count += entry->d_name[0] != '.';
  closedir(folder);
  return count;
}

}  // namespace tenantry
