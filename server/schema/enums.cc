#include "server/schema/enums.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/schema/naming.h"
#include "server/schema/options.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;

// CONTACT_TYPE_COMPANY of ContactType becomes `company`.
std::string DefaultLabel(const pb::EnumValueDescriptor& value) {
  std::string prefix = UpperSnakeCase(value.type()->name()) + "_";
  absl::string_view name = value.name();
  if (name.size() > prefix.size()) absl::ConsumePrefix(&name, prefix);
  return absl::AsciiStrToLower(name);
}

}  // namespace

std::string FlatName(const pb::EnumDescriptor& descriptor) {
  std::string name = descriptor.name();
  for (const auto* outer = descriptor.containing_type(); outer != nullptr;
       outer = outer->containing_type()) {
    name = outer->name() + name;
  }
  return name;
}

std::string NamespaceOf(const pb::FileDescriptor& file) {
  v1::DatabaseOptions database = DatabaseOf(file);
  if (!database.schema().empty()) return database.schema();
  return file.package().substr(0, file.package().find('.'));
}

const EnumType* EnumTypes::Get(const pb::EnumDescriptor& descriptor) {
  auto [entry, fresh] = by_descriptor_.try_emplace(&descriptor, nullptr);
  if (!fresh) return entry->second;
  EnumType& type = types_.emplace_back();
  entry->second = &type;
  type.descriptor = &descriptor;
  type.schema = NamespaceOf(*descriptor.file());
  type.name = EnumTypeOf(descriptor).name();
  if (type.name.empty()) type.name = SnakeCase(FlatName(descriptor));
  type.sql_name = QuoteQualified(type.schema, type.name);
  if (!IsSnakeIdentifier(type.name)) {
    reporter_.Report(descriptor,
                     absl::StrCat("type name `", type.name, "` must be lower_snake_case"));
  }
  CheckPlace(descriptor);
  CheckNumbers(descriptor);
  for (int i = 0; i < descriptor.value_count(); ++i) {
    if (descriptor.value(i)->number() != 0) AddValue(*descriptor.value(i), type);
  }
  return &type;
}

// An enum within a message needs that message in the API, which has the messages of tables and no
// others.
void EnumTypes::CheckPlace(const pb::EnumDescriptor& descriptor) {
  const pb::Descriptor* outer = descriptor.containing_type();
  if (outer == nullptr) return;
  if (outer->containing_type() == nullptr && TableOf(*outer).has_value()) return;
  reporter_.Report(descriptor,
                   absl::StrCat("declare it outside of ", outer->name(), ", which is no table"));
}

void EnumTypes::CheckNumbers(const pb::EnumDescriptor& descriptor) {
  if (descriptor.file()->syntax() != pb::FileDescriptor::SYNTAX_PROTO3) {
    reporter_.Report(descriptor, "enums of tables must be declared in proto3");
  }
  const pb::EnumValueDescriptor* zero = descriptor.FindValueByNumber(0);
  if (zero == nullptr || !absl::EndsWith(zero->name(), "_UNSPECIFIED")) {
    reporter_.Report(descriptor, absl::StrCat("the zero value must stand for absence: name it ",
                                              UpperSnakeCase(descriptor.name()), "_UNSPECIFIED"));
  }
  if (zero != nullptr && LabelOf(*zero).has_value()) {
    reporter_.Report(*zero, "the zero value is never stored and has no label");
  }
  bool stored = false;
  for (int i = 0; i < descriptor.value_count(); ++i) {
    const auto* value = descriptor.value(i);
    stored = stored || value->number() != 0;
    if (value != descriptor.FindValueByNumber(value->number())) {
      reporter_.Report(*value, absl::StrCat("number ", value->number(),
                                            " is taken; a column's enum has no aliases"));
    }
  }
  if (!stored) reporter_.Report(descriptor, "there is no value besides the zero value");
}

void EnumTypes::AddValue(const pb::EnumValueDescriptor& value, EnumType& type) {
  std::optional<std::string> given = LabelOf(value);
  EnumType::Value out{value.number(), given ? *given : DefaultLabel(value), value.name()};
  if (out.label.empty()) {
    reporter_.Report(value, "the label is empty");
  } else if (out.label.size() > kIdentifierBytesMax) {
    reporter_.Report(value, absl::StrCat("the label has ", out.label.size(), " bytes; at most ",
                                         kIdentifierBytesMax, " are possible"));
  } else if (const auto* other = type.FindLabel(out.label); other != nullptr) {
    reporter_.Report(value,
                     absl::StrCat("label `", out.label, "` is that of ", other->name, " too"));
  }
  type.values.push_back(std::move(out));
}

}  // namespace tenantry::schema
