#include "client/load/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <map>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cpp/settings.h"
#include "client/cpp/time_text.h"

namespace tenantry::load {
namespace {

constexpr std::array<const char*, kMethods> kNames = {
    "get",       "list", "create", "update", "upsert",        "delete", "batch-get", "batch-create",
    "aggregate", "tree", "order",  "page",   "create-nested", "search", "transact"};

constexpr char kFooter[] = R"(
Closed loop (no --rate): every stream sends its next call when the last one has answered; it shows the most a
server can do. Fixed rate (--rate): calls start on a timetable whatever the server does, and latency counts from
the time a call was meant to start, so that a stall shows in every call it held up.

The calls go to saas.v1.ContactService, those of search to saas.v1.ProductService, and those of
transact to tenantry.v1.TransactService. Rows to read are looked up first and made where there are too few.
Created rows stay: use a database made for the purpose.

Exit: 0 all calls succeeded, 1 wrong usage, 2 set-up failed, 3 some calls failed.)";

struct Raw {
  std::vector<std::string> targets;
  std::vector<std::string> tenants;
  std::string mix = "get";
};

void AddTime(CLI::App& app, const std::string& name, std::chrono::milliseconds& time,
             const std::string& doc) {
  const CLI::callback_t parse = [&time](const CLI::results_t& values) {
    const auto parsed = client::ParseTime(values.front());
    if (parsed) time = *parsed;
    return parsed.has_value();
  };
  app.add_option(name, parse, doc)->type_name("TIME");
}

void Declare(CLI::App& app, Options& options, Raw& raw) {
  app.add_option("--target", raw.targets,
                 "Server address; may be given again [settings, environment]");
  app.add_option("--tenant", raw.tenants,
                 "Tenant by name or UUID; may be given again [all of the settings]");
  app.add_option("--user", options.user, "User id to call as");
  app.add_option("--role", options.role, "Role to call as");
  app.add_option("--connections", options.connections, "Connections")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--streams", options.streams, "Calls in flight on each connection, at most")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Threads that handle replies")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--rate", options.rate, "Calls per second in all; without it, closed loop")
      ->check(CLI::Range(0.1, 10e6));
  app.add_flag("--poisson", options.poisson,
               "With --rate: random (exponential) gaps, not even ones");
  app.add_flag("--request-ids", options.request_ids,
               "Give every write a request_id, which makes it safe to repeat");
  AddTime(app, "--duration", options.duration, "Time to measure [10s]");
  AddTime(app, "--warmup", options.warm_up, "Time to run before measuring [2s]");
  AddTime(app, "--deadline", options.deadline, "Deadline of each call [10s]");
  app.add_option("--calls", options.calls, "Stop after this many measured calls");
  app.add_option(
         "--mix", raw.mix,
         "Methods and their shares, as get=90,create=10 (get, list, create, update, upsert, "
         "delete, batch-get, batch-create, aggregate, "
         "tree, order, page, create-nested, search, transact)")
      ->capture_default_str();
  app.add_option("--rows", options.rows, "Rows of each tenant that calls choose from")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  app.add_option("--page-size", options.page_size, "Rows asked for by list")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  app.add_option("--batch", options.batch, "Rows in a batch-get or batch-create")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Seed of the random choices")->capture_default_str();
  app.add_option("--json", options.json,
                 "Write the report as JSON to this file; - instead of text");
  app.add_flag("--quiet", options.quiet, "No progress");
  app.set_version_flag("--version", "tenantry-load " TENANTRY_VERSION,
                       "Print the version and exit");
}

absl::Status Resolve(const Raw& raw, Options& options) {
  auto settings = client::LoadSettings(std::filesystem::current_path(), client::ProcessEnvironment);
  if (!settings.ok()) return settings.status();
  for (const std::string& target : raw.targets) {
    for (std::string& address : client::SplitAddresses(target)) {
      options.targets.push_back(std::move(address));
    }
  }
  if (options.targets.empty()) options.targets = settings->servers;
  options.tls = settings->tls;
  if (options.targets.empty()) return absl::InvalidArgumentError("no server: give --target");

  std::vector<std::string> tenants = raw.tenants;
  if (tenants.empty() && !settings->tenant.empty()) tenants = {settings->tenant};
  if (tenants.empty()) {
    for (const auto& [name, id] : settings->tenants) tenants.push_back(name);
  }
  if (tenants.empty()) return absl::InvalidArgumentError("no tenant: give --tenant");
  for (const std::string& tenant : tenants) {
    auto id = client::ResolveTenant(*settings, tenant);
    if (!id.ok()) return id.status();
    options.tenants.push_back(*std::move(id));
  }

  auto mix = Mix::Parse(raw.mix);
  if (!mix.ok()) return mix.status();
  options.mix = *std::move(mix);
  options.threads = std::min(options.threads, options.connections);
  if (options.calls > 0 && options.calls < static_cast<std::uint64_t>(options.threads)) {
    options.threads = static_cast<int>(options.calls);
  }
  return absl::OkStatus();
}

}  // namespace

const char* NameOf(Method method) { return kNames[static_cast<std::size_t>(method)]; }

std::optional<Method> MethodOf(const std::string& name) {
  for (std::size_t i = 0; i < kMethods; ++i) {
    if (name == kNames[i]) return static_cast<Method>(i);
  }
  return std::nullopt;
}

absl::StatusOr<Mix> Mix::Parse(const std::string& text) {
  Mix mix;
  const std::vector<std::string> items = absl::StrSplit(text, ',', absl::SkipWhitespace());
  for (const std::string& item : items) {
    const std::vector<std::string> parts = absl::StrSplit(item, absl::MaxSplits('=', 1));
    const std::optional<Method> method = MethodOf(parts[0]);
    if (!method) return absl::InvalidArgumentError(absl::StrCat("--mix: no method ", parts[0]));
    std::uint32_t weight = 1;
    if (parts.size() == 2 && (!absl::SimpleAtoi(parts[1], &weight) || weight > 1'000'000)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--mix: the share of ", parts[0], " must be a number from 0 to 1000000"));
    }
    mix.weights_[static_cast<std::size_t>(*method)] += weight;
    mix.total_ += weight;
  }
  if (mix.total_ == 0) return absl::InvalidArgumentError("--mix: no method has a share");
  return mix;
}

Method Mix::Pick(std::uint32_t point) const {
  std::size_t i = 0;
  while (i + 1 < kMethods && point >= weights_[i]) point -= weights_[i++];
  return static_cast<Method>(i);
}

std::string Mix::ToString() const {
  std::string text;
  for (std::size_t i = 0; i < kMethods; ++i) {
    if (weights_[i] == 0) continue;
    absl::StrAppend(&text, text.empty() ? "" : ",", kNames[i], "=", weights_[i]);
  }
  return text;
}

std::optional<Options> ParseOptions(int argc, const char* const* argv, int& exit_code) {
  CLI::App app(
      "Load tester for tenantryd: closed loop or fixed rate, typed calls, several tenants.",
      "tenantry-load");
  app.footer(kFooter);
  app.option_defaults()->always_capture_default(false);
  Options options;
  Raw raw;
  Declare(app, options, raw);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? 0 : 1;
    return std::nullopt;
  }
  if (absl::Status status = Resolve(raw, options); !status.ok()) {
    std::cerr << "tenantry-load: " << status.message() << "\n";
    exit_code = 1;
    return std::nullopt;
  }
  return options;
}

}  // namespace tenantry::load
