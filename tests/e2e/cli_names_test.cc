// The command line client against tables and columns of awkward names: whatever the server takes,
// the client can call.
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/e2e/command.h"
#include "tests/support/named_sources.h"
#include "tests/support/test_server.h"

namespace tenantry::test {
namespace {

using namespace tenantry::testing;  // NOLINT: the sources
using nlohmann::json;
using ::testing::HasSubstr;

// Every name of a table that the server takes, each with one of the columns.
struct Table {
  std::string message;  // full name in the API
  std::string column;   // a text column beside `id`
};

NamedSource SourceOf(const std::string& table, const std::string& column) {
  NamedSource source = ColumnNamed(column);
  source.text.replace(source.text.find("message Item"), 12, "message " + table);
  return source;
}

// A command reads about every table of its server, hence several servers.
constexpr std::size_t kServers = 4;

// The tables of one of the servers. Tables that are told apart by little (Request, Requests) are
// neighbours, and so on one server.
std::vector<Table> WriteSources(std::size_t server, SourceDirectory& folder) {
  std::vector<Table> tables;
  const std::size_t share = (TableNames().size() + kServers - 1) / kServers;
  const std::size_t begin = server * share;
  std::size_t next = begin;
  for (std::size_t i = begin; i < std::min(begin + share, TableNames().size()); ++i) {
    const std::string& name = TableNames()[i];
    // The next column that goes with this table; some tables go with none.
    for (std::size_t tries = 0; tries < 8; ++tries) {
      const std::string& column = ColumnNames()[next++ % ColumnNames().size()];
      const NamedSource source = SourceOf(name, column);
      if (!ErrorsOf(source).empty()) continue;
      // Two tables may derive one name: then this one stays away.
      const std::string file = absl::StrCat("n", tables.size(), ".proto");
      folder.Write(file, HeadOf("n") + source.text);
      if (schema::Schema::Load({folder.path()}).ok()) {
        tables.push_back({absl::StrCat("n.v1.", name), column});
      } else {
        std::filesystem::remove(folder.path() + "/" + file);
      }
      break;
    }
  }
  return tables;
}

class CliNamesTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  CliNamesTest() : tables_(WriteSources(GetParam(), folder_)) {
    auto schema = MustLoad(folder_.path());
    database_ = CreateDatabase(*schema);
    serve::Guard guard = GuardOf(*schema);
    auto server = serve::Server::Start(TestConfig(*database_), std::move(schema), guard);
    server_ = std::move(server).value();  // ends the program where it does not start
    folder_.Write("settings.json", "{}");
  }

  // The reply as JSON; null and a failure where the call fails.
  json Run(std::vector<std::string> words) const {
    words.insert(words.begin(), "tenantry");
    words.insert(words.end(), {"-o", "json"});
    const CommandResult result = RunCommand(words, Environment());
    EXPECT_EQ(result.exit_code, 0) << ::testing::PrintToString(words) << "\n" << result.err;
    json reply = json::parse(result.out, nullptr, false);
    if (reply.is_discarded()) ADD_FAILURE() << ::testing::PrintToString(words) << result.out;
    return result.exit_code == 0 && !reply.is_discarded() ? reply : json::object();
  }

  std::string Text(std::vector<std::string> words) const {
    words.insert(words.begin(), "tenantry");
    const CommandResult result = RunCommand(words, Environment());
    EXPECT_EQ(result.exit_code, 0) << ::testing::PrintToString(words) << "\n" << result.err;
    return result.out;
  }

  std::map<std::string, std::string> Environment() const {
    return {{"TENANTRY_SERVER", server_->addresses()[0]},
            {"TENANTRY_TENANT", tenant_},
            {"TENANTRY_CONFIG", folder_.path() + "/settings.json"},
            {"TENANTRY_USER", ""},
            {"TENANTRY_ROLE", ""}};
  }

  // What `methods` says to type for each table.
  std::map<std::string, std::string> Resources() const {
    std::map<std::string, std::string> words;
    for (const json& method : Run({"methods"})) words[method["table"]] = method["resource"];
    return words;
  }

  SourceDirectory folder_;
  const std::vector<Table> tables_;
  const std::string tenant_ = NewTenantId();
  std::unique_ptr<Database> database_;
  std::unique_ptr<serve::Server> server_;
};

TEST_P(CliNamesTest, EveryTableCanBeCalledAndEveryColumnSet) {
  EXPECT_GT(tables_.size(), TableNames().size() / kServers - 4) << "most names go together";
  const std::map<std::string, std::string> resources = Resources();
  for (const Table& table : tables_) {
    SCOPED_TRACE(absl::StrCat(table.message, ", ", table.column));
    ASSERT_TRUE(resources.contains(table.message));
    const std::string resource = resources.at(table.message);
    const std::string& column = table.column;

    const json made = Run({resource, "create", "--set", column + "=one"});
    ASSERT_TRUE(made.contains("id")) << made;
    const std::string id = made["id"];
    EXPECT_EQ(made[column], "one");
    EXPECT_EQ(Run({resource, "update", id, "--set", column + "=two"})[column], "two");
    EXPECT_EQ(Run({resource, "get", id})[column], "two");
    EXPECT_THAT(Run({resource, "list", "--where", column + "=two"}).dump(), HasSubstr(id));
    EXPECT_THAT(Text({"describe", resource}), HasSubstr(column));
  }
}

INSTANTIATE_TEST_SUITE_P(Servers, CliNamesTest, ::testing::Range<std::size_t>(0, kServers));

}  // namespace
}  // namespace tenantry::test
