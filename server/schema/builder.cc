#include "server/schema/builder.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/schema/api_package.h"
#include "server/schema/derive.h"
#include "server/schema/derive_table.h"
#include "server/schema/derived_names.h"
#include "server/schema/enums.h"
#include "server/schema/functions.h"
#include "server/schema/kinds.h"
#include "server/schema/methods.h"
#include "server/schema/names.h"
#include "server/schema/options.h"
#include "server/schema/print.h"
#include "server/schema/relations.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;

// Reports what protobuf refuses and CheckDerivedNames has not found.
class DerivedErrors : public pb::DescriptorPool::ErrorCollector {
 public:
  DerivedErrors(const DerivedOwners& owners, Reporter& reporter)
      : owners_(owners), reporter_(reporter) {}
  void AddError(const std::string& file, const std::string& element, const pb::Message*,
                ErrorLocation, const std::string& message) override {
    const DerivedOwner* owner = owners_.Find(element);
    if (owner == nullptr) {
      reporter_.ReportAt(file, -1, -1, element, absl::StrCat("in the derived file: ", message));
    } else {
      ReportAtOwner(*owner,
                    absl::StrCat("what is derived from it as `", element, "` cannot be: ", message,
                                 " Rename what the name comes from."),
                    reporter_);
    }
  }

 private:
  const DerivedOwners& owners_;
  Reporter& reporter_;
};

}  // namespace

SchemaBuilder::SchemaBuilder(LoadedFiles files, const Source& source, Reporter& reporter)
    : files_(std::move(files)),
      functions_(source.functions),
      api_text_(source.api_text),
      reporter_(reporter),
      schema_(new Schema) {
  schema_->api_ = std::move(files_.api_pool);
}

std::unique_ptr<const Schema> SchemaBuilder::Build() {
  BuildTables();
  schema_->api_package_ = ApiPackage(files_.files, schema_->tables_, reporter_);
  if (!reporter_.empty()) return nullptr;
  const bool buf_validate =
      std::any_of(files_.files.begin(), files_.files.end(),
                  [](const pb::FileDescriptor* file) { return DatabaseOf(*file).buf_validate(); });
  const ApiLayout api{
      .package = schema_->api_package_, .comments = api_text_, .buf_validate = buf_validate};
  auto derived = DeriveApi(api, files_.files, schema_->tables_, schema_->functions_);
  CheckDerivedNames(derived, *files_.pool, reporter_);
  if (!reporter_.empty()) return nullptr;
  BuildApi(std::move(derived));
  if (!reporter_.empty()) return nullptr;
  LinkApi(api);
  schema_->pool_ = std::move(files_.pool);
  return std::move(schema_);
}

void SchemaBuilder::BuildTables() {
  EnumTypes enums(schema_->enums_, reporter_);
  for (const pb::FileDescriptor* file : files_.files) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      AddTable(*file->message_type(i), enums);
    }
  }
  BuildRelations(drafts_, files_.complete, reporter_);
  for (const pb::FileDescriptor* file : files_.files) {
    for (int i = 0; i < file->service_count(); ++i) {
      if (!HasFunctions(*file->service(i))) continue;
      BuildFunctions(*file->service(i), schema_->tables_, enums, reporter_, schema_->functions_);
    }
  }
  CheckFunctions(schema_->functions_, schema_->tables_, reporter_);
  if (!functions_.empty()) {
    ReadBodies(functions_, schema_->functions_, schema_->tables_, reporter_);
  }
  CheckNames(schema_->tables_, schema_->enums_, reporter_);
  if (schema_->tables_.empty() && files_.complete) {
    reporter_.ReportAt("", -1, -1, "", "no message has the option tenantry.v1.table");
  }
}

// A nested message cannot be a table. It is looked at all the same, so that one with the option is
// reported.
void SchemaBuilder::AddTable(const pb::Descriptor& message, EnumTypes& enums) {
  if (auto options = TableOf(message)) {
    if (message.containing_type() != nullptr) {
      return reporter_.Report(message, "a table must be a top-level message");
    }
    TableDraft& draft = drafts_.emplace_back();
    draft.options = *std::move(options);
    draft.table = &schema_->tables_.emplace_back();
    BuildTable(message, enums, reporter_, draft);
    schema_->by_message_.emplace(message.full_name(), draft.table);
  }
  for (int i = 0; i < message.nested_type_count(); ++i) AddTable(*message.nested_type(i), enums);
}

void SchemaBuilder::BuildApi(std::vector<DerivedFile> derived) {
  const DerivedOwners owners(derived);
  DerivedErrors errors(owners, reporter_);
  for (DerivedFile& file : derived) {
    if (api_text_) {
      schema_->generated_files_.emplace_back(file.proto.name(), PrintFile(file.proto));
    }
    if (schema_->api_->BuildFileCollectingErrors(file.proto, &errors) == nullptr) return;
    pb::FileDescriptorProto().Swap(&file.proto);  // gives its memory back before the next is built
  }
}

// Finds the API's descriptor of each table, column, relation and enum.
void SchemaBuilder::LinkApi(const ApiLayout& api) {
  for (Table& table : schema_->tables_) {
    table.resource = schema_->api_->FindMessageTypeByName(api.Resource(table));
    for (Column& column : table.columns) {
      if (!column.is_hidden()) column.api = table.resource->FindFieldByNumber(column.number());
    }
    for (Relation& relation : table.relations) {
      relation.api = table.resource->FindFieldByNumber(relation.number);
    }
  }
  for (EnumType& type : schema_->enums_) {
    type.api = schema_->api_->FindEnumTypeByName(api.Enum(*type.descriptor));
  }
  for (const Table& table : schema_->tables_) {
    AddMethods(*schema_->api_->FindServiceByName(api.Name(ServiceName(table))), table);
  }
  for (Function& function : schema_->functions_) LinkFunction(api, function);
}

namespace {

// Rows of no table.
void LinkColumns(const pb::Descriptor& message, Table& row) {
  row.resource = &message;
  for (Column& column : row.columns) column.api = message.FindFieldByNumber(column.number());
}

}  // namespace

void SchemaBuilder::LinkFunction(const ApiLayout& api, Function& function) {
  const std::string service = api.Name(function.method->service()->name());
  Method& method = schema_->methods_.emplace_back();
  method.kind = v1::METHOD_KIND_FUNCTION;
  method.function = &function;
  method.table = function.result == nullptr ? &function.row : function.result;
  method.descriptor =
      schema_->api_->FindServiceByName(service)->FindMethodByName(function.method->name());
  method.path = absl::StrCat("/", service, "/", function.method->name());
  method.read_only = function.read_only;

  const pb::Descriptor& request = *method.descriptor->input_type();
  LinkColumns(request, function.request);
  for (Function::List& list : function.lists) {
    list.api = request.FindFieldByNumber(list.field->number());
    LinkColumns(*list.api->message_type(), list.entry);
  }
  const pb::Descriptor& reply = *method.descriptor->output_type();
  if (function.result == nullptr) {
    function.row.message = function.method->output_type();
    function.row.resource = &reply;
  } else if (function.result == &function.row) {
    LinkColumns(function.many ? *reply.field(0)->message_type() : reply, function.row);
  }
}

void SchemaBuilder::AddMethods(const pb::ServiceDescriptor& service, const Table& table) {
  for (v1::MethodKind kind : table.methods) {
    Method& method = schema_->methods_.emplace_back();
    method.kind = kind;
    method.table = &table;
    method.descriptor = service.FindMethodByName(FindKind(kind)->MethodName(table));
    method.path = absl::StrCat("/", service.full_name(), "/", method.descriptor->name());
    method.read_only = IsRead(kind);
  }
}

}  // namespace tenantry::schema
