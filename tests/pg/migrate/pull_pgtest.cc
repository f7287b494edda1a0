// Databases become protos, and these make the same database again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "server/migrate/pull.h"
#include "tests/pg/migrate/cases.h"
#include "tests/pg/migrate/evolution.h"
#include "tests/support/test_database.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

namespace fs = std::filesystem;

// A folder for protos, gone with the test.
class Folder {
 public:
  Folder() {
    static int count = 0;
    path_ = (fs::temp_directory_path() / absl::StrCat("tenantry-pull-", getpid(), "-", ++count))
                .string();
  }
  ~Folder() { fs::remove_all(path_); }
  const std::string& path() const { return path_; }
  // All protos in it, one after the other.
  std::string Text() const {
    std::string text;
    for (const auto& entry : fs::recursive_directory_iterator(path_)) {
      if (entry.is_regular_file()) text += test::ReadFile(entry.path().string());
    }
    return text;
  }

 private:
  std::string path_;
};

std::string TenantColumnOf(const schema::Schema& schema) {
  for (const schema::Table& table : schema.tables()) {
    if (!table.tenant_root) return table.tenant_column;
  }
  return "";
}

// Puts what was pulled into `text`.
void ExpectTheSameAgain(const schema::Schema& schema, std::string* text = nullptr) {
  Evolution origin;
  auto made = origin.Go(schema);
  ASSERT_TRUE(made.ok()) << made.status();
  for (const schema::Function& function : schema.functions()) {  // only tables are pulled
    origin.database().Execute("DROP FUNCTION " + function.sql_name);
  }
  for (const schema::Table& table : schema.tables()) {
    for (const schema::Column& column : table.columns) {
      if (column.is_computed()) origin.database().Execute("DROP FUNCTION " + column.function);
    }
  }
  Folder folder;
  auto pulled = Pull({.database_url = origin.database().owner_url(),
                      .namespaces = {},
                      .tenant_column = TenantColumnOf(schema),
                      .role_prefix = "",
                      .out = folder.path()});
  ASSERT_TRUE(pulled.ok()) << pulled.status() << "\n" << folder.Text();
  EXPECT_THAT(pulled->differences, IsEmpty()) << folder.Text();
  EXPECT_THAT(pulled->plans, IsEmpty());
  auto again = schema::Schema::Load({.path = folder.path()});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(FreshDump(**again), Dump(origin.database())) << folder.Text();
  if (text != nullptr) *text = folder.Text();
}

TEST(Pull, TheDemoComesBackAsItIs) { ExpectTheSameAgain(test::LoadSchema("proto")); }

TEST(Pull, EveryColumnTypeComesBackAsItIs) {
  std::string text;
  ExpectTheSameAgain(test::LoadSchema("tests/support/schemas"), &text);
  // As rules, which the server checks as well, and not as checks of the table alone.
  for (const char* rule : {"format: FORMAT_EMAIL", "format: FORMAT_COUNTRY", "format: FORMAT_SLUG",
                           "pattern: \"[A-Z]{3}\\\\-[0-9]{4,}\"", "in: \"single\", in: \"double\"",
                           "gte: \"2020-01-01\", lt: \"2030-01-01\"", "lt: \"1\"",
                           "min_items: 1, max_items: 3", "generated: \"cents / 100\""}) {
    EXPECT_THAT(text, HasSubstr(rule));
  }
}

class PullTest : public ::testing::TestWithParam<Case> {};

TEST_P(PullTest, ComesBackAsItIs) {
  auto schema = SchemaFromText(GetParam().after);
  ASSERT_TRUE(schema.ok()) << schema.status();
  if ((*schema)->tables().empty()) return;
  ExpectTheSameAgain(**schema);
}

INSTANTIATE_TEST_SUITE_P(Changes, PullTest, ::testing::ValuesIn(Cases()),
                         [](const auto& info) { return std::string(info.param.name); });

// As somebody would write it who has never heard of tenants.
constexpr char kShop[] = R"(
  CREATE TYPE public.mood AS ENUM ('so so', 'happy');
  CREATE TABLE public.customers (
    id serial PRIMARY KEY, "fullName" varchar(80) NOT NULL, email text UNIQUE,
    mood public.mood DEFAULT 'happy', born timestamp, credit numeric(8,2) DEFAULT 0 NOT NULL,
    age smallint CHECK (age >= 18), tags text[] NOT NULL DEFAULT '{}', search tsvector,
    shout text GENERATED ALWAYS AS (upper(email)) STORED);
  CREATE TABLE public.orders (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), customer_id int NOT NULL REFERENCES
    public.customers ON DELETE CASCADE, total bigint NOT NULL, placed timestamptz DEFAULT now() NOT NULL,
    CHECK (total > 0));
  CREATE INDEX orders_lower ON public.orders ((total * 2));
  CREATE TABLE public.notes_without_a_key (text text);
  CREATE VIEW public.totals AS SELECT sum(total) FROM public.orders;
)";

class ForeignTest : public ::testing::Test {
 protected:
  ForeignTest() : database_(test::CreateEmptyDatabase()) { database_->Execute(kShop); }

  absl::StatusOr<Pulled> PullIt(bool overwrite = false) {
    return Pull({.database_url = database_->superuser_url(),
                 .namespaces = {},
                 .tenant_column = "tenant_id",
                 .role_prefix = "",
                 .out = folder_.path(),
                 .overwrite = overwrite});
  }

  std::unique_ptr<test::Database> database_;
  Folder folder_;
};

TEST_F(ForeignTest, WhatProtosCannotSayIsTold) {
  auto pulled = PullIt();
  ASSERT_TRUE(pulled.ok()) << pulled.status() << "\n" << folder_.Text();
  const std::string text = folder_.Text(), told = absl::StrJoin(pulled->differences, "\n");
  EXPECT_THAT(text, HasSubstr("optional string email = 3;"));
  EXPECT_THAT(text, HasSubstr("string full_name = 2 [(tenantry.v1.column) = { max_length: 80 }];"));
  EXPECT_THAT(pulled->plans, Contains("ALTER TABLE \"public\".\"customers\" RENAME COLUMN "
                                      "\"fullName\" TO full_name;"));
  EXPECT_THAT(text, HasSubstr("MOOD_SO_SO = 1 [(tenantry.v1.label) = \"so so\"];"));
  EXPECT_THAT(text, HasSubstr("minimum: 18"));
  EXPECT_THAT(text, HasSubstr("name: \"customer\""));
  for (const char* part :
       {"column public.customers.born", "column public.customers.age",
        "column public.customers.search", "column public.customers.shout",
        "index public.orders.orders_lower", "view public.totals",
        "sequence public.customers_id_seq",
        "column public.notes_without_a_key.id is in the protos and not in the database",
        "column public.orders.tenant_id is in the protos and not in the database"}) {
    EXPECT_THAT(told, HasSubstr(part));
  }
  // What is the same is not told.
  EXPECT_THAT(told, Not(HasSubstr("customers.email ")));
  EXPECT_THAT(told, Not(HasSubstr("customers.tags")));
}

TEST_F(ForeignTest, TablesGetAPlanForTheirTenant) {
  auto pulled = PullIt();
  ASSERT_TRUE(pulled.ok()) << pulled.status() << "\n" << folder_.Text();
  EXPECT_THAT(pulled->plans,
              Contains("UPDATE \"public\".\"orders\" AS this SET \"tenant_id\" = "
                       "other.\"tenant_id\" FROM \"public\".\"customers\" AS other WHERE "
                       "other.\"id\" = this.\"customer_id\";"));
  // It is SQL that runs, once somebody has said whose the first rows are.
  std::string sql =
      "INSERT INTO public.customers (\"fullName\") VALUES ('Ada');"
      "INSERT INTO public.orders (customer_id, total) VALUES (1, 5);";
  for (const std::string& line : pulled->plans) {
    absl::StrAppend(&sql, absl::StrReplaceAll(line, {{" = ...;", " = gen_random_uuid();"}}), "\n");
  }
  database_->Execute(sql);
}

TEST_F(ForeignTest, TheProtosMakeADatabase) {
  ASSERT_TRUE(PullIt().ok());
  auto schema = schema::Schema::Load({.path = folder_.path()});
  ASSERT_TRUE(schema.ok()) << schema.status();
  Evolution evolution;
  evolution.database().Execute("GRANT ALL ON SCHEMA public TO tenantry_owner WITH GRANT OPTION");
  auto made = evolution.Go(**schema);
  EXPECT_TRUE(made.ok()) << made.status() << "\n" << folder_.Text();
}

TEST_F(ForeignTest, NumbersStayWhenItIsPulledAgain) {
  ASSERT_TRUE(PullIt().ok());
  const std::string first = folder_.Text();
  database_->Execute(
      "ALTER TABLE public.customers DROP COLUMN born; ALTER TYPE public.mood ADD VALUE 'angry' "
      "BEFORE 'happy'; CREATE TABLE public.aaa (id uuid PRIMARY KEY)");
  auto again = PullIt(true);
  ASSERT_TRUE(again.ok()) << again.status() << "\n" << folder_.Text();
  const std::string second = folder_.Text();
  for (const char* part : {"MOOD_HAPPY = 2;", "age = 7 ", "tags = 8;",
                           "number: 1\n    name: "
                           "\"customers\""}) {
    EXPECT_THAT(first, HasSubstr(part));
    EXPECT_THAT(second, HasSubstr(part));
  }
  EXPECT_THAT(second, HasSubstr("MOOD_ANGRY = 3;"));
  EXPECT_THAT(second, HasSubstr("number: 4\n    name: \"aaa\""));
}

TEST_F(ForeignTest, WhatWasAddedByHandIsNotLostUnasked) {
  auto first = PullIt();
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string once = folder_.Text();
  EXPECT_TRUE(PullIt().ok());
  ASSERT_TRUE(PullIt(true).ok());
  EXPECT_EQ(folder_.Text(), once);
  const std::string file = absl::StrCat(folder_.path(), "/", first->written[0]);
  std::ofstream(file, std::ios::app) << "// What an order is.\n";
  const std::string edited = folder_.Text();
  auto refused = PullIt();
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(refused.status().message(), HasSubstr(first->written[0]));
  EXPECT_EQ(folder_.Text(), edited);
  EXPECT_TRUE(PullIt(true).ok());
  EXPECT_THAT(folder_.Text(), Not(HasSubstr("What an order is")));
}

TEST_F(ForeignTest, AFolderWithOtherProtosIsLeftAlone) {
  fs::create_directories(folder_.path());
  std::ofstream(folder_.path() + "/other.proto") << "syntax = \"proto3\"; package other;";
  auto pulled = PullIt();
  EXPECT_EQ(pulled.status().code(), absl::StatusCode::kFailedPrecondition) << pulled.status();
  EXPECT_EQ(folder_.Text(), "syntax = \"proto3\"; package other;");
}

// A project of Drizzle's (npm), whose tables its own tool makes.
class DrizzleTest : public ::testing::Test {
 protected:
  // False when npm has no network.
  bool Make() {
    const std::string source = test::SourcePath("tests/pg/migrate/drizzle");
    fs::create_directories(project_.path());
    for (const char* name : {"schema.ts", "drizzle.config.ts", "package.json"}) {
      fs::copy_file(fs::path(source) / name, fs::path(project_.path()) / name);
    }
    const std::string in = absl::StrCat("cd '", project_.path(), "' && ");
    if (Run(in + "timeout 120 npm install --no-audit --no-fund") != 0) return false;
    std::string host;
    {
      pqxx::connection connection(database_->superuser_url());
      host = connection.hostname();
      port_ = connection.port();
    }
    EXPECT_EQ(Run(absl::StrCat(in, "PGHOST='", host, "' PGPORT=", port_,
                               " PGUSER=postgres PGDATABASE=", database_->name(),
                               " timeout 60 npx --no-install drizzle-kit push --force")),
              0);
    return true;
  }
  static int Run(const std::string& command) {
    return std::system(absl::StrCat("(", command, ") > /dev/null 2>&1 < /dev/null").c_str());
  }

  std::unique_ptr<test::Database> database_ = test::CreateEmptyDatabase();
  std::string port_;
  Folder project_, folder_;
};

TEST_F(DrizzleTest, ItsTablesBecomeProtosThatMakeADatabase) {
  if (!Make()) GTEST_SKIP() << "npm cannot install drizzle-orm here";
  auto pulled = Pull({.database_url = database_->superuser_url(),
                      .namespaces = {"public"},
                      .tenant_column = "tenant_id",
                      .role_prefix = "",
                      .out = folder_.path()});
  ASSERT_TRUE(pulled.ok()) << pulled.status() << "\n" << folder_.Text();
  const std::string told = absl::StrJoin(pulled->differences, "\n");
  for (const char* part : {"column public.users.age is", "column public.users.seen_at is",
                           "column public.posts.at is", "sequence public.comments_id_seq"}) {
    EXPECT_THAT(told, HasSubstr(part));
  }
  for (const char* same : {"users.full_name", "users.email ", "users.role", "users.is_active",
                           "users.settings", "posts.words", "posts.tags", "posts.day"}) {
    EXPECT_THAT(told, Not(HasSubstr(absl::StrCat("column public.", same))));
  }
  auto schema = schema::Schema::Load({.path = folder_.path()});
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_EQ((*schema)->tables().size(), 4u);
  Evolution evolution;
  evolution.database().Execute("GRANT ALL ON SCHEMA public TO tenantry_owner WITH GRANT OPTION");
  auto made = evolution.Go(**schema);
  ASSERT_TRUE(made.ok()) << made.status() << "\n" << folder_.Text();

  // What they make can be pulled too, and is the same then.
  Folder again;
  auto second = Pull({.database_url = evolution.database().superuser_url(),
                      .namespaces = {"public"},
                      .tenant_column = "tenant_id",
                      .role_prefix = "",
                      .out = again.path()});
  ASSERT_TRUE(second.ok()) << second.status() << "\n" << again.Text();
  EXPECT_THAT(second->differences, IsEmpty()) << again.Text();
}

}  // namespace
}  // namespace tenantry::migrate
