#include "server/schema/builder.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/schema/derive.h"
#include "server/schema/derive_table.h"
#include "server/schema/derived_names.h"
#include "server/schema/enums.h"
#include "server/schema/methods.h"
#include "server/schema/names.h"
#include "server/schema/options.h"
#include "server/schema/print.h"
#include "server/schema/relations.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;

// Whatever protobuf refuses that CheckDerivedNames has not found.
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

SchemaBuilder::SchemaBuilder(LoadedFiles files, Reporter& reporter)
    : files_(std::move(files)), reporter_(reporter), schema_(new Schema) {}

std::unique_ptr<const Schema> SchemaBuilder::Build() {
  BuildTables();
  if (!reporter_.empty()) return nullptr;
  auto derived = DeriveServiceFiles(files_.files, schema_->tables_);
  CheckDerivedNames(derived, *files_.pool, reporter_);
  if (!reporter_.empty()) return nullptr;
  LinkDerived(derived);
  if (!reporter_.empty()) return nullptr;
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
  CheckNames(schema_->tables_, schema_->enums_, reporter_);
  if (schema_->tables_.empty() && files_.complete) {
    reporter_.ReportAt("", -1, -1, "", "no message has the option tenantry.v1.table");
  }
}

// Nested messages are looked at too, since one with the option would otherwise pass unnoticed.
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

void SchemaBuilder::LinkDerived(const std::vector<DerivedFile>& derived) {
  const DerivedOwners owners(derived);
  DerivedErrors errors(owners, reporter_);
  // In the order of the user's files, which are linked after what they import; so derived files
  // come after those whose filters they use.
  for (const DerivedFile& file : derived) {
    if (files_.pool->BuildFileCollectingErrors(file.proto, &errors) == nullptr) continue;
    schema_->generated_files_.emplace_back(file.proto.name(), PrintFile(file.proto));
  }
  if (!reporter_.empty()) return;
  for (const Table& table : schema_->tables_) {
    const auto* service = files_.pool->FindServiceByName(
        absl::StrCat(table.message->file()->package(), ".", ServiceName(table)));
    AddMethods(*service, table);
  }
}

void SchemaBuilder::AddMethods(const pb::ServiceDescriptor& service, const Table& table) {
  for (v1::MethodKind kind : table.methods) {
    Method& method = schema_->methods_.emplace_back();
    method.kind = kind;
    method.table = &table;
    method.descriptor = service.FindMethodByName(MethodName(table, kind));
    method.path = absl::StrCat("/", service.full_name(), "/", method.descriptor->name());
    method.read_only = IsRead(kind);
  }
}

}  // namespace tenantry::schema
