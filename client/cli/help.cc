#include "client/cli/help.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/aggregate.h"
#include "client/cli/arguments.h"
#include "client/cli/fields.h"
#include "client/cli/kinds.h"
#include "client/cli/names.h"
#include "client/cli/shape.h"
#include "client/cli/table.h"
#include "client/cli/where.h"
#include "google/protobuf/descriptor.pb.h"
#include "tenantry/v1/api.pb.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr char kUsageText[] = R"(Call a Tenantry server, or any gRPC server that has reflection.

  tenantry <resource> <method> [key] [flags]     call a method
  tenantry <resource> --help                     its methods;  with a method: its flags
  tenantry methods                               every resource and method
  tenantry describe <resource>                   its fields, keys and relations
  tenantry call <package.Service/Method>         any unary method; --data takes the request
  tenantry transact <file>                       the commands in a file, one on each line, all or nothing
  tenantry session                               who the server takes you for
  tenantry health [service...]                   is it serving?
  tenantry config                                settings in force, and where they come from
  tenantry completion bash|zsh|fish              a script for the shell to complete commands with

)";

constexpr char kExamples[] = R"(
Examples
  tenantry contact list --tenant acme --page-size 5
  tenantry contact create --name Ada --type individual --email ada@example.com
  tenantry contact update <id> --set phone=+15550100 --clear notes
  tenantry contact list --where name~ada --where 'orders.total_cents>=5000' -o json
  tenantry order list --select total_cents,contact.name,items:5.product.name
  tenantry contact list --select name --measure 'orders.count,shipped=orders.sum:total_cents[status=shipped]'
  tenantry order list --order contact.name,-total_cents --total exact
  tenantry order aggregate --by status,created_at:month --measure count,sum:total_cents
  tenantry contact list --all -o ndjson | tenantry contact batch-create --tenant globex

Settings: .tenantry.json here or in a folder above, else ~/.config/tenantry/config.json:
  {"server": "unix:/run/tenantry.sock", "tenants": {"acme": "<uuid>"}, "tenant": "acme", "user": "ada"}
over it TENANTRY_SERVER, TENANTRY_TENANT, TENANTRY_USER, TENANTRY_ROLE, TENANTRY_TLS_CA (TENANTRY_CONFIG
names the file); over them the flags.

Exit codes: 0 done, 1 wrong usage, 2 the server refused the call, 3 no server or no answer in time.
)";

// Lines of "  left  right", aligned.
std::string Pairs(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::size_t widest = 0;
  for (const auto& [left, right] : pairs) {
    if (left.size() <= 34) widest = std::max(widest, left.size());
  }
  std::string out;
  for (const auto& [left, right] : pairs) {
    const std::size_t pad = left.size() < widest ? widest - left.size() : 0;
    absl::StrAppend(&out, "  ", left);
    if (!right.empty()) absl::StrAppend(&out, std::string(pad, ' '), "  ", right);
    out += "\n";
  }
  return out;
}

std::string GlobalFlagText() {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const GlobalFlag& flag : GlobalFlags()) {
    const std::string brief = *flag.brief == '\0' ? "" : absl::StrCat(", ", flag.brief);
    const std::string value = *flag.value == '\0' ? "" : absl::StrCat(" ", flag.value);
    pairs.emplace_back(absl::StrCat(flag.name, brief, value), flag.doc);
  }
  return Pairs(pairs);
}

std::string KeyArguments(const Shape& shape) {
  std::string out;
  for (const FieldPath& key : shape.keys) absl::StrAppend(&out, " <", key.back()->name(), ">");
  if (shape.batch != nullptr && shape.batch_resource == nullptr) out = " <key>...";
  if (shape.imported != nullptr) out = " FILE";
  return out;
}

std::string MethodSummary(const Method& method) {
  const std::string summary = SummaryOf(method.kind);
  if (!summary.empty()) return summary;
  const auto& rpc = *method.descriptor;
  const char* stream = rpc.client_streaming() || rpc.server_streaming() ? " (streaming)" : "";
  return absl::StrCat(rpc.input_type()->name(), " -> ", rpc.output_type()->name(), stream);
}

// "key", "unique", "required", ...
std::string FieldNotes(const Descriptor& table, const FieldDescriptor& field) {
  std::vector<std::string> notes;
  for (const auto& key : table.options().GetExtension(tenantry::v1::resource).keys()) {
    const bool primary = key.number() == 1;
    const auto found = std::find(key.fields().begin(), key.fields().end(), field.name());
    if (found == key.fields().end() || (!primary && key.fields_size() > 1)) continue;
    notes.emplace_back(primary ? "key" : "unique");
  }
  if (IsOutputOnly(field)) notes.emplace_back("set by the server");
  if (HasBehavior(field, google::api::REQUIRED)) notes.emplace_back("required");
  if (HasBehavior(field, google::api::INPUT_ONLY)) notes.emplace_back("never shown");
  if (const std::string limits = LimitsOf(field); !limits.empty()) notes.push_back(limits);
  if (HasBehavior(field, google::api::NON_EMPTY_DEFAULT)) notes.emplace_back("has a default");
  return absl::StrJoin(notes, ", ");
}

bool MayBeNull(const FieldDescriptor& field) {
  return field.has_presence() && !IsOutputOnly(field) &&
         !HasBehavior(field, google::api::REQUIRED) &&
         !HasBehavior(field, google::api::NON_EMPTY_DEFAULT);
}

std::string RelationText(const FieldDescriptor& field) {
  const auto& link = field.options().GetExtension(tenantry::v1::link);
  return absl::StrCat(absl::StrJoin(link.fields(), ", "),
                      field.is_repeated() ? " <- many " : " -> ", field.message_type()->name(), "(",
                      absl::StrJoin(link.references(), ", "), ")");
}

}  // namespace

std::string GeneralHelp(const Catalog* catalog) {
  std::string out = absl::StrCat(kUsageText, "Flags\n", GlobalFlagText());
  if (catalog != nullptr) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const Resource& resource : catalog->resources()) {
      std::vector<std::string> names;
      for (const Method& method : resource.methods) names.push_back(method.name);
      pairs.emplace_back(resource.word, absl::StrJoin(names, ", "));
    }
    absl::StrAppend(&out, "\nResources of this server\n", Pairs(pairs));
  }
  return absl::StrCat(out, kExamples);
}

std::string ResourceHelp(const Resource& resource) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const Method& method : resource.methods) {
    pairs.emplace_back(absl::StrCat(method.name, KeyArguments(ShapeOf(method))),
                       MethodSummary(method));
  }
  return absl::StrCat("tenantry ", resource.word, " <method> [flags]    (", resource.full_name,
                      ")\n\n", Pairs(pairs), "\nFlags of a method: tenantry ", resource.word,
                      " <method> --help. Fields: tenantry describe ", resource.word, "\n");
}

std::string MethodHelp(const Resource& resource, const Method& method) {
  const Shape shape = ShapeOf(method);
  std::string out = absl::StrCat("tenantry ", resource.word, " ", method.name, KeyArguments(shape),
                                 " [flags]    ", MethodSummary(method), "\n\nCalls ",
                                 method.Path().substr(1), "\n\n");
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const Flag& flag : FlagsOf(shape)) {
    pairs.emplace_back(absl::StrCat(flag.name, flag.value.empty() ? "" : " ", flag.value),
                       flag.doc);
  }
  return absl::StrCat(out, Pairs(pairs), shape.group_by != nullptr ? AggregateHelp() : "",
                      shape.filter != nullptr ? ConditionHelp() : "", "\nFlags of every command\n",
                      GlobalFlagText());
}

std::string Description(const Resource& resource) {
  if (resource.table == nullptr) return ResourceHelp(resource);
  const Descriptor& table = *resource.table;
  Table fields;
  fields.columns = {{"field"}, {"type"}, {"null"}, {"notes"}};
  std::vector<std::pair<std::string, std::string>> pairs;
  for (int i = 0; i < table.field_count(); ++i) {
    const FieldDescriptor& field = *table.field(i);
    if (IsRelation(field)) {
      pairs.emplace_back(field.name(), RelationText(field));
    } else {
      fields.rows.push_back(
          {field.name(), TypeOf(field), MayBeNull(field) ? "null" : "", FieldNotes(table, field)});
    }
  }
  std::string out = absl::StrCat(table.full_name(), "\n\n", RenderTable(fields, {}));
  if (!pairs.empty()) absl::StrAppend(&out, "\nRelations\n", Pairs(pairs));
  std::vector<std::string> names;
  for (const Method& method : resource.methods) names.push_back(method.name);
  return absl::StrCat(out, "\nMethods: ", absl::StrJoin(names, ", "), "\n");
}

}  // namespace tenantry::cli
