// The command line client and the load tester as programs, against a whole server on a real
// database.
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/e2e/command.h"
#include "tests/support/test_server.h"

namespace tenantry::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class CliTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = new TestServer; }
  static void TearDownTestSuite() { delete server_; }

  CliTest() : tenant_(server_->NewTenant("Acme")) {}

  CommandResult Run(std::vector<std::string> words, const std::string& stdin_text = "") const {
    words.insert(words.begin(), "tenantry");
    return RunCommand(words, Environment(tenant_), stdin_text);
  }

  static std::map<std::string, std::string> Environment(const std::string& tenant) {
    // Settings of its own: a developer's .tenantry.json must not take part.
    const std::string file = ::testing::TempDir() + "/cli_test_settings.json";
    std::ofstream(file) << "{}";
    return {{"TENANTRY_SERVER", server_->address()},
            {"TENANTRY_TENANT", tenant},
            {"TENANTRY_CONFIG", file},
            {"TENANTRY_USER", ""},
            {"TENANTRY_ROLE", ""}};
  }

  // The id of a new contact.
  std::string Create(const std::string& name, const std::string& email) const {
    const CommandResult made =
        Run({"contact", "create", "--name", name, "--email", email, "-o", "json"});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return json::parse(made.out)["id"];
  }

  static TestServer* server_;
  const std::string tenant_;
};

TestServer* CliTest::server_ = nullptr;

TEST_F(CliTest, ARowsLife) {
  const CommandResult made =
      Run({"contact", "create", "--name", "Ada", "--email", "ada@example.com", "--type", "company",
           "--metadata", R"({"vip": true})"});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_EQ(Stable(made.out),
            "id          <id>\n"
            "name        Ada\n"
            "email       ada@example.com\n"
            "type        company\n"
            "is_active   true\n"
            "metadata    {\"vip\":true}\n"
            "created_at  <time>\n"
            "updated_at  <time>\n");
  const std::string id = made.out.substr(12, 36);

  const CommandResult changed = Run({"contact", "update", id, "--set", "name=Eve", "--is-active",
                                     "false", "--clear", "email", "-o", "json"});
  EXPECT_EQ(changed.exit_code, 0) << changed.err;
  const json row = json::parse(changed.out);
  EXPECT_EQ(row["name"], "Eve");
  EXPECT_EQ(row["is_active"], false);
  EXPECT_FALSE(row.contains("email"));
  EXPECT_EQ(row["type"], "CONTACT_TYPE_COMPANY") << "left alone";

  const CommandResult read = Run({"contact", "get", id, "-o", "json"});
  EXPECT_EQ(json::parse(read.out), row);
  EXPECT_EQ(Run({"contact", "delete", id}).exit_code, 0);
  EXPECT_EQ(Run({"contact", "list"}).out, "(no rows)\n");
}

TEST_F(CliTest, WhatIsExportedCanBeImported) {
  for (const char* name : {"Ada", "Eve"}) Create(name, absl::StrCat(name, "@example.com"));
  const CommandResult exported = Run({"contact", "export", "--where", "name=Ada"});
  EXPECT_EQ(exported.exit_code, 0) << exported.err;
  EXPECT_EQ(json::parse(exported.out)["name"], "Ada") << "one line";
  const CommandResult all = Run({"contact", "export"});

  const std::string file = ::testing::TempDir() + "/cli_test_rows.ndjson";
  std::ofstream(file) << all.out;
  const std::string other = server_->NewTenant("Other");
  const auto run = [&](std::vector<std::string> words, const std::string& input = "") {
    words.insert(words.begin(), {"tenantry", "contact"});
    return RunCommand(words, Environment(other), input);
  };
  CommandResult imported = run({"import", file});
  EXPECT_EQ(imported.out, "2 rows imported\n") << imported.err;
  const CommandResult again = run({"export"});
  const auto without_times = [](const std::string& lines) {
    std::vector<json> rows;
    std::istringstream stream(lines);
    for (std::string line; std::getline(stream, line);) {
      json row = json::parse(line);
      row.erase("created_at");
      row.erase("updated_at");
      rows.push_back(std::move(row));
    }
    return rows;
  };
  EXPECT_EQ(without_times(again.out), without_times(all.out));

  // All or none, and then what can be made. The file may stand behind the flags.
  const std::string rows = all.out + "{\"name\": \"Kim\", \"email\": \"kim@example.com\"}\n";
  imported = run({"import", "-"}, rows);
  EXPECT_EQ(imported.exit_code, 2) << imported.out;
  EXPECT_THAT(imported.err, HasSubstr("ALREADY_EXISTS"));
  imported = run({"import", "--mode", "batches", "-"}, rows);
  EXPECT_EQ(imported.exit_code, 2);
  EXPECT_THAT(imported.out, HasSubstr("1 rows imported, 2 rejected"));
  EXPECT_THAT(imported.err, HasSubstr("row 2: ALREADY_EXISTS"));
}

TEST_F(CliTest, AnImportNamesTheLineThatIsWrong) {
  EXPECT_THAT(Run({"contact", "import", "-"}, "{\"name\": \"A\"}\n{\"nam\": \"B\"}\n").err,
              HasSubstr("line 2: no field nam; did you mean name?"));
  EXPECT_THAT(Run({"contact", "import", "-"}, "{\"name\": \n").err, HasSubstr("line 1: not JSON"));
  EXPECT_THAT(Run({"contact", "import", "--mode", "batches"}).err, HasSubstr("Give a FILE"));
  EXPECT_THAT(Run({"contact", "import", "/nowhere.ndjson"}).err, HasSubstr("cannot read"));
  EXPECT_THAT(
      Run({"contact", "import", "--help"}).out,
      ::testing::AllOf(HasSubstr("import FILE [flags]"), ::testing::Not(HasSubstr("--contacts"))));
  EXPECT_EQ(Run({"contact", "list"}).out, "(no rows)\n") << "none of them was made";
}

TEST_F(CliTest, AFunctionIsCalledLikeAnyMethod) {
  const std::string contact = Create("Kim", "kim@example.com");
  const CommandResult lamp = Run({"product", "create", "--slug", "lamp", "--name", "Lamp",
                                  "--price-cents", "500", "--stock", "3", "-o", "json"});
  EXPECT_EQ(lamp.exit_code, 0) << lamp.err;
  const auto cart = [&](int quantity) {
    return absl::StrCat(R"([{"product_id": ")", std::string(json::parse(lamp.out)["id"]),
                        R"(", "quantity": )", quantity, "}]");
  };
  const CommandResult order =
      Run({"checkout", "checkout", "--contact-id", contact, "--items", cart(2), "-o", "json"});
  EXPECT_EQ(order.exit_code, 0) << order.err;
  EXPECT_EQ(json::parse(order.out)["total_cents"], 1000);
  const CommandResult refused =
      Run({"checkout", "checkout", "--contact-id", contact, "--items", cart(2)});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.err, HasSubstr("only 1 of Lamp left"));
  const CommandResult stats = Run({"checkout", "get-revenue-stats", "--start-time", "2020-01-01",
                                   "--end-time", "2100-01-01", "-o", "json"});
  EXPECT_EQ(stats.exit_code, 0) << stats.err;
  EXPECT_EQ(json::parse(stats.out)["order_count"], "1");
}

TEST_F(CliTest, WritesOfSeveralTables) {
  const CommandResult made = Run({"contact", "create", "--name", "Ada", "--addresses",
                                  R"([{"line1": "1", "city": "Hull", "country": "GB"}])",
                                  "--orders", R"({"total_cents": 5})", "-o", "json"});
  EXPECT_EQ(made.exit_code, 0) << made.err;
  const json contact = json::parse(made.out);
  EXPECT_EQ(contact["addresses"][0]["city"], "Hull");
  EXPECT_EQ(contact["orders"][0]["contact_id"], contact["id"]);
  const CommandResult order =
      Run({"order", "create", "--total-cents", "7", "--contact.name", "Ben", "-o", "json"});
  EXPECT_EQ(order.exit_code, 0) << order.err;
  EXPECT_EQ(json::parse(order.out)["contact"]["name"], "Ben");
  const CommandResult data =
      Run({"order", "create", "--data", R"({"contact": {"name": "Cleo"}})", "-o", "json"});
  EXPECT_EQ(data.exit_code, 0) << data.err;

  const std::string address = contact["addresses"][0]["id"];
  const CommandResult changed =
      Run({"contact", "update", std::string(contact["id"]), "--children",
           absl::StrCat(R"({"addresses": {"delete": [{"id": ")", address,
                        R"("}], "create": [{"line1": "2", "city": "Cork", "country": "IE"}]}})"),
           "-o", "json"});
  EXPECT_EQ(changed.exit_code, 0) << changed.err;
  EXPECT_EQ(json::parse(changed.out)["addresses"][0]["city"], "Cork");
  const CommandResult addresses = Run({"address", "list", "--columns", "city"});
  EXPECT_EQ(addresses.out, "city\nCork\n");
}

TEST_F(CliTest, ListsPageByPage) {
  for (const char* name : {"Ada", "Ben", "Cleo"}) Create(name, std::string(name) + "@example.com");
  const CommandResult page =
      Run({"contact", "list", "--page-size", "2", "--columns", "id,name,email"});
  EXPECT_EQ(page.exit_code, 0) << page.err;
  EXPECT_EQ(Stable(page.out),
            "id                                    name  email\n"
            "<id>  Ada   Ada@example.com\n"
            "<id>  Ben   Ben@example.com\n");
  EXPECT_EQ(Stable(page.err), "more: --page-token <token>  or --all\n");

  const CommandResult all =
      Run({"contact", "list", "--page-size", "1", "--all", "--columns", "name", "--order", "-id"});
  EXPECT_EQ(all.out, "name\nCleo\nBen\nAda\n");
  const CommandResult found =
      Run({"contact", "list", "--where", "email=Ben@example.com", "-o", "ndjson"});
  EXPECT_EQ(json::parse(found.out)["name"], "Ben");
}

TEST_F(CliTest, AggregatesAreTables) {
  const std::string ada = Create("Ada", "ada@example.com");
  for (const char* name : {"Ben", "Cleo"}) Create(name, std::string(name) + "@example.com");
  EXPECT_EQ(Run({"contact", "update", ada, "--clear", "email"}).exit_code, 0);
  const CommandResult groups = Run({"contact", "aggregate", "--by", "type,created_at:year",
                                    "--measure", "count,mails=count:email,b=max:name[name<C]",
                                    "--having", "count>1", "--order", "-count"});
  EXPECT_EQ(groups.exit_code, 0) << groups.err;
  EXPECT_THAT(groups.out,
              ::testing::MatchesRegex(
                  "type +created_at +count  mails  b *\n[a-z]+ +[0-9]{4}-01-01T00:00:00Z "
                  "+3      2  Ben\n"));
  EXPECT_EQ(Run({"contact", "aggregate", "--having", "count>5"}).out, "(no groups)\n");
  const CommandResult limited = Run({"contact", "aggregate", "--by", "name", "--limit", "1"});
  EXPECT_EQ(limited.out, "name  count\nAda       1\n");
  EXPECT_EQ(limited.err, "there are more groups: --limit shows more of them\n");
  const CommandResult wrong = Run({"contact", "aggregate", "--by", "created_at:day@Mars"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, ::testing::HasSubstr("must be a name of IANA's list"));
  EXPECT_THAT(wrong.err, ::testing::HasSubstr("--by"));
}

TEST_F(CliTest, SearchesHaveTheBestMatchFirst) {
  const auto make = [&](const char* slug, const char* name, const char* description) {
    const CommandResult made = Run({"product", "create", "--slug", slug, "--name", name,
                                    "--description", description, "--price-cents", "500"});
    EXPECT_EQ(made.exit_code, 0) << made.err;
  };
  make("a", "Shelf", "Holds a desk lamp.");
  make("b", "Desk lamp", "For reading.");
  make("c", "Table lamps", "No light bulb.");
  const auto search = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"product", "list", "--columns", "slug"});
    const CommandResult found = Run(words);
    EXPECT_EQ(found.exit_code, 0) << found.err;
    return found.out;
  };
  EXPECT_EQ(search({"--search", "desk lamp"}), "slug\nb\na\n");
  EXPECT_EQ(search({"--search", "lamp -desk"}), "slug\nc\n");
  EXPECT_EQ(search({"--search", "\"desk lamp\" or bulb", "--order", "slug"}), "slug\na\nb\nc\n");
  EXPECT_EQ(search({"--search", "lamp", "--order", "rank,-slug", "--where", "price_cents>=500"}),
            "slug\nc\nb\na\n");
  EXPECT_EQ(search({"--search", "the"}), "(no rows)\n") << "no word of English";
  const CommandResult page =
      Run({"product", "list", "--search", "lamp", "--page-size", "2", "--columns", "slug"});
  EXPECT_EQ(page.out, "slug\nc\nb\n");
  const CommandResult counted =
      Run({"product", "aggregate", "--search", "lamps", "--measure", "count", "-o", "json"});
  EXPECT_THAT(counted.out, HasSubstr("\"3\"")) << counted.err;
  const CommandResult refused = Run({"product", "list", "--search", " - "});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.err, HasSubstr("must hold a word"));
}

TEST_F(CliTest, ReadsSelectColumnsAndRelations) {
  const std::string contact = Create("Ada", "ada@example.com");
  for (const char* city : {"Hull", "Cork"}) {
    Run({"address", "create", "--contact-id", contact, "--line1", "1", "--city", city, "--country",
         "IE"});
  }
  const auto list = [&](const std::string& select) {
    return Run({"contact", "list", "--select", select, "-o", "ndjson"});
  };
  const json row = json::parse(list("name,addresses:1.city").out);
  EXPECT_EQ(row.size(), 3u) << row;
  EXPECT_EQ(row["id"], contact);
  EXPECT_EQ(row["name"], "Ada");
  ASSERT_EQ(row["addresses"].size(), 1u);
  EXPECT_EQ(row["addresses"][0].size(), 2u) << "the key and the city";
  EXPECT_EQ(row["addresses"][0]["city"], "Hull");
  EXPECT_EQ(json::parse(list("id,orders").out)["orders"], json::array()) << "read, and empty";

  const CommandResult measured = Run({"contact", "list", "--select", "name", "--measure",
                                      "addresses.count,irish=addresses.max:city[country=IE]"});
  EXPECT_THAT(measured.out,
              ::testing::ContainsRegex("name +addresses_count +irish *\n.*Ada +2 +Hull"));

  const CommandResult table = Run({"contact", "get", contact, "--select", "addresses.city,email"});
  EXPECT_THAT(table.out, ::testing::ContainsRegex("city *\n.*Hull *\n.*Cork"));
  EXPECT_THAT(table.out, ::testing::Not(HasSubstr("name")));
  for (const auto& [select, why] :
       std::vector<std::pair<std::string, std::string>>{{"nmae", "did you mean name"},
                                                        {"name.x", "is a column"},
                                                        {"addresses:0", "how many"},
                                                        {"addresses.contact:2", "has no limit"}}) {
    const CommandResult refused = list(select);
    EXPECT_EQ(refused.exit_code, 1) << select;
    EXPECT_THAT(refused.err, HasSubstr(why)) << select;
  }
}

TEST_F(CliTest, RowsGoInAndComeOutAsLines) {
  const std::string rows = "{\"name\": \"Ada\"}\n{\"name\": \"Ben\", \"type\": \"partner\"}\n";
  const CommandResult made = Run({"contact", "batch-create", "-o", "json"}, rows);
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const json contacts = json::parse(made.out)["contacts"];
  ASSERT_EQ(contacts.size(), 2u);
  EXPECT_EQ(contacts[1]["type"], "CONTACT_TYPE_PARTNER");
  const CommandResult read =
      Run({"contact", "batch-get", contacts[1]["id"], contacts[0]["id"], "--columns", "name"});
  EXPECT_EQ(read.out, "name\nBen\nAda\n") << "in the order asked for";
}

TEST_F(CliTest, AnUpsertFindsItsRowByTheKeyNamed) {
  const std::string id = Create("Ada", "ada@example.com");
  const CommandResult again = Run({"contact", "upsert", "--conflict-key", "email", "--email",
                                   "ada@example.com", "--name", "Ada Lovelace", "-o", "json"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(json::parse(again.out)["id"], id);
  EXPECT_EQ(json::parse(again.out)["name"], "Ada Lovelace");
}

TEST_F(CliTest, ErrorsSayWhatToDo) {
  Create("Ada", "ada@example.com");
  const CommandResult taken =
      Run({"contact", "create", "--name", "B", "--email", "ada@example.com"});
  EXPECT_EQ(taken.exit_code, 2);
  EXPECT_THAT(taken.err, HasSubstr("error: ALREADY_EXISTS"));
  EXPECT_THAT(taken.err, HasSubstr("constraint: contacts_email_key"));

  const CommandResult bad = Run({"contact", "create", "--email", std::string(300, 'a')});
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_THAT(bad.err, HasSubstr("(--name)"));
  EXPECT_THAT(bad.err, HasSubstr("(--email)")) << "all violations at once";

  const CommandResult absent = Run({"contact", "get", NewTenantId()});
  EXPECT_EQ(absent.exit_code, 2);
  EXPECT_THAT(absent.err, HasSubstr("error: NOT_FOUND"));

  EXPECT_EQ(Run({"contact", "list", "--wher", "a=b"}).err,
            "error: unknown flag --wher; did you mean --where?\n");
}

TEST_F(CliTest, AFileOfCommandsIsOneTransaction) {
  const std::string commands =
      "# an order of a new contact\n"
      "contact create --name 'Ada L'\n"
      "\n"
      "order create --contact-id=@1.id --total-cents 500   # cents\n"
      "order update @2.order.id --set tracking_number=\"T 1\"\n"
      "order get @2.id --select tracking_number,contact.name\n";
  const CommandResult done =
      Run({"transact", "-", "--isolation", "serializable", "-o", "json"}, commands);
  EXPECT_EQ(done.exit_code, 0) << done.err;
  const json replies = json::parse(done.out);
  ASSERT_EQ(replies.size(), 4u);
  EXPECT_EQ(replies[1]["contact_id"], replies[0]["id"]);
  EXPECT_EQ(replies[2]["total_cents"], 500) << "left alone";
  EXPECT_EQ(replies[3]["tracking_number"], "T 1");
  EXPECT_EQ(replies[3]["contact"]["name"], "Ada L");

  const CommandResult table = Run({"transact", "-", "--validate-only"}, commands);
  EXPECT_THAT(table.out, HasSubstr("4  order get\n"));
  EXPECT_EQ(json::parse(Run({"contact", "list", "-o", "json"}).out)["contacts"].size(), 1u);

  const CommandResult refused = Run({"transact", "-"},
                                    "contact create --name Ben\n"
                                    "order create --contact-id @1.id --total-cents -1\n");
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("line 2 (order create): --total-cents  must be at least 0"));
  const CommandResult missing =
      Run({"transact", "-"}, "contact create --name Ben\norder get " + NewTenantId() + "\n");
  EXPECT_THAT(missing.err, HasSubstr("NOT_FOUND: line 2 (order get): Order not found"));
  EXPECT_EQ(json::parse(Run({"contact", "list", "-o", "json"}).out)["contacts"].size(), 1u);

  for (const auto& [file, error] : std::map<std::string, std::string>{
           {"contact create --name 'Ada\n", "line 1: a quote does not close"},
           {"\ncontact create --nme Ada\n", "line 2: unknown flag --nme; did you mean --name?"},
           {"order get @1.id\n", "line 1: @1: must be a command before this one"},
           {"# nothing\n", "- holds no commands"}}) {
    const CommandResult wrong = Run({"transact", "-"}, file);
    EXPECT_EQ(wrong.exit_code, 1);
    EXPECT_THAT(wrong.err, HasSubstr(error));
  }
}

TEST_F(CliTest, AnotherTenantSeesNothing) {
  const std::string id = Create("Ada", "ada@example.com");
  const std::string other = server_->NewTenant("Globex");
  const CommandResult read = RunCommand({"tenantry", "contact", "get", id}, Environment(other));
  EXPECT_EQ(read.exit_code, 2);
  EXPECT_THAT(read.err, HasSubstr("error: NOT_FOUND"));
  EXPECT_EQ(RunCommand({"tenantry", "contact", "list"}, Environment(other)).out, "(no rows)\n");
  const CommandResult nobody = RunCommand({"tenantry", "contact", "list"}, Environment(""));
  EXPECT_EQ(nobody.exit_code, 2);
  EXPECT_THAT(nobody.err, HasSubstr("UNAUTHENTICATED TENANT_MISSING"));
}

TEST_F(CliTest, SessionIsWhatTheDatabaseSees) {
  const CommandResult session = Run({"session", "--user", "ada", "--role", "support"});
  EXPECT_EQ(session.out, "tenant_id  " + tenant_ + "\nuser_id    ada\nrole       support\n");
}

TEST_F(CliTest, EveryMethodIsListedAndHasHelp) {
  const CommandResult listed = Run({"methods", "-o", "json"});
  ASSERT_EQ(listed.exit_code, 0) << listed.err;
  for (const json& method : json::parse(listed.out)) {
    const CommandResult help = Run({method["resource"], method["method"], "--help"});
    EXPECT_EQ(help.exit_code, 0) << method;
    EXPECT_THAT(help.out, HasSubstr(method["path"].get<std::string>().substr(1)));
  }
  EXPECT_EQ(Run({"health"}).exit_code, 0);
}

TEST_F(CliTest, AnotherSchemaNeedsNothingNew) {
  TestServer ledger({.schema = Which::kLedger});
  auto environment = Environment(ledger.NewTenant());
  environment["TENANTRY_SERVER"] = ledger.address();
  const CommandResult listed = RunCommand({"tenantry", "methods", "-o", "json"}, environment);
  ASSERT_EQ(listed.exit_code, 0) << listed.err;
  int lists = 0;
  for (const json& method : json::parse(listed.out)) {
    if (method["method"] != "list") continue;
    ++lists;
    const CommandResult rows = RunCommand({"tenantry", method["resource"], "list"}, environment);
    EXPECT_EQ(rows.exit_code, 0) << method << rows.err;
  }
  EXPECT_GT(lists, 0);
}

TEST_F(CliTest, LoadTesterMeasuresEveryMethod) {
  const CommandResult run =
      RunCommand({"tenantry-load", "--rows=20", "--batch=5", "--connections=2", "--streams=4",
                  "--warmup=0", "--duration=20s", "--calls=400", "--quiet", "--json=-",
                  "--mix=get,list,create,update,upsert,delete,batch-get,batch-create,aggregate,"
                  "tree,order,page,search"},
                 Environment(tenant_));
  ASSERT_EQ(run.exit_code, 0) << run.err << run.out;
  const json report = json::parse(run.out);
  EXPECT_EQ(report["failed"], 0);
  EXPECT_EQ(report["calls"], 400);
  EXPECT_EQ(report["methods"].size(), 13u);
  EXPECT_GT(report["all"]["latency_us"]["p50"], 0);
}

TEST_F(CliTest, LoadTesterSaysWhenItCannotStart) {
  EXPECT_EQ(RunCommand({"tenantry-load", "--mix=fly"}, Environment(tenant_)).exit_code, 1);
  const CommandResult nobody =
      RunCommand({"tenantry-load", "--target=127.0.0.1:1", "--quiet"}, Environment(tenant_));
  EXPECT_EQ(nobody.exit_code, 2);
  EXPECT_THAT(nobody.err, HasSubstr("set-up failed: ListContacts: UNAVAILABLE"));
}

}  // namespace
}  // namespace tenantry::test
