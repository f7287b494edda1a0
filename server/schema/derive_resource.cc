#include "server/schema/derive_resource.h"

#include <string>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/api/field_behavior.pb.h"
#include "server/schema/derive_aggregate.h"
#include "server/schema/derive_validate.h"
#include "server/schema/naming.h"
#include "server/schema/nested.h"
#include "tenantry/v1/api.pb.h"

namespace tenantry::schema {
namespace {

namespace pb = google::protobuf;
using google::api::FieldBehavior;
using pb::FieldDescriptorProto;
using Field = FileWriter::Field;

// Of the rules that the type of the column does not say.
void AddDeclared(const Rule& rule, v1::ValueOptions& options) {
  switch (rule.kind) {
    case RuleKind::kFrom:
      return options.set_gte(*rule.detail->bound.text);
    case RuleKind::kUpTo:
      return options.set_lte(*rule.detail->bound.text);
    case RuleKind::kAbove:
      return options.set_gt(*rule.detail->bound.text);
    case RuleKind::kBelow:
      return options.set_lt(*rule.detail->bound.text);
    case RuleKind::kPattern:
      return options.set_pattern(rule.detail->pattern->text());
    case RuleKind::kFormat:
      return options.set_format(static_cast<v1::Format>(rule.limit));
    case RuleKind::kOneOf:
      for (const std::string& value : rule.detail->values) options.add_in(value);
      return;
    case RuleKind::kItemsMin:
      return options.set_min_items(static_cast<std::int32_t>(rule.limit));
    case RuleKind::kItemsMax:
      return options.set_max_items(static_cast<std::int32_t>(rule.limit));
    default:
      return;
  }
}

v1::ValueOptions ValuesOf(const Column& column) {
  v1::ValueOptions options;
  if (column.is_etag()) return options;
  options.set_format(InfoOf(column.type).format);
  if (column.length_min > 0) options.set_min_length(column.length_min);
  if (column.length_max > 0) options.set_max_length(column.length_max);
  if (column.minimum) options.set_minimum(*column.minimum);
  if (column.maximum) options.set_maximum(*column.maximum);
  if (column.precision > 0) options.set_precision(column.precision);
  if (column.scale > 0) options.set_scale(column.scale);
  for (const Rule& rule : column.rules) AddDeclared(rule, options);
  return options;
}

std::vector<FieldBehavior> BehaviorOf(const Column& column) {
  if (column.output_only) return {google::api::OUTPUT_ONLY};
  std::vector<FieldBehavior> behavior;
  if (column.required_on_create) behavior.push_back(google::api::REQUIRED);
  if (column.visibility == v1::VISIBILITY_INPUT_ONLY) {
    behavior.push_back(google::api::INPUT_ONLY);
  }
  if (column.immutable) behavior.push_back(google::api::IMMUTABLE);
  if (!column.array && column.not_null && !column.default_sql.empty()) {
    behavior.push_back(google::api::NON_EMPTY_DEFAULT);
  }
  return behavior;
}

pb::FieldOptions OptionsOf(const ApiLayout& api, const Column& column, FieldUse use,
                           FileWriter& writer) {
  pb::FieldOptions options;
  if (api.buf_validate && use == FieldUse::kRequest) {
    if (const auto rules = ValidateRulesOf(column)) {
      *options.MutableExtension(buf::validate::field) = *rules;
      writer.Import("buf/validate/validate.proto");
    }
  }
  const auto behaviors =
      use == FieldUse::kRequest ? BehaviorOf(column) : std::vector<FieldBehavior>();
  for (FieldBehavior behavior : behaviors) {
    options.AddExtension(google::api::field_behavior, behavior);
    writer.Import("google/api/field_behavior.proto");
  }
  v1::ValueOptions values = ValuesOf(column);
  if (values.ByteSizeLong() > 0) *options.MutableExtension(v1::value) = std::move(values);
  if (column.field->options().deprecated()) options.set_deprecated(true);
  return options;
}

void AddNames(const std::vector<const Column*>& columns, pb::RepeatedPtrField<std::string>* out) {
  for (const Column* column : columns) *out->Add() = column->field->name();
}

class ResourceWriter {
 public:
  ResourceWriter(const ApiLayout& api, const Table& table, FileWriter& writer)
      : api_(api), table_(table), writer_(writer) {}

  void Write(const EnumSet& enums) {
    pb::DescriptorProto& message = writer_.AddMessage(table_.message->name(), "");
    writer_.CommentAsIs(writer_.MessagePath(), CommentOf(*table_.message));
    AddOptions(message);
    KeepReserved(message);
    for (const Column& column : table_.columns) {
      if (!column.is_hidden()) AddColumnField(api_, column, FieldUse::kRequest, writer_);
    }
    for (const Relation& relation : table_.relations) AddRelation(relation);
    if (HasRelationAggregates(table_)) AddRelationAggregates(writer_);
    for (const pb::EnumDescriptor* type : enums) {
      if (type->containing_type() == table_.message) writer_.CopyEnum(*type, true);
    }
  }

 private:
  void AddOptions(pb::DescriptorProto& message) {
    v1::ResourceOptions& resource = *message.mutable_options()->MutableExtension(v1::resource);
    v1::KeyOptions& primary = *resource.add_keys();
    primary.set_number(1);
    AddNames(table_.primary_key, primary.mutable_fields());
    for (const UniqueKey& key : table_.unique_keys) {
      if (!IsInApi(key.columns)) continue;
      v1::KeyOptions& unique = *resource.add_keys();
      unique.set_number(key.number);
      AddNames(key.columns, unique.mutable_fields());
    }
    if (table_.message->options().deprecated()) message.mutable_options()->set_deprecated(true);
  }

  // Names and numbers that are reserved in the schema are reserved for clients too.
  void KeepReserved(pb::DescriptorProto& message) {
    pb::DescriptorProto whole;
    table_.message->CopyTo(&whole);
    *message.mutable_reserved_range() = whole.reserved_range();
    *message.mutable_reserved_name() = whole.reserved_name();
    for (const Column& column : table_.columns) {
      if (!column.is_hidden()) continue;
      auto* range = message.add_reserved_range();
      range->set_start(column.number());
      range->set_end(column.number() + 1);
    }
  }

  void AddRelation(const Relation& relation) {
    Field field;
    field.name = relation.name;
    field.number = relation.number;
    field.type = FieldDescriptorProto::TYPE_MESSAGE;
    field.type_name = api_.Resource(*relation.target);
    field.repeated = relation.many;
    // Clients may know which columns link the rows, unless one of those is hidden.
    if (IsInApi(relation.columns) && IsInApi(relation.references)) {
      v1::LinkOptions& link = *field.options.MutableExtension(v1::link);
      AddNames(relation.columns, link.mutable_fields());
      AddNames(relation.references, link.mutable_references());
    }
    if (!IsCreatable(relation)) {
      field.options.AddExtension(google::api::field_behavior, google::api::OUTPUT_ONLY);
      writer_.Import("google/api/field_behavior.proto");
    }
    writer_.AddField(field, RelationComment(relation));
  }

  std::string RelationComment(const Relation& relation) const {
    const Table& target = *relation.target;
    const std::string rows =
        relation.many
            ? absl::StrCat("The ", Words(target.plural), " whose ", Names(relation.references),
                           " names this ", Words(table_.message->name()), ".")
            : absl::StrCat("The ", Words(target.message->name()), " that ", Names(relation.columns),
                           " names.");
    return absl::StrCat(rows, CreateComment(relation),
                        " Replies hold them where `select` asks for them",
                        IsCreatable(relation) ? ", and those that the call has made." : ".");
  }

  static std::string CreateComment(const Relation& relation) {
    if (!IsCreatable(relation)) return "";
    return relation.many ? absl::StrCat(" Create makes those that it is given, without ",
                                        Names(relation.references), ".")
                         : absl::StrCat(" Create makes the one that it is given, without ",
                                        Names(relation.columns), ".");
  }

  static std::string Names(const std::vector<const Column*>& columns) {
    return absl::StrJoin(columns, " and ", [](std::string* out, const Column* column) {
      absl::StrAppend(out, column->field->name());
    });
  }

  const ApiLayout& api_;
  const Table& table_;
  FileWriter& writer_;
};

}  // namespace

void AddColumnField(const ApiLayout& api, const Column& column, FieldUse use, FileWriter& writer) {
  Field field = FieldOf(api, column, column.field->name(), column.number());
  field.repeated = column.array;
  field.optional = column.field->has_optional_keyword();
  field.options = OptionsOf(api, column, use, writer);
  writer.AddField(field, "");
  writer.CommentAsIs(writer.FieldPath(), CommentOf(*column.field));
}

bool IsInApi(const std::vector<const Column*>& columns) {
  return absl::c_none_of(columns, [](const Column* column) { return column->is_hidden(); });
}

bool ByDeclaration::operator()(const pb::EnumDescriptor* a, const pb::EnumDescriptor* b) const {
  auto place = [](const pb::EnumDescriptor* type) {
    const pb::Descriptor* outer = type->containing_type();
    return std::tuple(type->file()->name(), outer == nullptr ? std::string() : outer->full_name(),
                      type->index());
  };
  return place(a) < place(b);
}

void AddResource(const ApiLayout& api, const Table& table, const EnumSet& enums,
                 FileWriter& writer) {
  ResourceWriter(api, table, writer).Write(enums);
}

Field FieldOf(const ApiLayout& api, const Column& column, std::string name, int number) {
  Field field;
  field.name = std::move(name);
  field.number = number;
  field.type = static_cast<FieldDescriptorProto::Type>(column.field->type());
  if (column.enum_type != nullptr) {
    field.type_name = api.Enum(*column.enum_type->descriptor);
    field.type_file = api.resources();
  } else if (column.field->message_type() != nullptr) {
    field.type_name = column.field->message_type()->full_name();
    field.type_file = column.field->message_type()->file()->name();
  }
  return field;
}

}  // namespace tenantry::schema
