#include "client/cli/shape.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/aggregate.h"
#include "client/cli/arguments.h"
#include "client/cli/fields.h"
#include "client/cli/kinds.h"
#include "client/cli/names.h"
#include "client/cli/order.h"
#include "client/cli/select.h"
#include "client/cli/where.h"
#include "google/protobuf/descriptor.pb.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr char kEtagFlag[] = "--if-etag";
constexpr char kSearchDoc[] =
    "words to find, as in a web search: 'a b', 'a or b', '\"a b\"', '-a'; the best match is first";

// Those that --by, --measure, --having and --order are for.
bool IsOfAggregate(const Shape& shape, const FieldDescriptor& field) {
  return shape.group_by != nullptr && field.is_repeated();
}

std::string DottedKebab(const FieldPath& path, std::size_t from) {
  std::string name;
  for (std::size_t i = from; i < path.size(); ++i) {
    absl::StrAppend(&name, name.empty() ? "" : ".", Kebab(path[i]->name()));
  }
  return name;
}

// The field that `names` lead to from `message`; empty when they lead nowhere.
FieldPath Walk(const Descriptor& message, const std::vector<std::string>& names) {
  FieldPath path;
  const Descriptor* at = &message;
  for (const std::string& name : names) {
    const FieldDescriptor* field = at == nullptr ? nullptr : at->FindFieldByName(Snake(name));
    if (field == nullptr) return {};
    path.push_back(field);
    at = IsLeaf(*field) || field->is_repeated() ? nullptr : field->message_type();
  }
  return path;
}

// A filter on a column, without its operator: equality is meant.
void AddEquality(const Shape& shape, FieldPath& path) {
  if (path.empty() || shape.filter == nullptr || path.front() != shape.filter) return;
  if (path.back()->is_repeated() || IsLeaf(*path.back())) return;
  const Descriptor* message = path.back()->message_type();
  const FieldDescriptor* eq = message == nullptr ? nullptr : message->FindFieldByName("eq");
  if (eq != nullptr) path.push_back(eq);
}

std::string ColumnDoc(const FieldDescriptor& field, const Shape& shape) {
  std::vector<std::string> parts;
  if (shape.method->kind == tenantry::v1::METHOD_KIND_CREATE &&
      HasBehavior(field, google::api::REQUIRED)) {
    parts.push_back("required");
  }
  if (const std::string limits = LimitsOf(field); !limits.empty()) parts.push_back(limits);
  if (HasBehavior(field, google::api::NON_EMPTY_DEFAULT) && !shape.mask_is_what_is_given) {
    parts.push_back("has a default");
  }
  if (field.is_repeated()) parts.push_back("may be given again");
  return absl::StrJoin(parts, ", ");
}

void AddResourceFlags(const Shape& shape, std::vector<Flag>& flags) {
  const Descriptor& message = *shape.resource->message_type();
  for (int i = 0; i < message.field_count(); ++i) {
    const FieldDescriptor& field = *message.field(i);
    const bool is_key = std::any_of(shape.keys.begin(), shape.keys.end(),
                                    [&](const FieldPath& key) { return key.back() == &field; });
    if (IsOutputOnly(field) || is_key) continue;
    if (IsRelation(field)) {
      if (shape.method->kind != tenantry::v1::METHOD_KIND_CREATE) continue;
      flags.push_back({"--" + Kebab(field.name()), "JSON",
                       field.is_repeated() ? "rows to make with it" : "the row to make with it"});
      continue;
    }
    flags.push_back({"--" + Kebab(field.name()), ValueWord(field), ColumnDoc(field, shape)});
  }
}

void AddWriteFlags(const Shape& shape, std::vector<Flag>& flags) {
  const bool update = shape.mask_is_what_is_given;
  flags.push_back(
      {"--data", "JSON", "the row as JSON; @FILE or - reads it; other flags go over it"});
  flags.push_back({"--set", "FIELD=VALUE", "any field, the same as --FIELD VALUE"});
  if (shape.mask == nullptr) return;
  flags.push_back({"--clear", "FIELD", "set to NULL; may be given again"});
  flags.push_back({"--mask", "A,B",
                   update ? "fields to write (default: those given)"
                          : "fields to write on a row that is there"});
}

void AddListFlags(const Shape& shape, std::vector<Flag>& flags) {
  if (shape.filter != nullptr) {
    const Descriptor& filter = *shape.filter->message_type();
    flags.push_back({"--where", "CONDITION",
                     absl::StrCat("such as FIELD=VALUE, see below; fields and relations: ",
                                  absl::StrJoin(ConditionFields(filter, ""), ", "))});
  }
  if (shape.order_by != nullptr) {
    flags.push_back(
        {"--order", "A,-B,C.D",
         absl::StrCat("- is downwards, :nulls-first or :nulls-last may follow; of ",
                      absl::StrJoin(OrderFields(*shape.order_by->message_type()), ", "))});
  }
}

void AddAggregateFlags(const Shape& shape, std::vector<Flag>& flags) {
  const std::vector<std::string> fields = GroupByFields(*shape.group_by->message_type(), "");
  flags.push_back({"--by", "A,B:day,C.D",
                   absl::StrCat("what groups have in common; of ", absl::StrJoin(fields, ", "))});
  flags.push_back(
      {"--measure", "FUNCTION:FIELD", "count, sum:FIELD, ..., see below (default: count)"});
  flags.push_back({"--having", "CONDITION", "on a measure, such as count>10"});
  flags.push_back({"--order", "A,-B", "by measures and by what stands in --by; - is downwards"});
}

// Up to the operator, which the condition's sign stands for.
std::string ConditionFor(const FieldPath& path) {
  std::string field;
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (path[i]->is_repeated()) return "";
    absl::StrAppend(&field, field.empty() ? "" : ".", path[i]->name());
    const Descriptor* type = path[i]->message_type();
    const bool goes_on = type != nullptr && (type->FindFieldByName("any_of") != nullptr ||
                                             type->FindFieldByName("every") != nullptr);
    if (!goes_on) break;
  }
  return field.empty() ? "" : absl::StrCat("--where ", field, "=...");
}

std::string AggregateFlag(const std::string& field) {
  if (field == "group_by") return "--by";
  if (field == "measures") return "--measure";
  return field == "having" ? "--having" : "--order";
}

}  // namespace

Shape ShapeOf(const Method& method) {
  Shape shape;
  shape.method = &method;
  shape.request = method.descriptor->input_type();
  const Descriptor& request = *shape.request;
  if (method.table == nullptr) {
    shape.page_token = request.FindFieldByName("page_token");
    return shape;
  }
  DescribeRequest(shape);
  return shape;
}

std::vector<Flag> FlagsOf(const Shape& shape) {
  std::vector<Flag> flags;
  if (shape.resource != nullptr) AddResourceFlags(shape, flags);
  for (int i = 0; i < shape.request->field_count(); ++i) {
    const FieldDescriptor* field = shape.request->field(i);
    const bool is_key = std::any_of(shape.keys.begin(), shape.keys.end(),
                                    [&](const FieldPath& key) { return key.front() == field; });
    const bool shown_otherwise =
        field == shape.resource || field == shape.mask || field == shape.filter ||
        field == shape.order_by || field == shape.batch || field == shape.select ||
        field == shape.require || field == shape.etag || field == shape.imported ||
        field == shape.last || IsOfAggregate(shape, *field);
    if (is_key || shown_otherwise) continue;
    flags.push_back({"--" + Kebab(field->name()), ValueWord(*field),
                     field == shape.search  ? kSearchDoc
                     : field->is_repeated() ? "may be given again"
                                            : ""});
  }
  AddListFlags(shape, flags);
  if (shape.group_by != nullptr) AddAggregateFlags(shape, flags);
  if (shape.select != nullptr) {
    flags.push_back({"--select", "A,B.C,D:5.E",
                     "columns, and those of relations; a number limits a relation to many rows"});
    if (AggregatesOf(*shape.select->message_type()) != nullptr) {
      flags.push_back({"--measure", "A.count,NAME=A.sum:B[C=1]",
                       "what relations to many rows come to: count, count-distinct, sum, avg, min, "
                       "max; in brackets the rows that count"});
    }
  }
  if (shape.require != nullptr) {
    flags.push_back(
        {"--require", "CONDITION",
         absl::StrCat("what must hold of the row, as --where of a list: ",
                      absl::StrJoin(ConditionFields(*shape.require->message_type(), ""), ", "))});
  }
  if (shape.etag != nullptr) {
    flags.push_back({kEtagFlag, "ETAG", "only if the row is still the one that had this etag"});
  }
  if (shape.resource != nullptr) {
    AddWriteFlags(shape, flags);
  } else if (shape.imported == nullptr) {
    flags.push_back({"--data", "JSON",
                     shape.batch_resource != nullptr
                         ? "the rows: a JSON array, or one object a line; @FILE or - reads them"
                         : "the request as JSON; @FILE or - reads it"});
  }
  return flags;
}

absl::StatusOr<FieldPath> FindField(const Shape& shape, const std::string& name) {
  if (shape.etag != nullptr && absl::StrCat("--", name) == kEtagFlag) return FieldPath{shape.etag};
  const std::vector<std::string> names = absl::StrSplit(name, '.');
  FieldPath path = Walk(*shape.request, names);
  // A column comes before the row as a whole, which may have the same name.
  const bool whole_row = path.size() == 1 && path.front() == shape.resource;
  if ((path.empty() || whole_row) && shape.resource != nullptr) {
    FieldPath column = Walk(*shape.resource->message_type(), names);
    if (!column.empty()) {
      path = std::move(column);
      path.insert(path.begin(), shape.resource);
    }
  }
  AddEquality(shape, path);
  if (!path.empty()) return path;
  std::vector<std::string> flags;
  for (const Flag& flag : FlagsOf(shape)) flags.push_back(flag.name);
  for (const GlobalFlag& flag : GlobalFlags()) flags.push_back(flag.name);
  return absl::NotFoundError(
      absl::StrCat("unknown flag --", name, DidYouMean(absl::StrCat("--", name), flags)));
}

std::string FlagFor(const Shape& shape, const std::string& violation_path) {
  const std::string::size_type bracket = violation_path.find('[');
  int index = 0;
  if (shape.batch_resource != nullptr && bracket != std::string::npos &&
      absl::SimpleAtoi(violation_path.substr(bracket + 1, violation_path.find(']') - bracket - 1),
                       &index)) {
    return absl::StrCat("row ", index + 1, " of --data");
  }
  const std::string whole = violation_path.substr(0, bracket);
  const std::vector<std::string> names = absl::StrSplit(whole, '.');
  const FieldPath path = Walk(*shape.request, names);
  if (path.empty()) return "";
  for (const FieldPath& key : shape.keys) {
    if (key == path) return absl::StrCat("<", path.back()->name(), ">");
  }
  if (path.front() == shape.filter) return ConditionFor(path);
  if (path.front() == shape.require) return "--require";
  if (path.front() == shape.etag) return kEtagFlag;
  if (IsOfAggregate(shape, *path.front())) return AggregateFlag(path.front()->name());
  if (path.front() == shape.mask) return "--mask";
  if (path.front() == shape.batch) return "";
  if (path.front() == shape.resource && path.size() == 1) return "--data";
  return absl::StrCat("--", DottedKebab(path, path.front() == shape.resource ? 1 : 0));
}

bool IsOutputOnly(const FieldDescriptor& field) {
  return HasBehavior(field, google::api::OUTPUT_ONLY);
}

bool IsLeaf(const FieldDescriptor& field) {
  return field.message_type() == nullptr || field.is_map() ||
         field.message_type()->full_name().starts_with("google.protobuf.");
}

}  // namespace tenantry::cli
