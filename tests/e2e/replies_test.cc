// Replies have a limit: what may be stored may be read, what cannot be answered is not written, and
// a value that the API cannot say costs its own field only.

#include <pqxx/pqxx>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

using ::testing::ElementsAre;

constexpr std::size_t kReplyMax = 4 << 20;
constexpr std::size_t kRowMax = kReplyMax - kReplyMax / 64;

class RepliesTest : public ::testing::Test {
 protected:
  CallResult Call(std::string_view rpc, const std::string& text) {
    CallResult result = Saas().client().Call(rpc, text, As(tenant_));
    EXPECT_LE(result.bytes.size(), kReplyMax) << "a client would not take it";
    return result;
  }

  // The id of a new contact.
  std::string Create(const std::string& fields) {
    const CallResult made = Call("CreateContact", "contact { name: 'A' " + fields + " }");
    EXPECT_TRUE(made.ok()) << made.error.message;
    return made.ok() ? Value(*made.reply, "id") : "";
  }

  // The ids of all contacts, page by page.
  std::vector<std::string> Walk(const std::string& page_fields) {
    std::vector<std::string> ids;
    std::string token;
    pages_ = 0;
    do {
      const CallResult page =
          Call("ListContacts", absl::StrCat(page_fields, " page_token: '", token, "'"));
      EXPECT_TRUE(page.ok()) << page.error.message;
      if (!page.ok()) return ids;
      ++pages_;
      for (const Message* row : test::RowsOf(*page.reply)) ids.push_back(Value(*row, "id"));
      token = test::NextPageToken(*page.reply);
    } while (!token.empty());
    return ids;
  }

  std::size_t RowsStored() {
    pqxx::connection connection(Saas().database().superuser_url());
    pqxx::work tx(connection);
    return tx.query_value<std::size_t>("SELECT count(*) FROM saas.contacts WHERE tenant_id = " +
                                       tx.quote(tenant_));
  }

  const std::string tenant_ = Saas().NewTenant();
  int pages_ = 0;
};

std::string Notes(std::size_t bytes) {
  return absl::StrCat("notes: '", std::string(bytes, 'n'), "'");
}

// JSON of about this many bytes as a Struct, in many small values.
std::string Numbers(int count) {
  std::string text = "metadata { fields { key: 'n' value { list_value { ";
  for (int i = 0; i < count; ++i) text += "values { number_value: 1 } ";
  return text + "} } } }";
}

TEST_F(RepliesTest, APageEndsBeforeItsReplyIsTooLarge) {
  std::vector<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(Create(Notes(100'000)));
  EXPECT_EQ(Walk("page_size: 1000"), ids);
  EXPECT_EQ(pages_, 3);
  EXPECT_EQ(Walk(""), ids);
}

TEST_F(RepliesTest, TheLargestRowThatCanBeWrittenCanBeReadByEveryMethod) {
  const CallResult refused =
      Call("CreateContact", "contact { name: 'A' " + Notes(kReplyMax - 200) + " }");
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(refused.error.reason, "ROW_TOO_LARGE");
  EXPECT_THAT(refused, Violates(Fields{"contact"}));
  EXPECT_EQ(RowsStored(), 0u);

  std::vector<std::string> ids;
  for (int i = 0; i < 2; ++i) ids.push_back(Create(Notes(kRowMax - 500)));
  for (const std::string& id : ids) EXPECT_TRUE(Call("GetContact", "id: '" + id + "'").ok());
  EXPECT_TRUE(Call("BatchGetContacts", "ids: '" + ids[0] + "'").ok());
  EXPECT_TRUE(Call("UpdateContact", "contact { id: '" + ids[0] + "' name: 'B' }").ok());
  EXPECT_EQ(Walk("page_size: 10"), ids);
  EXPECT_EQ(Walk("order_by { field: CONTACT_FIELD_CREATED_AT }"), ids);
  EXPECT_TRUE(Call("DeleteContact", "id: '" + ids[0] + "'").ok());
}

// Each row is small, the request is within its limit, and the reply would not be.
TEST_F(RepliesTest, ABatchThatCannotBeAnsweredIsNotWritten) {
  std::string requests;
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(&requests, "requests { contact { name: 'A' ", Notes(4130), " } } ");
  }
  const CallResult result = Call("BatchCreateContacts", requests);
  EXPECT_EQ(result.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(result.error.reason, "REPLY_TOO_LARGE");
  EXPECT_THAT(result, Violates(Fields{"requests"}));
  EXPECT_EQ(RowsStored(), 0u);
}

TEST_F(RepliesTest, AnUpdateThatMakesTheRowTooLargeIsNotWritten) {
  const std::string id = Create(Notes(3'000'000));
  const std::string row = "contact { id: '" + id + "' name: 'B' ";
  for (const char* rpc : {"UpdateContact", "UpsertContact"}) {
    const std::string mask = std::string_view(rpc) == "UpsertContact"
                                 ? "update_mask { paths: 'name' paths: 'metadata' }"
                                 : "";
    const CallResult refused = Call(rpc, row + Numbers(150'000) + " } " + mask);
    EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << rpc;
    EXPECT_EQ(refused.error.reason, "ROW_TOO_LARGE");
    EXPECT_THAT(refused.error.message, ::testing::HasSubstr("nothing was written"));
    const CallResult kept = Call("GetContact", "id: '" + id + "'");
    ASSERT_TRUE(kept.ok());
    EXPECT_EQ(Value(*kept.reply, "name"), "A");
    // Of the same size as text, and within the limit.
    EXPECT_TRUE(Call(rpc, row + Numbers(50'000) + " } " + mask).ok()) << rpc;
    EXPECT_TRUE(Call("UpdateContact", "contact { id: '" + id +
                                          "' name: 'A' } update_mask { paths: 'name' paths: "
                                          "'metadata' }")
                    .ok());
  }
}

TEST_F(RepliesTest, ARowThatSqlMadeTooLargeDoesNotStopAWalk) {
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(Create(""));
  Saas().database().Execute("UPDATE saas.contacts SET notes = repeat('x', 6000000) WHERE id = '" +
                            ids[1] + "'");
  EXPECT_EQ(Walk(""), ids);
  const CallResult page =
      Call("ListContacts", "page_size: 2 filter { id { eq: '" + ids[1] + "' } }");
  EXPECT_EQ(page.trailers.at("tenantry-unreadable"), "Contact.notes");
  EXPECT_THAT(Call("GetContact", "id: '" + ids[1] + "'"),
              FailsBecause(grpc::StatusCode::RESOURCE_EXHAUSTED, "ROW_TOO_LARGE"));
  // What has been written is not answered with an error.
  EXPECT_TRUE(Call("DeleteContact", "id: '" + ids[1] + "'").ok());
}

TEST_F(RepliesTest, ARowThatIsAskedForOftenIsAskedOfTheDatabaseOnce) {
  const std::string id = Create(Notes(1 << 20));
  const std::string other = Create("");
  std::string ids;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&ids, "ids: '", id, "' ");
  EXPECT_THAT(Call("BatchGetContacts", ids),
              FailsBecause(grpc::StatusCode::RESOURCE_EXHAUSTED, "REPLY_TOO_LARGE"));

  const std::string twice =
      absl::StrCat("ids: '", id, "' ids: '", other, "' ids: '", absl::AsciiStrToUpper(id), "' ");
  const CallResult found = Call("BatchGetContacts", twice);
  ASSERT_TRUE(found.ok());
  std::vector<std::string> names;
  for (const Message* row : test::RowsOf(*found.reply)) names.push_back(Value(*row, "id"));
  EXPECT_THAT(names, ElementsAre(id, other, id));

  const CallResult missing = Call(
      "BatchGetContacts", absl::StrCat(twice, "ids: '", id, "' ids: '", test::NewTenantId(), "'"));
  EXPECT_EQ(missing.status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(missing.error.metadata.at("field"), "ids[4]");
}

// The ledger: keys of several columns, and a column of every type.
class LedgerRepliesTest : public ::testing::Test {
 protected:
  CallResult Call(std::string_view rpc, const Message& request) {
    return Ledger().client().Call(testing::MethodNamed(Ledger().schema(), rpc), request,
                                  {.headers = As(tenant_)});
  }
  CallResult Call(std::string_view rpc, const std::string& text) {
    return Ledger().client().Call(rpc, text, As(tenant_));
  }
  void Execute(const std::string& sql) { Ledger().database().Execute(sql); }

  const std::string tenant_ = Ledger().NewTenant();
};

TEST_F(LedgerRepliesTest, CompositeKeysAreMadeUniqueToo) {
  const CallResult account =
      Call("CreateAccount", "account { code: 'c1' title: 'Cash' kind: ACCOUNT_KIND_ASSET }");
  ASSERT_THAT(account, IsOk());
  for (int line : {1, 2}) {
    ASSERT_THAT(Call("CreatePosting", absl::StrCat("posting { journal: 'j' line: ", line,
                                                   " account_id: '", Value(*account.reply, "id"),
                                                   "' amount: '1' booked_on: '2026-01-01' }")),
                IsOk());
  }
  const auto key = [](int line) {
    return absl::StrCat("requests { journal: 'j' line: ", line, " } ");
  };
  const CallResult found = Call("BatchGetPostings", key(2) + key(1) + key(2) + key(2));
  ASSERT_THAT(found, IsOk());
  std::vector<std::string> lines;
  for (const Message* row : test::RowsOf(*found.reply)) lines.push_back(Value(*row, "line"));
  EXPECT_THAT(lines, ElementsAre("2", "1", "2", "2"));
  const CallResult missing = Call("BatchGetPostings", key(2) + key(2) + key(9) + key(9));
  EXPECT_EQ(missing.error.metadata.at("field"), "requests[2]");
}

TEST_F(LedgerRepliesTest, AValueThatTheApiCannotSayCostsItsOwnFieldOnly) {
  const schema::Method& create = testing::MethodNamed(Ledger().schema(), "CreateSample");
  test::RowFactory factory("unreadable");
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    const MessagePtr row =
        factory.Make(*create.table, [](const schema::Relation&) { return nullptr; });
    const CallResult made = Call("CreateSample", *test::RowRequest(create, *row));
    ASSERT_THAT(made, IsOk());
    ids.push_back(Value(*made.reply, "id"));
  }
  // Constraints against such values would be in the way.
  Execute(R"(DO $$ DECLARE found record; BEGIN
      FOR found IN SELECT conname FROM pg_constraint
                   WHERE conrelid = 'books.samples'::regclass AND contype = 'c' LOOP
        EXECUTE format('ALTER TABLE books.samples DROP CONSTRAINT %I', found.conname);
      END LOOP; END $$)");
  Execute("ALTER TYPE books.kind_of_account ADD VALUE IF NOT EXISTS 'not known yet'");
  const std::pair<const char*, const char*> values[] = {
      {"texts", "ARRAY['a', NULL]"},
      {"ints", "'{{1,2},{3,4}}'"},
      {"byteas", "ARRAY['a'::bytea, NULL]"},
      {"json", "'[1]'"},
      {"maybe_json", "'{\"n\": 1e400}'"},
      {"timestamptz", "'infinity'"},
      {"maybe_timestamptz", "'-infinity'"},
      {"timestamptzs", "ARRAY['infinity'::timestamptz]"},
      {"date", "'infinity'"},
      {"maybe_date", "'0044-03-15 BC'"},
      {"dates", "ARRAY['12026-01-01'::date]"},
      {"numeric", "'NaN'"},
      {"maybe_numeric", "'Infinity'"},
      {"kind", "'not known yet'"},
      {"kinds", "ARRAY['not known yet'::books.kind_of_account]"},
  };
  for (const auto& [column, value] : values) {
    SCOPED_TRACE(column);
    Execute(absl::StrCat("CREATE TABLE kept AS SELECT * FROM books.samples WHERE id = '", ids[1],
                         "'; UPDATE books.samples SET ", column, " = ", value, " WHERE id = '",
                         ids[1], "'"));
    const CallResult page = Call("ListSamples", "page_size: 10");
    ASSERT_TRUE(page.ok()) << page.error.message;
    const auto rows = test::RowsOf(*page.reply);
    ASSERT_EQ(rows.size(), 3u);
    const auto* field = rows[1]->GetDescriptor()->FindFieldByName(column);
    const auto* r = rows[1]->GetReflection();
    // A label that the server does not know is the zero value, in a list at its place.
    const bool label = field->enum_type() != nullptr;
    if (field->is_repeated()) {
      ASSERT_EQ(r->FieldSize(*rows[1], field), label ? 1 : 0);
      EXPECT_TRUE(!label || r->GetRepeatedEnumValue(*rows[1], field, 0) == 0);
    } else {
      EXPECT_THAT(Value(*rows[1], column),
                  ::testing::AnyOf("unset", "", "ACCOUNT_KIND_UNSPECIFIED"));
    }
    EXPECT_NE(Value(*rows[1], "text"), "") << "the other fields are there";
    EXPECT_EQ(page.trailers.at("tenantry-unreadable"), absl::StrCat("Sample.", column));
    EXPECT_TRUE(Call("GetSample", "id: '" + ids[1] + "'").ok());
    EXPECT_TRUE(Call("BatchGetSamples", "ids: '" + ids[1] + "'").ok());
    // A page that ends at the row is followed by the next.
    const CallResult two = Call("ListSamples", "page_size: 2");
    ASSERT_TRUE(two.ok());
    EXPECT_TRUE(Call("ListSamples", "page_token: '" + test::NextPageToken(*two.reply) + "'").ok());
    Execute(absl::StrCat("UPDATE books.samples SET ", column, " = kept.", column,
                         " FROM kept WHERE samples.id = kept.id; DROP TABLE kept"));
  }
  const CallResult page = Call("ListSamples", "page_size: 10");
  EXPECT_EQ(page.trailers.count("tenantry-unreadable"), 0u);
}

// An enum is part of this table's key, and so of its page tokens.
TEST_F(LedgerRepliesTest, AListGoesOnBehindAKeyThatCannotBeSaid) {
  const CallResult account =
      Call("CreateAccount", "account { code: 'c1' title: 'Cash' kind: ACCOUNT_KIND_ASSET }");
  ASSERT_THAT(account, IsOk());
  const std::string id = Value(*account.reply, "id");
  for (const char* day : {"2026-01-01", "2026-01-02"}) {
    ASSERT_THAT(Call("CreateBalance",
                     absl::StrCat("balance { account_id: '", id,
                                  "' kind: ACCOUNT_KIND_EQUITY day: '", day, "' cents: 1 }")),
                IsOk());
  }
  Execute("ALTER TYPE books.kind_of_account ADD VALUE IF NOT EXISTS 'not known yet'");
  Execute("UPDATE books.balances SET kind = 'not known yet' WHERE account_id = '" + id + "'");
  const CallResult one = Call("ListBalances", "page_size: 1");
  ASSERT_TRUE(one.ok()) << one.error.message;
  EXPECT_EQ(one.trailers.at("tenantry-unreadable"), "Balance.kind");
  const CallResult two =
      Call("ListBalances", "page_size: 1 page_token: '" + test::NextPageToken(*one.reply) + "'");
  ASSERT_TRUE(two.ok()) << two.error.message;
  ASSERT_EQ(test::RowsOf(*two.reply).size(), 1u);
  EXPECT_EQ(Value(*test::RowsOf(*two.reply)[0], "day"), "2026-01-02");
}

}  // namespace
}  // namespace tenantry::e2e
