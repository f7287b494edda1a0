#include "server/schema/derive_table.h"

#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/api/field_behavior.pb.h"
#include "server/schema/derive_aggregate.h"
#include "server/schema/derive_filter.h"
#include "server/schema/derive_order.h"
#include "server/schema/derive_resource.h"
#include "server/schema/derive_select.h"
#include "server/schema/derive_write.h"
#include "server/schema/methods.h"
#include "server/schema/naming.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptorProto;
using Field = FileWriter::Field;
namespace number = field_number;

Field Repeated(Field field) {
  field.repeated = true;
  return field;
}

class TableWriter {
 public:
  TableWriter(const ApiLayout& api, const Table& table, FileWriter& services, FileWriter& queries)
      : api_(api),
        table_(table),
        writer_(services),
        queries_(queries),
        name_(table.message->name()),
        upper_(UpperSnakeCase(name_)),
        one_(Words(name_)),
        many_(Words(table.plural)) {}

  void Write() {
    writer_.AddService(ServiceName(table_),
                       table_.tenant_root
                           ? absl::StrCat("The caller's tenant, which is one ", one_, ".")
                           : absl::StrCat("The ", many_, " of the caller's tenant."));
    for (v1::MethodKind kind : table_.methods) AddMethod(kind);
    if (Has(v1::METHOD_KIND_UPSERT)) AddKeys();
  }

 private:
  bool Has(v1::MethodKind kind) const { return absl::c_linear_search(table_.methods, kind); }
  std::string Local(absl::string_view name) const { return api_.Name(name); }
  std::string Request(v1::MethodKind kind) const { return MethodName(table_, kind) + "Request"; }
  Field Resource(std::string name, int number) const {
    return FileWriter::OfMessage(std::move(name), number, api_.Resource(table_), api_.resources());
  }

  void AddField(const Field& field, absl::string_view comment) { writer_.AddField(field, comment); }
  Field Required(Field field) {
    field.options.AddExtension(google::api::field_behavior, google::api::REQUIRED);
    writer_.Import("google/api/field_behavior.proto");
    return field;
  }

  void AddMethod(v1::MethodKind kind) {
    auto* method = writer_.AddMethod(MethodName(table_, kind), Local(Request(kind)), Output(kind),
                                     MethodComment(kind));
    if (IsRead(kind)) {
      method->mutable_options()->set_idempotency_level(pb::MethodOptions::NO_SIDE_EFFECTS);
    }
    v1::MethodOptions* marker = method->mutable_options()->MutableExtension(v1::method);
    marker->set_resource(api_.Resource(table_));
    marker->set_kind(kind);
    if (kind == v1::METHOD_KIND_AGGREGATE) return AddAggregate(api_, table_, writer_, queries_);
    // Batches are made of single requests, also where the single method is not derived.
    if (kind == v1::METHOD_KIND_BATCH_CREATE) AddRequest(v1::METHOD_KIND_CREATE);
    if (kind == v1::METHOD_KIND_BATCH_GET && table_.primary_key.size() > 1) {
      AddRequest(v1::METHOD_KIND_GET);
    }
    AddRequest(kind);
    AddResponse(kind);
  }

  void AddRequest(v1::MethodKind kind) {
    if (!requests_.insert(kind).second) return;
    writer_.AddMessage(Request(kind), absl::StrCat("What ", MethodName(table_, kind), " takes."));
    AddRequestFields(kind);
    if (!IsRead(kind)) {
      AddField(FileWriter::Scalar("validate_only", number::kValidateOnly,
                                  FieldDescriptorProto::TYPE_BOOL),
               "The call is tried and answered, and nothing is written.");
    }
  }

  std::string Output(v1::MethodKind kind) {
    switch (kind) {
      case v1::METHOD_KIND_LIST:
      case v1::METHOD_KIND_BATCH_GET:
      case v1::METHOD_KIND_BATCH_CREATE:
      case v1::METHOD_KIND_AGGREGATE:
        return Local(MethodName(table_, kind) + "Response");
      case v1::METHOD_KIND_DELETE:
        if (table_.delete_time == nullptr) {
          writer_.Import("google/protobuf/empty.proto");
          return "google.protobuf.Empty";
        }
        break;
      default:
        break;
    }
    writer_.Import(api_.resources());
    return api_.Resource(table_);
  }

  std::string MethodComment(v1::MethodKind kind) const {
    switch (kind) {
      case v1::METHOD_KIND_GET:
        return absl::StrCat("Reads one ", one_, " by its key. NOT_FOUND when there is none.");
      case v1::METHOD_KIND_LIST:
        return absl::StrCat("Lists ", many_, ", a page at a time.");
      case v1::METHOD_KIND_CREATE:
        return absl::StrCat("Makes one ", one_, ". ALREADY_EXISTS when a key of it is taken.");
      case v1::METHOD_KIND_UPDATE:
        return absl::StrCat("Changes fields of one ", one_, ". NOT_FOUND when there is none.");
      case v1::METHOD_KIND_DELETE:
        return absl::StrCat(table_.delete_time ? "Marks one " : "Removes one ", one_,
                            table_.delete_time ? " as deleted and keeps it." : ".",
                            " NOT_FOUND when there is none.");
      case v1::METHOD_KIND_UPSERT:
        return absl::StrCat("Makes one ", one_, ", or changes the one that has its key already.");
      case v1::METHOD_KIND_BATCH_GET:
        return absl::StrCat("Reads several ", many_,
                            ", in the order asked for. NOT_FOUND when one is missing.");
      case v1::METHOD_KIND_BATCH_CREATE:
        return absl::StrCat("Makes several ", many_, ", all or none.");
      case v1::METHOD_KIND_AGGREGATE:
        return absl::StrCat("Counts, sums and the like over the ", many_, ", in groups.");
      default:
        return "";
    }
  }

  void AddRequestFields(v1::MethodKind kind) {
    switch (kind) {
      case v1::METHOD_KIND_GET:
        AddKeyFields();
        return AddSelectField(number::kSelect);
      case v1::METHOD_KIND_DELETE:
        AddKeyFields();
        if (table_.delete_time != nullptr) AddWrittenSelect();
        return AddRequire();
      case v1::METHOD_KIND_LIST:
        return AddListFields();
      case v1::METHOD_KIND_CREATE:
        AddField(Required(Resource(table_.field_name, number::kResource)),
                 absl::StrCat("The ", one_, " to make.", KeyHint(), OutputHint()));
        return AddWrittenSelect();
      case v1::METHOD_KIND_UPDATE:
        AddField(Required(Resource(table_.field_name, number::kResource)),
                 absl::StrCat("The new values, and in ", KeyNames(), " which ", one_,
                              " they are for.", OutputHint()));
        AddUpdateMask(number::kUpdateMask);
        AddIncrementField();
        AddWrittenSelect();
        return AddRequire();
      case v1::METHOD_KIND_UPSERT:
        return AddUpsertFields();
      case v1::METHOD_KIND_BATCH_GET:
        return AddBatchGetFields();
      case v1::METHOD_KIND_BATCH_CREATE:
        return AddField(
            Required(Repeated(FileWriter::OfMessage("requests", number::kBatchEntries,
                                                    Local(Request(v1::METHOD_KIND_CREATE)), ""))),
            absl::StrCat("The ", many_,
                         " to make, at least one and at most the server's limit (1000)."));
      default:
        return;
    }
  }

  void AddKeyFields() {
    int next = number::kFirstKey;
    for (const Column* column : table_.primary_key) {
      std::string comment = table_.primary_key.size() == 1
                                ? absl::StrCat("The key of the ", one_, ".")
                                : "Part of the key; all parts are required.";
      AddField(Required(FieldOf(api_, *column, column->field->name(), next++)), comment);
    }
  }

  void AddListFields() {
    AddField(
        FileWriter::Scalar("page_size", number::kListPageSize, FieldDescriptorProto::TYPE_INT32),
        "Most entries of a page. 0 means the server's default (50), more than its "
        "maximum (1000) means the maximum.");
    AddField(
        FileWriter::Scalar("page_token", number::kListPageToken, FieldDescriptorProto::TYPE_STRING),
        "The next_page_token of the page before, or the previous_page_token of the page behind; "
        "empty for the first page. filter, order_by and show_deleted must be as they were then.");
    AddField(FileWriter::OfMessage("filter", number::kListFilter, Local(FilterName(table_)),
                                   api_.queries()),
             "Conditions that every entry meets.");
    AddField(OrderField(api_, table_, number::kListOrderBy),
             absl::StrCat("The order: by the first entry, rows that are equal in it by the second, "
                          "and so on, in the end by ",
                          KeyNames(), "."));
    if (table_.delete_time != nullptr) {
      AddField(FileWriter::Scalar("show_deleted", number::kListShowDeleted,
                                  FieldDescriptorProto::TYPE_BOOL),
               absl::StrCat("Also lists ", many_, " that are deleted."));
    }
    AddField(FileWriter::Scalar("skip", number::kListSkip, FieldDescriptorProto::TYPE_INT64),
             "Rows to pass over before the page begins, counted from where page_token points to. "
             "Each costs as much as one that is read.");
    Field total = FileWriter::Scalar("total", number::kListTotal, FieldDescriptorProto::TYPE_ENUM);
    total.type_name = "tenantry.v1.Total";
    total.type_file = "tenantry/v1/query.proto";
    AddField(total, absl::StrCat("Whether total_size says how many ", many_,
                                 " there are on all pages. Default: it does not."));
    AddSelectField(number::kListSelect);
  }

  void AddSelectField(int number) {
    AddField(SelectField(api_, table_, number),
             "What is read: columns and relations. Without it, all columns and no relation.");
  }

  // What nobody may read has no select.
  void AddWrittenSelect() {
    if (!tenantry::schema::IsRead(table_)) return;
    AddField(SelectField(api_, table_, number::kSelect),
             "What the answer holds: columns and relations, these as they were before. Without it, "
             "all columns and no relation.");
  }

  void AddIncrementField() {
    if (Countable(table_).empty()) return;
    AddIncrement(api_, table_, queries_);
    AddField(IncrementField(api_, table_),
             "What is added to numbers. A number is either added to or set, not both.");
  }

  void AddRequire() {
    if (!tenantry::schema::IsRead(table_)) return;
    AddField(RequireField(api_, table_),
             absl::StrCat("What must hold of the ", one_,
                          " before. FAILED_PRECONDITION with the reason REQUIREMENT_NOT_MET when "
                          "it does not: nothing is written then."));
  }

  void AddUpsertFields() {
    AddField(Required(Resource(table_.field_name, number::kResource)),
             absl::StrCat("The ", one_, " as it shall be.", OutputHint()));
    Field key = FileWriter::Scalar("conflict_key", number::kUpsertConflictKey,
                                   FieldDescriptorProto::TYPE_ENUM);
    key.type_name = Local(name_ + "Key");
    key.type_file = api_.queries();
    AddField(key, absl::StrCat("The key that tells whether the ", one_,
                               " is there. Default: the primary key."));
    AddUpdateMask(number::kUpsertMask);
    AddWrittenSelect();
  }

  void AddUpdateMask(int number) {
    AddField(FileWriter::OfMessage("update_mask", number, "google.protobuf.FieldMask",
                                   "google/protobuf/field_mask.proto"),
             absl::StrCat(
                 number == number::kUpdateMask ? "The fields to change. "
                                               : "The fields to change if the row exists already. ",
                 "Without a mask, those that are set. Each is given by its name or its JSON "
                 "name; `*` means all fields. (Some JSON libraries, Go's for one, refuse `*` "
                 "in a mask: then name the fields.)"));
  }

  void AddBatchGetFields() {
    const Column& key = *table_.primary_key[0];
    const bool single = table_.primary_key.size() == 1;
    Field entries = single ? FieldOf(api_, key, Plural(key.field->name()), number::kBatchEntries)
                           : FileWriter::OfMessage("requests", number::kBatchEntries,
                                                   Local(Request(v1::METHOD_KIND_GET)), "");
    AddField(Required(Repeated(std::move(entries))),
             absl::StrCat("The keys of the ", many_,
                          ", at least one and at most the server's limit (1000).",
                          single ? "" : " They select nothing: `select` here does, for all."));
    AddSelectField(number::kBatchSelect);
  }

  void AddResponse(v1::MethodKind kind) {
    bool list = kind == v1::METHOD_KIND_LIST;
    if (!list && kind != v1::METHOD_KIND_BATCH_GET && kind != v1::METHOD_KIND_BATCH_CREATE) return;
    std::string method = MethodName(table_, kind);
    writer_.AddMessage(method + "Response", absl::StrCat("What ", method, " answers."));
    std::string comment = kind == v1::METHOD_KIND_BATCH_GET ? "In the order of the keys."
                          : list                            ? "The page."
                                                            : "In the order of the requests.";
    AddField(Repeated(Resource(table_.plural_field_name, number::kRows)), comment);
    writer_.Import(api_.resources());
    if (list) {
      AddField(FileWriter::Scalar("next_page_token", number::kNextPageToken,
                                  FieldDescriptorProto::TYPE_STRING),
               "Asks for the page after this one; empty on the last page.");
      AddField(FileWriter::Scalar("previous_page_token", number::kPreviousPageToken,
                                  FieldDescriptorProto::TYPE_STRING),
               "Asks for the page before this one; empty on the first page.");
      Field total =
          FileWriter::Scalar("total_size", number::kTotalSize, FieldDescriptorProto::TYPE_INT64);
      total.optional = true;
      AddField(total, absl::StrCat("How many ", many_,
                                   " there are on all pages, where the request asks for it."));
    }
  }

  void AddKeys() {
    std::string prefix = upper_ + "_KEY_";
    queries_.AddEnum(name_ + "Key", absl::StrCat("The keys by which one ", one_, " is known."));
    queries_.AddValue(prefix + "UNSPECIFIED", 0, "The primary key.");
    queries_.AddValue(prefix + "PRIMARY", 1, absl::StrCat("The primary key: ", KeyNames(), "."));
    for (const UniqueKey& key : table_.unique_keys) {
      if (!IsInApi(key.columns)) continue;
      queries_.AddValue(prefix + absl::AsciiStrToUpper(Join(key.columns, "_")), key.number,
                        absl::StrCat("Unique within the tenant: ", Join(key.columns, ", "), "."));
    }
  }

  static std::string Join(const std::vector<const Column*>& columns, absl::string_view separator) {
    return absl::StrJoin(columns, separator, [](std::string* out, const Column* column) {
      absl::StrAppend(out, column->field->name());
    });
  }
  std::string KeyNames() const { return Join(table_.primary_key, ", "); }

  std::string KeyHint() const {
    for (const Column* column : table_.primary_key) {
      if (column->managed != v1::MANAGED_ID) continue;
      return absl::StrCat(" Without ", column->field->name(), " it gets a new one.");
    }
    return "";
  }

  std::string OutputHint() const {
    std::vector<const Column*> columns;
    for (const Column& column : table_.columns) {
      if (column.output_only && !column.is_hidden()) columns.push_back(&column);
    }
    if (columns.empty()) return "";
    return absl::StrCat(" What it holds in ", Join(columns, ", "), " is ignored.");
  }

  const ApiLayout& api_;
  const Table& table_;
  FileWriter& writer_;
  FileWriter& queries_;
  std::string name_;   // Contact
  std::string upper_;  // CONTACT
  std::string one_;    // contact
  std::string many_;   // contacts
  std::set<v1::MethodKind> requests_;
};

absl::string_view Verb(v1::MethodKind kind) {
  switch (kind) {
    case v1::METHOD_KIND_GET:
      return "Get";
    case v1::METHOD_KIND_LIST:
      return "List";
    case v1::METHOD_KIND_CREATE:
      return "Create";
    case v1::METHOD_KIND_UPDATE:
      return "Update";
    case v1::METHOD_KIND_DELETE:
      return "Delete";
    case v1::METHOD_KIND_UPSERT:
      return "Upsert";
    case v1::METHOD_KIND_BATCH_GET:
      return "BatchGet";
    case v1::METHOD_KIND_BATCH_CREATE:
      return "BatchCreate";
    case v1::METHOD_KIND_AGGREGATE:
      return "Aggregate";
    default:
      return "";
  }
}

}  // namespace

void AddTable(const ApiLayout& api, const Table& table, FileWriter& services, FileWriter& queries) {
  TableWriter(api, table, services, queries).Write();
}

std::string ServiceName(const Table& table) { return table.message->name() + "Service"; }

std::string MethodName(const Table& table, v1::MethodKind kind) {
  bool many = kind == v1::METHOD_KIND_LIST || kind == v1::METHOD_KIND_BATCH_GET ||
              kind == v1::METHOD_KIND_BATCH_CREATE || kind == v1::METHOD_KIND_AGGREGATE;
  return absl::StrCat(Verb(kind), many ? table.plural : table.message->name());
}

}  // namespace tenantry::schema
