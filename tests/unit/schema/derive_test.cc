// The derived services, as descriptors and as text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "google/protobuf/compiler/parser.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/message_differencer.h"
#include "server/schema/schema.h"
#include "tests/support/saas_schema.h"
#include "tests/unit/schema/sources.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;
using tenantry::testing::Files;
using tenantry::testing::LedgerSchema;
using tenantry::testing::MustLoad;
using tenantry::testing::SaasSchema;
using tenantry::testing::SourceDirectory;
using ::testing::ElementsAre;

// `number:type name` of each field.
std::vector<std::string> Fields(const Schema& schema, const std::string& message) {
  const pb::Descriptor* type = schema.api().FindMessageTypeByName(message);
  if (type == nullptr) return {"no message " + message};
  std::vector<std::string> fields;
  for (int i = 0; i < type->field_count(); ++i) {
    const pb::FieldDescriptor& field = *type->field(i);
    std::string name = field.message_type() != nullptr ? field.message_type()->full_name()
                       : field.enum_type() != nullptr  ? field.enum_type()->full_name()
                                                       : field.type_name();
    std::string label = field.is_repeated() ? "repeated " : "";
    fields.push_back(std::to_string(field.number()) + ":" + label + name + " " + field.name());
  }
  return fields;
}

std::vector<std::string> Values(const Schema& schema, const std::string& name) {
  const pb::EnumDescriptor* type = schema.api().FindEnumTypeByName(name);
  if (type == nullptr) return {"no enum " + name};
  std::vector<std::string> values;
  for (int i = 0; i < type->value_count(); ++i) {
    values.push_back(type->value(i)->name() + "=" + std::to_string(type->value(i)->number()));
  }
  return values;
}

std::vector<std::string> Methods(const Schema& schema, const std::string& service) {
  std::vector<std::string> methods;
  for (const Method& method : schema.methods()) {
    if (method.descriptor->service()->full_name() != service) continue;
    methods.push_back(method.descriptor->name() + ": " + method.descriptor->output_type()->name());
  }
  return methods;
}

TEST(Derive, MethodsAnswerAsTheAipsSay) {
  EXPECT_THAT(
      Methods(SaasSchema(), "saas.v1.ContactService"),
      ElementsAre("GetContact: Contact", "ListContacts: ListContactsResponse",
                  "CreateContact: Contact", "UpdateContact: Contact", "DeleteContact: Contact",
                  "UpsertContact: Contact", "BatchGetContacts: BatchGetContactsResponse",
                  "BatchCreateContacts: BatchCreateContactsResponse",
                  "AggregateContacts: AggregateContactsResponse", "UndeleteContact: Contact",
                  "BatchUpdateContacts: BatchUpdateContactsResponse",
                  "BatchDeleteContacts: BatchDeleteContactsResponse",
                  "BatchUpsertContacts: BatchUpsertContactsResponse",
                  "UpdateManyContacts: UpdateManyContactsResponse",
                  "DeleteManyContacts: DeleteManyContactsResponse",
                  "ExportContacts: ExportContactsResponse",
                  "ImportContacts: ImportContactsResponse"));
  EXPECT_THAT(
      Methods(SaasSchema(), "saas.v1.AddressService"),
      ElementsAre(
          "GetAddress: Address", "ListAddresses: ListAddressesResponse", "CreateAddress: Address",
          "UpdateAddress: Address", "DeleteAddress: Empty", "UpsertAddress: Address",
          "BatchGetAddresses: BatchGetAddressesResponse",
          "BatchCreateAddresses: BatchCreateAddressesResponse",
          "AggregateAddresses: AggregateAddressesResponse",
          "BatchUpdateAddresses: BatchUpdateAddressesResponse", "BatchDeleteAddresses: Empty",
          "BatchUpsertAddresses: BatchUpsertAddressesResponse",
          "UpdateManyAddresses: UpdateManyAddressesResponse",
          "DeleteManyAddresses: DeleteManyAddressesResponse",
          "ExportAddresses: ExportAddressesResponse", "ImportAddresses: ImportAddressesResponse"));
  EXPECT_THAT(
      Methods(SaasSchema(), "saas.v1.OrganizationService"),
      ElementsAre("GetOrganization: Organization", "ListOrganizations: ListOrganizationsResponse",
                  "UpdateOrganization: Organization",
                  "BatchGetOrganizations: BatchGetOrganizationsResponse"));
}

TEST(Derive, MethodsSayWhatTheyAre) {
  for (const Method& method : SaasSchema().methods()) {
    EXPECT_EQ(method.path,
              "/" + method.descriptor->service()->full_name() + "/" + method.descriptor->name());
    const auto& marker = method.descriptor->options().GetExtension(v1::method);
    EXPECT_EQ(marker.resource(),
              method.function != nullptr ? "" : method.table->resource->full_name());
    EXPECT_EQ(marker.kind(), method.kind);
    bool safe =
        method.descriptor->options().idempotency_level() == pb::MethodOptions::NO_SIDE_EFFECTS;
    EXPECT_EQ(safe, method.read_only);
  }
}

TEST(Derive, Streams) {
  const Schema& s = SaasSchema();
  EXPECT_THAT(Fields(s, "saas.v1.ExportContactsRequest"),
              ElementsAre("2:string resume_token", "3:saas.v1.ContactFilter filter",
                          "5:bool show_deleted", "8:saas.v1.ContactSelect select"));
  EXPECT_THAT(Fields(s, "saas.v1.ExportContactsResponse"),
              ElementsAre("1:repeated saas.v1.Contact contacts", "2:string resume_token"));
  EXPECT_THAT(Fields(s, "saas.v1.ImportContactsRequest"),
              ElementsAre("1:repeated saas.v1.Contact contacts", "2:tenantry.v1.ImportMode mode",
                          "3:bool last", "103:bool validate_only"));
  EXPECT_THAT(Fields(s, "saas.v1.ImportContactsResponse"),
              ElementsAre("1:int64 imported", "2:int64 rejected",
                          "3:repeated tenantry.v1.RejectedRow rejected_rows"));
  for (const Method& method : s.methods()) {
    EXPECT_EQ(method.descriptor->server_streaming(), method.kind == v1::METHOD_KIND_EXPORT);
    EXPECT_EQ(method.descriptor->client_streaming(), method.kind == v1::METHOD_KIND_IMPORT);
  }
}

TEST(Derive, RequestsOfASimpleKey) {
  const Schema& s = SaasSchema();
  EXPECT_THAT(Fields(s, "saas.v1.GetContactRequest"),
              ElementsAre("1:string id", "100:saas.v1.ContactSelect select"));
  EXPECT_THAT(
      Fields(s, "saas.v1.ListContactsRequest"),
      ElementsAre("1:int32 page_size", "2:string page_token", "3:saas.v1.ContactFilter filter",
                  "4:repeated saas.v1.ContactOrder order_by", "5:bool show_deleted", "6:int64 skip",
                  "7:tenantry.v1.Total total", "8:saas.v1.ContactSelect select"));
  EXPECT_THAT(
      Fields(s, "saas.v1.ListAddressesRequest"),
      ElementsAre("1:int32 page_size", "2:string page_token", "3:saas.v1.AddressFilter filter",
                  "4:repeated saas.v1.AddressOrder order_by", "6:int64 skip",
                  "7:tenantry.v1.Total total", "8:saas.v1.AddressSelect select"));
  EXPECT_THAT(Fields(s, "saas.v1.ListContactsResponse"),
              ElementsAre("1:repeated saas.v1.Contact contacts", "2:string next_page_token",
                          "3:string previous_page_token", "4:int64 total_size"));
  EXPECT_THAT(Fields(s, "saas.v1.UpdateContactRequest"),
              ElementsAre("1:saas.v1.Contact contact", "2:google.protobuf.FieldMask update_mask",
                          "4:saas.v1.ContactChildren children", "100:saas.v1.ContactSelect select",
                          "101:saas.v1.ContactFilter require", "103:bool validate_only",
                          "104:string request_id"));
  EXPECT_THAT(
      Fields(s, "saas.v1.UpsertContactRequest"),
      ElementsAre("1:saas.v1.Contact contact", "2:saas.v1.ContactKey conflict_key",
                  "3:google.protobuf.FieldMask update_mask", "100:saas.v1.ContactSelect select",
                  "103:bool validate_only", "104:string request_id"));
  EXPECT_THAT(Fields(s, "saas.v1.BatchGetContactsRequest"),
              ElementsAre("1:repeated string ids", "2:saas.v1.ContactSelect select"));
  EXPECT_THAT(Fields(s, "saas.v1.BatchCreateContactsRequest"),
              ElementsAre("1:repeated saas.v1.CreateContactRequest requests",
                          "100:saas.v1.ContactSelect select", "103:bool validate_only",
                          "104:string request_id"));
}

TEST(Derive, RequestsOfWritesOfManyRows) {
  const Schema& s = SaasSchema();
  EXPECT_THAT(Fields(s, "saas.v1.UndeleteContactRequest"),
              ElementsAre("1:string id", "100:saas.v1.ContactSelect select",
                          "101:saas.v1.ContactFilter require", "103:bool validate_only",
                          "104:string request_id"));
  EXPECT_THAT(Fields(s, "saas.v1.DeleteProductRequest"),
              ElementsAre("1:string id", "101:saas.v1.ProductFilter require", "102:string etag",
                          "103:bool validate_only", "104:string request_id"))
      << "the table has an etag";
  for (const char* kind : {"Update", "Upsert"}) {
    EXPECT_THAT(Fields(s, absl::StrCat("saas.v1.Batch", kind, "ContactsRequest")),
                ElementsAre(absl::StrCat("1:repeated saas.v1.", kind, "ContactRequest requests"),
                            "100:saas.v1.ContactSelect select", "103:bool validate_only",
                            "104:string request_id"));
  }
  EXPECT_THAT(Fields(s, "saas.v1.BatchDeleteContactsRequest"),
              ElementsAre("1:repeated saas.v1.DeleteContactRequest requests",
                          "103:bool validate_only", "104:string request_id"));
  EXPECT_THAT(Fields(s, "saas.v1.UpdateManyProductsRequest"),
              ElementsAre("1:saas.v1.ProductFilter filter", "2:int64 max_affected",
                          "3:saas.v1.Product product", "4:google.protobuf.FieldMask update_mask",
                          "5:saas.v1.ProductIncrement increment", "103:bool validate_only",
                          "104:string request_id"));
  EXPECT_THAT(Fields(s, "saas.v1.DeleteManyProductsRequest"),
              ElementsAre("1:saas.v1.ProductFilter filter", "2:int64 max_affected",
                          "103:bool validate_only", "104:string request_id"));
  EXPECT_THAT(Fields(s, "saas.v1.DeleteManyProductsResponse"), ElementsAre("1:int64 affected"));
}

TEST(Derive, RequestsOfACompositeKey) {
  const Schema& s = LedgerSchema();
  EXPECT_THAT(Fields(s, "ledger.v1.GetBalanceRequest"),
              ElementsAre("1:string account_id", "2:ledger.v1.AccountKind kind", "3:string day",
                          "100:ledger.v1.BalanceSelect select"));
  EXPECT_THAT(Fields(s, "ledger.v1.DeletePostingRequest"),
              ElementsAre("1:string journal", "2:int32 line", "101:ledger.v1.PostingFilter require",
                          "103:bool validate_only", "104:string request_id"));
  EXPECT_THAT(Fields(s, "ledger.v1.BatchGetPostingsRequest"),
              ElementsAre("1:repeated ledger.v1.GetPostingRequest requests",
                          "2:ledger.v1.PostingSelect select"));
  EXPECT_THAT(
      Fields(s, "ledger.v1.ListPostingsRequest"),
      ElementsAre("1:int32 page_size", "2:string page_token", "3:ledger.v1.PostingFilter filter",
                  "4:repeated ledger.v1.PostingOrder order_by", "6:int64 skip",
                  "7:tenantry.v1.Total total", "8:ledger.v1.PostingSelect select",
                  "9:string search"));
  // Relations to one row are under their numbers, as in filters and selects.
  EXPECT_THAT(
      Fields(s, "ledger.v1.PostingOrder"),
      ElementsAre("8:ledger.v1.AccountOrder account", "536870909:ledger.v1.PostingField field",
                  "536870908:bool rank", "536870910:tenantry.v1.Direction direction",
                  "536870911:tenantry.v1.Nulls nulls"));
  EXPECT_THAT(Fields(s, "ledger.v1.BatchGetTagsRequest"),
              ElementsAre("1:repeated string labels", "2:ledger.v1.TagSelect select"));
}

TEST(Derive, Aggregates) {
  const Schema& s = SaasSchema();
  EXPECT_THAT(
      Fields(s, "saas.v1.AggregateContactsRequest"),
      ElementsAre("1:repeated saas.v1.ContactGroupBy group_by",
                  "2:repeated saas.v1.ContactMeasure measures", "3:saas.v1.ContactFilter filter",
                  "4:repeated tenantry.v1.AggregateOrder order_by", "5:bool show_deleted",
                  "6:repeated tenantry.v1.MeasureFilter having", "7:int32 limit"));
  EXPECT_THAT(Fields(s, "saas.v1.AggregateContactsResponse"),
              ElementsAre("1:repeated saas.v1.ContactAggregate groups", "2:bool has_more"));
  EXPECT_THAT(Fields(s, "saas.v1.ContactMeasure"),
              ElementsAre("1:string name", "2:tenantry.v1.AggregateFunction function",
                          "3:saas.v1.ContactField field", "4:saas.v1.ContactFilter filter"));
  // Relations to one row are under their numbers.
  EXPECT_THAT(
      Fields(s, "saas.v1.OrderGroupBy"),
      ElementsAre("10:saas.v1.ContactGroupBy contact", "11:saas.v1.AddressGroupBy shipping_address",
                  "536870909:saas.v1.OrderField field", "536870910:tenantry.v1.TimeUnit unit",
                  "536870911:string time_zone"));
  const auto* row = s.api().FindMessageTypeByName("saas.v1.ContactAggregate");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->field(0)->message_type()->full_name(), "saas.v1.Contact");
  ASSERT_TRUE(row->field(1)->is_map());
  EXPECT_EQ(row->field(1)->message_type()->map_value()->message_type()->full_name(),
            "tenantry.v1.AggregateValue");
  for (const auto& [name, text] : s.generated_files()) {
    if (name != "saas/v1/crm_service.proto") continue;
    EXPECT_THAT(text,
                ::testing::HasSubstr("  map<string, tenantry.v1.AggregateValue> values = 2;\n"));
  }
}

TEST(Derive, FiltersHaveTheColumnsNumbers) {
  EXPECT_THAT(
      Fields(SaasSchema(), "saas.v1.ProductFilter"),
      ElementsAre("1:tenantry.v1.UuidFilter id", "2:tenantry.v1.StringFilter slug",
                  "3:tenantry.v1.StringFilter name", "4:tenantry.v1.StringFilter description",
                  "5:tenantry.v1.Int32Filter price_cents", "6:tenantry.v1.Int32Filter stock",
                  "7:tenantry.v1.BoolFilter is_active", "8:tenantry.v1.StringArrayFilter tags",
                  "9:tenantry.v1.TimestampFilter created_at",
                  "10:tenantry.v1.TimestampFilter updated_at",
                  "11:saas.v1.OrderItemListFilter order_items",
                  "536870909:repeated saas.v1.ProductFilter all_of",
                  "536870910:repeated saas.v1.ProductFilter any_of",
                  "536870911:repeated saas.v1.ProductFilter none_of"));
  EXPECT_THAT(Fields(SaasSchema(), "saas.v1.OrderItemListFilter"),
              ElementsAre("1:saas.v1.OrderItemFilter some", "2:saas.v1.OrderItemFilter none",
                          "3:saas.v1.OrderItemFilter every"));
  EXPECT_THAT(Fields(SaasSchema(), "saas.v1.OrderFilter"),
              ::testing::Contains("10:saas.v1.ContactFilter contact"));
  EXPECT_THAT(Fields(SaasSchema(), "saas.v1.ContactTypeFilter"),
              ElementsAre("1:saas.v1.ContactType eq", "2:saas.v1.ContactType ne",
                          "3:saas.v1.ContactTypeValues in", "4:saas.v1.ContactTypeValues not_in",
                          "5:bool is_null"));
  EXPECT_THAT(Fields(LedgerSchema(), "ledger.v1.AccountFilter"),
              ::testing::Contains("4:ledger.v1.AccountKindFilter kind"));
  EXPECT_THAT(Fields(LedgerSchema(), "ledger.v1.SampleFilter"),
              ::testing::Contains("65:ledger.v1.AccountKindArrayFilter kinds"));
}

TEST(Derive, SelectsHaveTheNumbersOfColumnsAndRelations) {
  EXPECT_THAT(Fields(SaasSchema(), "saas.v1.OrderItemSelect"),
              ElementsAre("1:bool id", "2:bool order_id", "3:bool product_id", "4:bool quantity",
                          "5:bool price_cents", "6:saas.v1.OrderSelect order",
                          "7:saas.v1.ProductSelect product"));
  EXPECT_THAT(
      Fields(SaasSchema(), "saas.v1.OrderListSelect"),
      ElementsAre("1:saas.v1.OrderSelect select", "2:saas.v1.OrderFilter filter",
                  "3:repeated saas.v1.OrderOrder order_by", "4:int32 limit", "5:int64 skip"));
  // What replies never hold cannot be selected.
  EXPECT_THAT(Fields(LedgerSchema(), "ledger.v1.KeeperSelect"),
              ElementsAre("1:bool id", "2:bool name", "8:bool account_id",
                          "20:ledger.v1.AccountSelect account"));
}

TEST(Derive, RelationsToManyRowsThatMayBeDeletedCanShowThem) {
  SourceDirectory directory(Files{{"t.proto", R"(syntax = "proto3";
package t;
import "google/protobuf/timestamp.proto";
import "tenantry/v1/options.proto";
message Shelf {
  option (tenantry.v1.table) = {
    relations: {name: "books" number: 5 table: "Book" columns: "id" references: "shelf_id" many: true}
  };
  string id = 1 [(tenantry.v1.column).type = COLUMN_TYPE_UUID];
}
message Book {
  option (tenantry.v1.table) = {
    indexes: {columns: "shelf_id"}
    relations: {name: "shelf" number: 5 table: "Shelf" columns: "shelf_id"}
  };
  string id = 1 [(tenantry.v1.column).type = COLUMN_TYPE_UUID];
  string shelf_id = 2 [(tenantry.v1.column).type = COLUMN_TYPE_UUID];
  google.protobuf.Timestamp gone = 3 [(tenantry.v1.column).managed = MANAGED_DELETE_TIME];
}
)"}});
  EXPECT_THAT(Fields(*MustLoad(directory.path()), "t.v1.BookListSelect"),
              ElementsAre("1:t.v1.BookSelect select", "2:t.v1.BookFilter filter",
                          "3:repeated t.v1.BookOrder order_by", "4:int32 limit", "5:int64 skip",
                          "6:bool show_deleted"));
}

TEST(Derive, EnumsHaveTheColumnsNumbers) {
  // What cannot be compared is not among them: `metadata`, 9, is JSON.
  EXPECT_THAT(
      Values(SaasSchema(), "saas.v1.ContactField"),
      ElementsAre("CONTACT_FIELD_UNSPECIFIED=0", "CONTACT_FIELD_ID=1", "CONTACT_FIELD_NAME=2",
                  "CONTACT_FIELD_EMAIL=3", "CONTACT_FIELD_PHONE=4", "CONTACT_FIELD_TYPE=5",
                  "CONTACT_FIELD_IS_ACTIVE=6", "CONTACT_FIELD_NOTES=7",
                  "CONTACT_FIELD_STRIPE_CUSTOMER_ID=8", "CONTACT_FIELD_CREATED_AT=10",
                  "CONTACT_FIELD_UPDATED_AT=11", "CONTACT_FIELD_DELETED_AT=12"));
  EXPECT_THAT(Values(LedgerSchema(), "ledger.v1.AccountKey"),
              ElementsAre("ACCOUNT_KEY_UNSPECIFIED=0", "ACCOUNT_KEY_PRIMARY=1",
                          "ACCOUNT_KEY_CODE=2", "ACCOUNT_KEY_KIND_TITLE=5"));
}

TEST(Derive, MethodsThatFit) {
  EXPECT_EQ(LedgerSchema().api().FindMessageTypeByName("ledger.v1.UpdateTagRequest"), nullptr);
  EXPECT_EQ(LedgerSchema().api().FindMessageTypeByName("ledger.v1.UpsertTagRequest"), nullptr);
}

// An enum of another file has its filter beside it, whether that file has tables or not.
TEST(Derive, FilterOfAnImportedEnum) {
  SourceDirectory directory(Files{{"t/kinds.proto", R"(syntax = "proto3";
package t;
enum Kind {
  KIND_UNSPECIFIED = 0;
  KIND_ONE = 1;
}
)"},
                                  {"t/item.proto", R"(syntax = "proto3";
package t;
import "t/kinds.proto";
import "tenantry/v1/options.proto";
option go_package = "example.com/t/v1;tv1";
message Item {
  option (tenantry.v1.table) = {methods: METHOD_KIND_BATCH_CREATE methods: METHOD_KIND_LIST};
  string id = 1 [(tenantry.v1.column).type = COLUMN_TYPE_UUID];
  t.Kind kind = 2;
}
)"}});
  auto schema = MustLoad(directory.path());
  const auto* filter = schema->api().FindMessageTypeByName("t.v1.KindFilter");
  ASSERT_NE(filter, nullptr);
  EXPECT_EQ(filter->file()->name(), "t/v1/queries.proto");
  const auto* file = schema->api().FindFileByName("t/v1/item_service.proto");
  EXPECT_EQ(file->options().go_package(), "example.com/t/v1;tv1");
  EXPECT_THAT(
      Methods(*schema, "t.v1.ItemService"),
      ElementsAre("ListItems: ListItemsResponse", "BatchCreateItems: BatchCreateItemsResponse"));
  EXPECT_THAT(Fields(*schema, "t.v1.CreateItemRequest"),
              ElementsAre("1:t.v1.Item item", "100:t.v1.ItemSelect select",
                          "103:bool validate_only", "104:string request_id"));
}

std::map<std::vector<int>, std::string> Comments(const pb::FileDescriptorProto& file) {
  std::map<std::vector<int>, std::string> comments;
  for (const auto& location : file.source_code_info().location()) {
    if (!location.has_leading_comments()) continue;
    comments[{location.path().begin(), location.path().end()}] = location.leading_comments();
  }
  return comments;
}

// Parses the text of a derived file in the place of the original.
class Reparsed {
 public:
  explicit Reparsed(const Schema& schema) {
    for (const auto& [name, text] : schema.generated_files()) Parse(name, text);
  }

  const pb::FileDescriptor* Find(const std::string& name) { return pool_.FindFileByName(name); }

 private:
  void Add(const pb::FileDescriptor& file) {
    if (pool_.FindFileByName(file.name()) != nullptr) return;
    for (int i = 0; i < file.dependency_count(); ++i) Add(*file.dependency(i));
    pb::FileDescriptorProto proto;
    file.CopyTo(&proto);
    ASSERT_NE(pool_.BuildFile(proto), nullptr);
  }

  void Parse(const std::string& name, const std::string& text) {
    for (const char* import :
         {"google/protobuf/empty.proto", "google/protobuf/field_mask.proto",
          "google/protobuf/struct.proto", "google/protobuf/timestamp.proto",
          "google/api/field_behavior.proto", "tenantry/v1/api.proto", "tenantry/v1/query.proto",
          "tenantry/v1/aggregate.proto", "tenantry/v1/import.proto"}) {
      Add(*tenantry::testing::SaasSchema().api().FindFileByName(import));
    }
    pb::io::ArrayInputStream stream(text.data(), static_cast<int>(text.size()));
    pb::io::Tokenizer tokenizer(&stream, nullptr);
    pb::compiler::Parser parser;
    pb::FileDescriptorProto proto;
    ASSERT_TRUE(parser.Parse(&tokenizer, &proto)) << text;
    proto.set_name(name);
    ASSERT_NE(pool_.BuildFile(proto), nullptr) << text;
  }

  pb::DescriptorPool pool_;
};

TEST(Print, TextParsesToWhatWasDerived) {
  for (const Schema* schema : {&SaasSchema(), &LedgerSchema()}) {
    Reparsed reparsed(*schema);
    for (const auto& [name, text] : schema->generated_files()) {
      pb::FileDescriptorProto derived, parsed;
      schema->api().FindFileByName(name)->CopyTo(&derived);
      ASSERT_NE(reparsed.Find(name), nullptr);
      reparsed.Find(name)->CopyTo(&parsed);
      pb::util::MessageDifferencer differencer;
      std::string difference;
      differencer.ReportDifferencesToString(&difference);
      EXPECT_TRUE(differencer.Compare(derived, parsed)) << name << "\n" << difference;
      schema->api().FindFileByName(name)->CopySourceCodeInfoTo(&derived);
      reparsed.Find(name)->CopySourceCodeInfoTo(&parsed);
      EXPECT_EQ(Comments(derived), Comments(parsed)) << name;
      EXPECT_FALSE(Comments(derived).empty());
    }
  }
}

// `package a.google.v1` would catch `google.protobuf.Empty`.
TEST(Print, NamesThatThePackageCatches) {
  SourceDirectory directory(Files{{"x.proto", R"(syntax = "proto3";
package a.google.tenantry;
import "tenantry/v1/options.proto";
message Item {
  option (.tenantry.v1.table) = {};
  string id = 1 [(.tenantry.v1.column).type = COLUMN_TYPE_UUID];
  string name = 2;
}
)"}});
  auto schema = MustLoad(directory.path());
  const std::string& text = schema->generated_files().back().second;
  EXPECT_THAT(text, ::testing::HasSubstr("returns (.google.protobuf.Empty)"));
  EXPECT_THAT(text, ::testing::HasSubstr("option (.tenantry.v1.method) = {"));
  Reparsed reparsed(*schema);
  EXPECT_NE(reparsed.Find("a/google/tenantry/v1/x_service.proto"), nullptr);
}

}  // namespace
}  // namespace tenantry::schema
