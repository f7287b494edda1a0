// Many tenants call at once over few connections. All of them own rows with the same keys, so only
// the texts of a row show whose it is.
#pragma once

#include <memory>
#include <random>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/isolation/findings.h"
#include "tests/isolation/population.h"
#include "tests/support/dynamic_client.h"

namespace tenantry::isolation {

class TenantsAtOnce {
 public:
  struct Options {
    const test::DynamicClient& client;
    std::string superuser_url;
    int tenants;
    int in_flight;
    int calls;
    unsigned seed;
  };
  TenantsAtOnce(Options options, Findings& findings);

  void Run();

 private:
  struct Planned {
    const schema::Method* method;
    MessagePtr request;
    int tenant;
  };
  Planned Plan();
  MessagePtr RequestOf(const schema::Method& method, Population& tenant);
  void Check(const Planned& call, const test::CallResult& result);

  Options options_;
  Findings& findings_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Population>> tenants_;
  std::mt19937 random_;
  absl::Mutex mutex_;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  int rows_seen_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tenantry::isolation
