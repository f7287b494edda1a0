#include "client/cli/help.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/arguments.h"
#include "client/cli/fields.h"
#include "client/cli/names.h"
#include "client/cli/shape.h"
#include "client/cli/table.h"
#include "google/protobuf/descriptor.pb.h"
#include "tenantry/v1/options.pb.h"

namespace tenantry::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using tenantry::v1::MethodKind;

constexpr char kUsageText[] = R"(Call a Tenantry server, or any gRPC server that has reflection.

  tenantry <resource> <method> [key] [flags]     call a method
  tenantry <resource> --help                     its methods;  with a method: its flags
  tenantry methods                               every resource and method
  tenantry describe <resource>                   its fields, keys and relations
  tenantry call <package.Service/Method>         any unary method; --data takes the request
  tenantry session                               who the server takes you for
  tenantry health [service...]                   is it serving?
  tenantry config                                settings in force, and where they come from
  tenantry completion bash                       a script for bash to complete commands with

)";

constexpr char kExamples[] = R"(
Examples
  tenantry contact list --tenant acme --page-size 5
  tenantry contact create --name Ada --type individual --email ada@example.com
  tenantry contact update <id> --set phone=+15550100 --clear notes
  tenantry contact list --where email=ada@example.com -o json
  tenantry contact list --all -o ndjson | tenantry contact batch-create --tenant globex

Settings: .tenantry.json here or in a folder above, else ~/.config/tenantry/config.json:
  {"server": "unix:/run/tenantry.sock", "tenants": {"acme": "<uuid>"}, "tenant": "acme", "user": "ada"}
over it TENANTRY_SERVER, TENANTRY_TENANT, TENANTRY_USER, TENANTRY_ROLE, TENANTRY_TLS_CA (TENANTRY_CONFIG
names the file); over them the flags.

Exit codes: 0 done, 1 wrong usage, 2 the server refused the call, 3 no server or no answer in time.
)";

const char* Verb(MethodKind kind) {
  switch (kind) {
    case tenantry::v1::METHOD_KIND_GET:
      return "read one by its key";
    case tenantry::v1::METHOD_KIND_LIST:
      return "list, a page at a time";
    case tenantry::v1::METHOD_KIND_CREATE:
      return "make one";
    case tenantry::v1::METHOD_KIND_UPDATE:
      return "change fields of one";
    case tenantry::v1::METHOD_KIND_DELETE:
      return "delete one";
    case tenantry::v1::METHOD_KIND_UPSERT:
      return "make one, or change the one with its key";
    case tenantry::v1::METHOD_KIND_BATCH_GET:
      return "read several by their keys";
    case tenantry::v1::METHOD_KIND_BATCH_CREATE:
      return "make several, all or none";
    default:
      return "";
  }
}

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
  return out;
}

std::string MethodSummary(const Method& method) {
  const std::string verb = Verb(method.kind);
  if (!verb.empty()) return verb;
  const auto& rpc = *method.descriptor;
  const char* stream = rpc.client_streaming() || rpc.server_streaming() ? " (streaming)" : "";
  return absl::StrCat(rpc.input_type()->name(), " -> ", rpc.output_type()->name(), stream);
}

// "unique email", "key", "managed", ...
std::string FieldNotes(const Descriptor& table, const FieldDescriptor& field) {
  std::vector<std::string> notes;
  const std::vector<std::string> key = PrimaryKey(table);
  if (std::find(key.begin(), key.end(), field.name()) != key.end()) notes.push_back("key");
  for (const auto& unique : table.options().GetExtension(tenantry::v1::table).unique()) {
    if (unique.columns_size() == 1 && unique.columns(0) == field.name()) notes.push_back("unique");
  }
  if (IsOutputOnly(field)) notes.push_back("set by the server");
  if (IsRequired(field)) notes.push_back("required");
  if (const std::string limits = LimitsOf(field); !limits.empty()) notes.push_back(limits);
  if (const std::string value = DefaultOf(field); !value.empty()) {
    notes.push_back("default " + value);
  }
  return absl::StrJoin(notes, ", ");
}

std::string RelationText(const tenantry::v1::RelationOptions& relation) {
  const std::string columns = absl::StrJoin(relation.columns(), ", ");
  const std::string there =
      relation.references().empty()
          ? ""
          : absl::StrCat("(", absl::StrJoin(relation.references(), ", "), ")");
  return absl::StrCat(columns, relation.many() ? " <- many " : " -> ", relation.table(), there);
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
  return absl::StrCat(out, Pairs(pairs), "\nFlags of every command\n", GlobalFlagText());
}

std::string Description(const Resource& resource) {
  if (resource.table == nullptr) return ResourceHelp(resource);
  const Descriptor& table = *resource.table;
  const auto& options = table.options().GetExtension(tenantry::v1::table);
  Table fields;
  fields.columns = {{"field"}, {"type"}, {"null"}, {"notes"}};
  for (int i = 0; i < table.field_count(); ++i) {
    const FieldDescriptor& field = *table.field(i);
    const bool nullable = field.has_presence() &&
                          !field.options().GetExtension(tenantry::v1::column).not_null() &&
                          !field.options().GetExtension(tenantry::v1::column).managed();
    fields.rows.push_back(
        {field.name(), TypeOf(field), nullable ? "null" : "", FieldNotes(table, field)});
  }
  std::string out =
      absl::StrCat(table.full_name(), ", table ", options.name(), "\n\n", RenderTable(fields, {}));
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& relation : options.relations()) {
    pairs.emplace_back(relation.name(), RelationText(relation));
  }
  if (!pairs.empty()) absl::StrAppend(&out, "\nRelations\n", Pairs(pairs));
  std::vector<std::string> names;
  for (const Method& method : resource.methods) names.push_back(method.name);
  return absl::StrCat(out, "\nMethods: ", absl::StrJoin(names, ", "), "\n");
}

}  // namespace tenantry::cli
