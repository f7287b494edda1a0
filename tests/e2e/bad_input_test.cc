// Hostile and malformed input. It is stored as it is, or refused with the name of the field, and
// never stored in part. Replies never hold the database's own words.

#include <random>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

using schema::Method;
using schema::Table;

// Words that only the database, its driver or a stack trace would use.
constexpr const char* kDatabaseWords[] = {
    "select ",   "insert ", "update \"", "delete from", "relation",  "violates", "constraint \"",
    "detail:",   "hint:",   "syntax",    "null value",  "pg_",       "postgres", "sqlstate",
    "libpq",     "pqxx",    "query",     "operator",    "tenant_id", "key (",    "duplicate",
    "row-level", "policy",  "saas\".",   "::uuid",      "role \"",   ".cc:",     "0x"};

void ExpectNoDatabaseText(const CallResult& result) {
  const std::string answer =
      absl::AsciiStrToLower(absl::StrCat(result.Refusal(), result.status.error_details()));
  for (const char* word : kDatabaseWords) {
    EXPECT_EQ(answer.find(word), std::string::npos) << word << " in " << result.ToString();
  }
}

class BadInputTest : public ::testing::TestWithParam<test::Which> {
 protected:
  test::TestServer& server() { return GetParam() == test::Which::kSaas ? Saas() : Ledger(); }
  const schema::Schema& schema() { return server().schema(); }

  CallResult Call(const Method& method, const Message& request) {
    CallResult result = server().client().Call(method, request, {.headers = As(tenant_)});
    ExpectNoDatabaseText(result);
    return result;
  }
  CallResult CallBytes(const Method& method, const std::string& bytes) {
    CallResult result = server().client().CallBytes(method, bytes, {.headers = As(tenant_)});
    ExpectNoDatabaseText(result);
    return result;
  }

  // Rows of this tenant to refer to, made once per table.
  const Message* Parent(const schema::Relation& relation) {
    MessagePtr& row = parents_[relation.target];
    if (!row) {
      const Method* create = test::FindMethod(schema(), *relation.target, v1::METHOD_KIND_CREATE);
      const MessagePtr made = NewRow(*relation.target, &relation);
      CallResult result = Call(*create, *test::RowRequest(*create, *made));
      EXPECT_THAT(result, IsOk());
      if (!result.ok()) return nullptr;
      row = std::move(result.reply);
    }
    return row.get();
  }
  MessagePtr NewRow(const Table& table, const schema::Relation* from = nullptr) {
    return factory_.Make(table, [&](const schema::Relation& relation) -> const Message* {
      return relation.target == &table || &relation == from ? nullptr : Parent(relation);
    });
  }

  void ForEveryTextColumn(
      const std::function<void(const Method& create, const schema::Column& column)>& check) {
    for (const Table& table : schema().tables()) {
      const Method* create = test::FindMethod(schema(), table, v1::METHOD_KIND_CREATE);
      if (create == nullptr) continue;
      for (const schema::Column& column : table.columns) {
        const bool text = column.type == schema::Type::kText && !column.array;
        if (text && column.is_readable() && column.is_settable()) check(*create, column);
      }
    }
  }

  const std::string tenant_ =
      GetParam() == test::Which::kSaas ? Saas().NewTenant() : Ledger().NewTenant();
  test::RowFactory factory_{"input"};
  std::map<const Table*, MessagePtr> parents_;
};

TEST_P(BadInputTest, HostileTextIsStoredAsItIs) {
  const std::string hostile[] = {"' OR '1'='1",  "'; DROP TABLE contacts; --",
                                 "\\'; --",      "\"",
                                 "\\",           "$1",
                                 "$$",           "%s%n",
                                 "{}",           "NULL",
                                 "null",         "\n\r\t",
                                 "\x01\x7f",     "${jndi:x}",
                                 "<script>",     "\xf0\x9f\xa6\x89",
                                 "\xe2\x80\xae", " ",
                                 "COALESCE(1)",  "0",
                                 "DEFAULT"};
  ForEveryTextColumn([&](const Method& create, const schema::Column& column) {
    for (const std::string& text : hostile) {
      const std::string padded = text + std::string(column.length_min, ' ');
      if (column.length_max > 0 && padded.size() > static_cast<std::size_t>(column.length_max)) {
        continue;
      }
      const MessagePtr row = NewRow(*create.table);
      row->GetReflection()->SetString(row.get(), column.api, padded);
      const CallResult made = Call(create, *test::RowRequest(create, *row));
      if (!schema::BrokenRule(column, std::string_view(padded)).empty()) {
        EXPECT_THAT(
            made,
            Violates(Fields{absl::StrCat(create.table->field_name, ".", column.api->name())}));
        continue;
      }
      ASSERT_THAT(made, IsOk()) << column.name << " = " << text;
      EXPECT_EQ(Value(*made.reply, column.api->name()), padded);
    }
  });
}

TEST_P(BadInputTest, TextThatPostgresCannotHoldIsRefusedByName) {
  ForEveryTextColumn([&](const Method& create, const schema::Column& column) {
    const std::string path = absl::StrCat(create.table->field_name, ".", column.api->name());
    for (const std::string& text :
         {std::string("a\0b", 3), std::string("\xff\xfe"), std::string("\xed\xa0\x80"),
          std::string("\xc0\x80"), std::string("\xf4\x90\x80\x80")}) {
      const MessagePtr row = NewRow(*create.table);
      std::string padded = text;
      while (padded.size() < static_cast<std::size_t>(column.length_min)) padded += ' ';
      row->GetReflection()->SetString(row.get(), column.api, padded);
      EXPECT_THAT(Call(create, *test::RowRequest(create, *row)), Violates(Fields{path}));
    }
    if (column.length_max == 0) return;
    const MessagePtr row = NewRow(*create.table);
    row->GetReflection()->SetString(row.get(), column.api, std::string(column.length_max + 1, 'x'));
    EXPECT_THAT(Call(create, *test::RowRequest(create, *row)), Violates(Fields{path}));
  });
}

TEST_P(BadInputTest, UndecodableBytesAreRefusedByEveryMethod) {
  const std::string undecodable[] = {
      std::string("\xff\xff\xff\xff"),  // an endless tag
      std::string("\x0a\x7f"
                  "abc"),                   // longer than what is there
      std::string("\x0a"),                  // a tag and nothing
      std::string("\x0b\x0b\x0b\x0b\x0b"),  // groups that never end
      std::string(1 << 16, '\x0a'),
      std::string("\x00\x01", 2),  // field number zero
  };
  for (const Method& method : schema().methods()) {
    for (const std::string& bytes : undecodable) {
      EXPECT_THAT(CallBytes(method, bytes), Fails(grpc::StatusCode::INVALID_ARGUMENT))
          << method.path;
    }
  }
}

TEST_P(BadInputTest, RandomBytesNeverDoHarm) {
  std::mt19937 random(20260101);
  for (const Method& method : schema().methods()) {
    const MessagePtr request = testing::NewMessage(*method.descriptor->input_type());
    for (int i = 0; i < 30; ++i) {
      std::string bytes(random() % 60, '\0');
      for (char& c : bytes) c = static_cast<char>(random());
      const CallResult result = CallBytes(method, bytes);
      EXPECT_THAT(result, ::testing::Not(Fails(grpc::StatusCode::INTERNAL))) << method.path;
      EXPECT_THAT(result, ::testing::Not(Fails(grpc::StatusCode::UNKNOWN))) << method.path;
      EXPECT_THAT(result, ::testing::Not(Fails(grpc::StatusCode::UNAVAILABLE))) << method.path;
    }
  }
}

TEST_P(BadInputTest, MissingRequiredFieldsAreNamedAllAtOnce) {
  for (const Table& table : schema().tables()) {
    const Method* create = test::FindMethod(schema(), table, v1::METHOD_KIND_CREATE);
    if (create == nullptr) continue;
    Fields wanted;
    for (const schema::Column& column : table.columns) {
      if (column.required_on_create) {
        wanted.push_back(absl::StrCat(table.field_name, ".", column.api->name()));
      }
    }
    const MessagePtr row = testing::NewMessage(*table.resource);
    // A zero is a value where absence cannot be told: it may break a bound.
    for (const schema::Column& column : table.columns) {
      if (!column.absence_is_visible && column.minimum.value_or(0) > 0) {
        wanted.push_back(absl::StrCat(table.field_name, ".", column.api->name()));
      }
    }
    for (const schema::RowRule& rule : table.rules) {
      const bool known = absl::c_all_of(rule.columns, [](const schema::Column* column) {
        return !column->not_null && column->default_sql.empty();
      });
      const auto nothing = [](const schema::Column&) { return schema::RowValue(); };
      if (known && !schema::KeepsRowRule(rule, nothing)) wanted.push_back(table.field_name);
    }
    EXPECT_THAT(Call(*create, *test::RowRequest(*create, *row)), Violates(wanted)) << table.name;
    EXPECT_THAT(CallBytes(*create, ""), Violates(Fields{table.field_name}));
  }
}

TEST_P(BadInputTest, MalformedKeysAreRefusedByName) {
  for (const Method& method : schema().methods()) {
    if (method.kind != v1::METHOD_KIND_GET && method.kind != v1::METHOD_KIND_DELETE) continue;
    Fields wanted;
    const MessagePtr empty = testing::NewMessage(*method.descriptor->input_type());
    for (const schema::Column* column : method.table->primary_key) {
      if (column->absence_is_visible) wanted.push_back(column->api->name());
    }
    EXPECT_THAT(Call(method, *empty), Violates(wanted)) << method.path;
    const schema::Column& first = *method.table->primary_key[0];
    if (first.type != schema::Type::kUuid && first.type != schema::Type::kUlid) continue;
    for (const char* id : {"1", "not an id", "../../etc/passwd", "' OR 1=1 --",
                           "01920000000070008000000000000001ffff"}) {
      MessagePtr request = test::Copy(*empty);
      request->GetReflection()->SetString(request.get(),
                                          request->GetDescriptor()->FindFieldByNumber(1), id);
      const CallResult result = Call(method, *request);
      EXPECT_THAT(result, Fails(grpc::StatusCode::INVALID_ARGUMENT)) << method.path;
      EXPECT_EQ(result.error.violations.front().field, first.field->name());
    }
  }
}

TEST_P(BadInputTest, MessagesOverTheLimitAreRefused) {
  const Method& method = *test::FindMethod(schema(), schema().tables()[0], v1::METHOD_KIND_LIST);
  EXPECT_THAT(CallBytes(method, std::string(5 << 20, 'x')),
              Fails(grpc::StatusCode::RESOURCE_EXHAUSTED));
  EXPECT_THAT(CallBytes(method, ""), IsOk()) << "and the connection lives on";
}

TEST_P(BadInputTest, UnknownFieldsAreIgnored) {
  const Method& method = *test::FindMethod(schema(), schema().tables()[0], v1::METHOD_KIND_LIST);
  EXPECT_THAT(CallBytes(method, std::string("\xc2\x3e\x03"
                                            "abc")),
              IsOk());
}

INSTANTIATE_TEST_SUITE_P(Schemas, BadInputTest,
                         ::testing::Values(test::Which::kSaas, test::Which::kLedger),
                         [](const auto& info) {
                           return info.param == test::Which::kSaas ? "saas" : "ledger";
                         });

TEST(ViolationsTest, AllAreReportedAtOnceWithTheirPaths) {
  const std::string tenant = Saas().NewTenant();
  EXPECT_THAT(Saas().client().Call("CreateContact",
                                   "contact { id: 'x' email: '" + std::string(300, 'e') +
                                       "' phone: '" + std::string(51, '1') + "' type: 77 }",
                                   As(tenant)),
              Violates(Fields{"contact.id", "contact.name", "contact.email", "contact.phone",
                              "contact.type"}));
  EXPECT_THAT(
      Saas().client().Call("BatchCreateAddresses",
                           "requests { address { contact_id: 'x' line1: 'a' city: 'c' country: 'D' "
                           "} } requests {}",
                           As(tenant)),
      Violates(Fields{"requests[0].address.contact_id", "requests[0].address.country",
                      "requests[1].address"}));
  EXPECT_THAT(Saas().client().Call(
                  "ListContacts",
                  "page_size: -5 order_by { field: 4 } order_by { field: 4 } skip: -1 total: 9",
                  As(tenant)),
              Violates(Fields{"page_size", "order_by[1].field", "skip", "total"}));
  EXPECT_THAT(
      Saas().client().Call("ListContacts", "order_by { field: 99 direction: 9 }", As(tenant)),
      Violates(Fields{"order_by[0].field", "order_by[0].direction"}));
  EXPECT_THAT(Saas().client().Call("BatchGetContacts", "ids: '' ids: 'x'", As(tenant)),
              Violates(Fields{"ids[0]", "ids[1]"}));
}

TEST(ViolationsTest, ManyAreCutNotLost) {
  std::string requests;
  for (int i = 0; i < 500; ++i) requests += "requests { contact {} } ";
  const CallResult result =
      Saas().client().Call("BatchCreateContacts", requests, As(Saas().NewTenant()));
  EXPECT_THAT(result, Fails(grpc::StatusCode::INVALID_ARGUMENT));
  EXPECT_GE(result.error.violations.size(), 20u);
  EXPECT_LT(result.status.error_details().size(), 8000u) << "a trailer has its limits";
}

TEST(ViolationsTest, TheRequestIdComesBackInErrors) {
  const auto headers = test::WithRequestId(As(Saas().NewTenant()), "my-request-1");
  const CallResult result = Saas().client().Call("GetContact", "id: 'x'", headers);
  EXPECT_EQ(result.error.metadata.at("request_id"), "my-request-1");
}

}  // namespace
}  // namespace tenantry::e2e
