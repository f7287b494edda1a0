// Where a schema comes from, and what it says once loaded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "google/protobuf/util/message_differencer.h"
#include "server/schema/schema.h"
#include "tests/support/saas_schema.h"
#include "tests/unit/schema/sources.h"

namespace tenantry::schema {
namespace {

using tenantry::testing::Files;
using tenantry::testing::LedgerSchema;
using tenantry::testing::LintLines;
using tenantry::testing::MustLoad;
using tenantry::testing::SaasSchema;
using tenantry::testing::SerializedSet;
using tenantry::testing::SourceDirectory;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kItem[] = R"(syntax = "proto3";
package t;
import "tenantry/v1/options.proto";
message Item {
  option (tenantry.v1.table) = {};
  string id = 1 [(tenantry.v1.column).type = COLUMN_TYPE_UUID];
}
)";

const Column& ColumnOf(const Schema& schema, const char* table, const char* field) {
  return *schema.FindTable(table)->FindColumn(field);
}

// What is derived has the comments of the schema, where it comes with them.
void ExpectSame(const Schema& a, const Schema& b, bool with_comments) {
  ASSERT_EQ(a.tables().size(), b.tables().size());
  for (const Table& table : a.tables()) {
    const Table* other = b.FindTable(table.message->full_name());
    ASSERT_NE(other, nullptr);
    EXPECT_EQ(table.sql_name, other->sql_name);
    ASSERT_EQ(table.columns.size(), other->columns.size());
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      EXPECT_EQ(table.columns[i].sql_type, other->columns[i].sql_type);
      EXPECT_EQ(table.columns[i].default_sql, other->columns[i].default_sql);
      EXPECT_EQ(table.columns[i].managed, other->columns[i].managed);
    }
    EXPECT_EQ(table.methods, other->methods);
    EXPECT_EQ(table.relations.size(), other->relations.size());
  }
  ASSERT_EQ(a.generated_files().size(), b.generated_files().size());
  for (std::size_t i = 0; i < a.generated_files().size(); ++i) {
    const auto& [name, text] = a.generated_files()[i];
    const auto& [other_name, other_text] = b.generated_files()[i];
    EXPECT_EQ(name, other_name);
    if (with_comments) EXPECT_TRUE(text == other_text) << name;
    google::protobuf::FileDescriptorProto file, other;
    a.api().FindFileByName(name)->CopyTo(&file);
    b.api().FindFileByName(name)->CopyTo(&other);
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(file, other)) << name;
  }
}

TEST(Load, DescriptorSetEqualsDirectory) {
  for (const Schema* schema : {&SaasSchema(), &LedgerSchema()}) {
    for (bool source_info : {false, true}) {
      SourceDirectory directory;
      directory.Write("set.binpb", SerializedSet(*schema, source_info, false));
      ExpectSame(*schema, *MustLoad(directory.path() + "/set.binpb"), source_info);
    }
  }
}

TEST(Load, DerivedServicesOfASetAreDerivedAnew) {
  SourceDirectory directory;
  directory.Write("set.binpb", SerializedSet(SaasSchema(), true, true));
  ExpectSame(SaasSchema(), *MustLoad(directory.path() + "/set.binpb"), true);
}

TEST(Load, ErrorsInASetHaveNoLineButAField) {
  std::string bytes = SerializedSet(LedgerSchema(), false, false);
  google::protobuf::FileDescriptorSet set;
  ASSERT_TRUE(set.ParseFromString(bytes));
  for (auto& file : *set.mutable_file()) {
    if (file.name() != "ledger.proto") continue;
    file.mutable_message_type(0)->mutable_field(2)->set_type(
        google::protobuf::FieldDescriptorProto::TYPE_UINT32);
  }
  SourceDirectory directory;
  directory.Write("set.binpb", set.SerializeAsString());
  std::vector<LintError> errors;
  auto schema = Schema::Load({directory.path() + "/set.binpb"}, &errors);
  ASSERT_FALSE(schema.ok());
  ASSERT_FALSE(errors.empty());
  EXPECT_EQ(errors[0].file, "ledger.proto");
  EXPECT_EQ(errors[0].line, 0);
  EXPECT_EQ(errors[0].field, "title");
}

TEST(Load, NothingThere) {
  EXPECT_EQ(Schema::Load({"/nonexistent/schema"}).status().code(), absl::StatusCode::kNotFound);
  SourceDirectory directory(Files{{"junk", "\xff\xff not a descriptor set"}, {"empty", ""}});
  for (const char* file : {"/junk", "/empty"}) {
    EXPECT_THAT(std::string(Schema::Load({directory.path() + file}).status().message()),
                HasSubstr("neither a directory nor a serialized FileDescriptorSet"));
  }
  EXPECT_THAT(std::string(Schema::Load({SourceDirectory().path()}).status().message()),
              ::testing::AnyOf(HasSubstr("no message has the option"), HasSubstr("No such file")));
}

TEST(Load, FileNamesOfASetStayInside) {
  google::protobuf::FileDescriptorSet set;
  set.add_file()->set_name("../../etc/x.proto");
  SourceDirectory directory;
  directory.Write("set.binpb", set.SerializeAsString());
  EXPECT_THAT(std::string(Schema::Load({directory.path() + "/set.binpb"}).status().message()),
              HasSubstr("names must be relative"));
}

TEST(Load, DirectoryNeedsOnlyTheUsersFiles) {
  SourceDirectory directory(Files{{"deep/er/item.proto", kItem}, {".git/broken.proto", "junk"}});
  auto schema = MustLoad(directory.path());
  EXPECT_NE(schema->FindTable("t.Item"), nullptr);
  EXPECT_THAT(schema->service_names(), ElementsAre("t.v1.ItemService"));
  for (const char* file : {"tenantry/v1/session.proto", "google/protobuf/field_mask.proto",
                           "t/v1/item_service.proto"}) {
    EXPECT_NE(schema->api().FindFileByName(file), nullptr) << file;
  }
}

TEST(Load, ParseErrorsOfAllFiles) {
  EXPECT_THAT(LintLines({{"a.proto", "syntax = \"proto3\";\nmessage A { strin x = 1 }\n"},
                         {"b.proto", "syntax = \"proto3\";\n\nmessage B {\n"}}),
              ElementsAre(HasSubstr("a.proto:2:25: Expected \";\""),
                          HasSubstr("b.proto:4:1: Reached end of input")));
}

TEST(Load, LinkErrorsPointAtTheirPlace) {
  EXPECT_THAT(
      LintLines({{"a.proto", "syntax = \"proto3\";\npackage a;\nmessage A {\n  B b = 1;\n}\n"}}),
      ElementsAre("a.proto:4:3: a.A.b: \"B\" is not defined."));
  EXPECT_THAT(LintLines({{"a.proto", "syntax = \"proto3\";\nimport \"gone.proto\";\n"}}),
              ElementsAre("a.proto:2:1: import of gone.proto: no such file"));
  EXPECT_THAT(LintLines({{"a.proto", "syntax = \"proto3\";\nimport \"b.proto\";\n"},
                         {"b.proto", "syntax = \"proto3\";\nimport \"a.proto\";\n"}}),
              ElementsAre("b.proto:2:1: import of a.proto makes a cycle"));
  EXPECT_THAT(
      LintLines({{"a.proto",
                  "syntax = \"proto3\";\npackage a;\nimport \"tenantry/v1/options.proto\";\n"
                  "message A {\n  option (tenantry.v1.table) = {nam: \"x\"};\n}\n"}}),
      ElementsAre(HasSubstr("a.proto:5:32: a.A: Error while parsing option value")));
}

// One broken file does not hide what is wrong in the others, nor make up errors there.
TEST(Load, LintsTheFilesThatLink) {
  std::string item = kItem;
  item.insert(item.rfind('}'), "  uint32 n = 2;\n");
  item.replace(item.find("{};"), 3,
               "{relations: {name: \"x\" number: 9 table: \"a.A\" columns: \"id\"}};");
  EXPECT_THAT(LintLines({{"a.proto", "junk"}, {"item.proto", item}}),
              ElementsAre(HasSubstr("a.proto:1:1"), HasSubstr("item.proto:7:3: t.Item.n")));
}

// Parts of a schema are cut out or doubled at random. It loads, or every error has a file and a
// text.
TEST(Load, MangledSchemas) {
  SourceDirectory directory;
  std::ifstream in(tenantry::testing::SourceDir() + "/tests/support/schemas/ledger.proto");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  ASSERT_GT(lines.size(), 100u);
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (const std::string& line : lines) {
      int dice = static_cast<int>(random() % 100);
      if (dice != 0) text += line + "\n";
      if (dice == 1) text += line + "\n";
    }
    directory.Write("ledger.proto", text);
    std::vector<LintError> errors;
    auto schema = Schema::Load({directory.path()}, &errors);
    if (schema.ok()) continue;
    ASSERT_FALSE(errors.empty());
    for (const LintError& error : errors) {
      EXPECT_THAT(error.file, HasSubstr(directory.path()));
      EXPECT_FALSE(error.description.empty());
    }
  }
}

TEST(Load, SaasTables) {
  const Schema& schema = SaasSchema();
  const Table& contacts = *schema.FindTable("saas.Contact");
  EXPECT_EQ(contacts.sql_name, "\"saas\".\"contacts\"");
  EXPECT_EQ(contacts.tenant_sql_name, "\"tenant_id\"");
  EXPECT_EQ(contacts.field_name, "contact");
  EXPECT_EQ(contacts.plural_field_name, "contacts");
  EXPECT_EQ(contacts.delete_time->name, "deleted_at");
  EXPECT_EQ(contacts.unique_keys[0].name, "contacts_email_key");
  EXPECT_EQ(contacts.indexes[0].name, "contacts_created_at_id_idx");
  EXPECT_EQ(contacts.orderable().size() + 1, contacts.readable().size());
  const Table& root = *schema.FindTable("saas.Organization");
  EXPECT_TRUE(root.tenant_root);
  EXPECT_EQ(root.tenant_column, "id");
  EXPECT_EQ(root.methods.size(), 4u);
  const Table& orders = *schema.FindTable("saas.Order");
  EXPECT_EQ(orders.relations[0].target, &contacts);
  EXPECT_EQ(orders.relations[0].constraint, "orders_contact_id_fkey");
  EXPECT_TRUE(orders.relations[2].many);
  EXPECT_EQ(schema.FindTable("saas.ContactType"), nullptr);
}

TEST(Load, ColumnsSayWhatCreateNeeds) {
  const Schema& schema = SaasSchema();
  const char* contact = "saas.Contact";
  EXPECT_TRUE(ColumnOf(schema, contact, "name").required_on_create);
  EXPECT_FALSE(ColumnOf(schema, contact, "email").not_null);
  EXPECT_FALSE(ColumnOf(schema, contact, "id").required_on_create);
  EXPECT_TRUE(ColumnOf(schema, contact, "id").immutable);
  const Column& type = ColumnOf(schema, contact, "type");
  EXPECT_EQ(type.default_sql, "'individual'::\"saas\".\"contact_type\"");
  EXPECT_FALSE(type.required_on_create);
  EXPECT_EQ(type.enum_type->FindNumber(2)->label, "company");
  EXPECT_EQ(type.enum_type->FindNumber(0), nullptr);
  EXPECT_EQ(ColumnOf(schema, contact, "is_active").default_sql, "true");
  EXPECT_EQ(ColumnOf(schema, contact, "metadata").default_sql, "'{}'::jsonb");
  EXPECT_TRUE(ColumnOf(schema, contact, "created_at").not_null);
  EXPECT_EQ(ColumnOf(schema, contact, "created_at").default_sql, "now()");
  EXPECT_TRUE(ColumnOf(schema, contact, "deleted_at").output_only);
  EXPECT_FALSE(ColumnOf(schema, contact, "deleted_at").not_null);
  const Column& price = ColumnOf(schema, "saas.Product", "price_cents");
  EXPECT_FALSE(price.absence_is_visible);
  EXPECT_FALSE(price.required_on_create);
  EXPECT_EQ(price.minimum, 0);
  EXPECT_EQ(ColumnOf(schema, "saas.Product", "tags").default_sql, "'{}'::text[]");
}

TEST(Load, LedgerTypes) {
  const Schema& schema = LedgerSchema();
  const Table& account = *schema.FindTable("ledger.Account");
  EXPECT_EQ(account.sql_name, "\"books\".\"chart\"");
  EXPECT_EQ(account.plural, "Accounts");
  EXPECT_EQ(account.tenant_column, "organization_id");
  EXPECT_EQ(account.FindColumn("floor")->default_sql, "'0.00'::numeric(12,2)");
  EXPECT_EQ(account.FindColumn("kind")->sql_type, "\"books\".\"kind_of_account\"");
  EXPECT_EQ(account.FindColumn("kind")->enum_type->FindNumber(2)->label, "Owed to others");
  EXPECT_NE(account.FindColumn("kind")->enum_type->FindLabel("equity"), nullptr);
  const Table& posting = *schema.FindTable("ledger.Posting");
  EXPECT_EQ(posting.primary_key.size(), 2u);
  EXPECT_EQ(posting.FindColumn("user")->name, "select");
  EXPECT_FALSE(posting.orderable().empty());
  const Table& sample = *schema.FindTable("ledger.Sample");
  for (const auto& [field, type] :
       std::vector<std::pair<const char*, const char*>>{{"bool", "boolean"},
                                                        {"int", "integer"},
                                                        {"bigint", "bigint"},
                                                        {"real", "real"},
                                                        {"double", "double precision"},
                                                        {"text", "text"},
                                                        {"varchar", "varchar(5)"},
                                                        {"uuid", "uuid"},
                                                        {"ulid", "text"},
                                                        {"numeric", "numeric"},
                                                        {"money", "numeric(12,2)"},
                                                        {"date", "date"},
                                                        {"bytea", "bytea"},
                                                        {"timestamptz", "timestamptz"},
                                                        {"json", "jsonb"}}) {
    const Column& column = *sample.FindColumn(field);
    EXPECT_EQ(column.sql_type, type);
    EXPECT_TRUE(column.not_null);
    const Column& maybe = *sample.FindColumn(std::string("maybe_") + field);
    EXPECT_EQ(maybe.sql_type, type);
    EXPECT_FALSE(maybe.not_null);
    EXPECT_TRUE(maybe.absence_is_visible);
  }
  EXPECT_TRUE(sample.FindColumn("timestamptzs")->array);
  EXPECT_EQ(sample.FindColumnByNumber(50)->field->name(), "bools");
  EXPECT_EQ(sample.FindColumnByNumber(2), nullptr);
}

}  // namespace
}  // namespace tenantry::schema
