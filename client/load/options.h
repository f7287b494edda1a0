// What tenantry-load is asked to do.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cpp/tls.h"

namespace tenantry::load {

// Methods of the contact service, but for the last two, in the order of reports.
enum class Method {
  kGet,
  kList,
  kCreate,
  kUpdate,
  kUpsert,
  kDelete,
  kBatchGet,
  kBatchCreate,
  kAggregate,
  kTree,          // Get with relations, three levels down
  kOrder,         // List by two columns, with the exact total
  kPage,          // List, going on where the last page ended
  kCreateNested,  // Create, with rows of two relations
  kSearch,        // List of products, by words
  kTransact,      // a contact, an order of it, and a change of another contact, all or nothing
};
inline constexpr std::size_t kMethods = 15;

// "get", "batch-get" and so on.
const char* NameOf(Method method);
std::optional<Method> MethodOf(const std::string& name);

// Shares of the methods. "get=90,create=10", or just "get".
class Mix {
 public:
  static absl::StatusOr<Mix> Parse(const std::string& text);

  // The method for a uniformly distributed `point` in [0, total()).
  Method Pick(std::uint32_t point) const;
  std::uint32_t total() const { return total_; }
  bool Has(Method method) const { return weights_[static_cast<std::size_t>(method)] > 0; }
  std::string ToString() const;

 private:
  std::array<std::uint32_t, kMethods> weights_{};
  std::uint32_t total_ = 0;
};

struct Options {
  std::vector<std::string> targets;
  std::vector<std::string> tenants;  // UUIDs
  std::string user;
  std::string role;
  client::TlsOptions tls;

  int connections = 4;
  int streams = 16;  // calls in flight on each connection, at most
  int threads = 1;
  double rate = 0;  // calls per second over all connections; 0 = closed loop
  bool poisson = false;

  std::chrono::milliseconds duration{10'000};
  std::chrono::milliseconds warm_up{2'000};
  std::chrono::milliseconds deadline{10'000};  // of each call
  std::uint64_t calls = 0;  // stop after this many measured calls; 0 = by time only

  Mix mix;
  int rows = 1'000;  // rows of each tenant that calls choose from
  int page_size = 50;
  int batch = 50;
  std::uint64_t seed = 1;
  bool request_ids = false;  // writes have one each

  std::string json;  // file for the JSON report, "-" = standard output instead of text
  bool quiet = false;
};

// Nothing when the program should end with `exit_code`: after printing the help that was asked for,
// or a message about wrong arguments.
std::optional<Options> ParseOptions(int argc, const char* const* argv, int& exit_code);

}  // namespace tenantry::load
