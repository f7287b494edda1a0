#include "server/schema/functions.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "server/schema/columns.h"
#include "server/schema/loader.h"
#include "server/schema/methods.h"
#include "server/schema/naming.h"
#include "server/schema/options.h"
#include "server/schema/tables.h"

namespace tenantry::schema {
namespace {

namespace fs = std::filesystem;
namespace pb = google::protobuf;
using pb::FieldDescriptor;

constexpr absl::string_view kEmpty = "google.protobuf.Empty";
constexpr absl::string_view kArgumentPrefix = "p_";

// A list of messages that are not values.
bool IsListOfMessages(const FieldDescriptor& field) {
  return field.is_repeated() && !field.is_map() &&
         field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type()->file()->package() != "google.protobuf";
}

class FunctionBuilder {
 public:
  FunctionBuilder(const pb::MethodDescriptor& method, const std::deque<Table>& tables,
                  EnumTypes& enums, Reporter& reporter, Function& function)
      : method_(method), tables_(tables), enums_(enums), reporter_(reporter), function_(function) {}

  void Build(const v1::FunctionOptions& options) {
    function_.method = &method_;
    function_.name = options.name().empty() ? SnakeCase(method_.name()) : options.name();
    function_.schema = NamespaceOf(*method_.file());
    function_.sql_name = QuoteQualified(function_.schema, function_.name);
    function_.read_only =
        method_.options().idempotency_level() == pb::MethodOptions::NO_SIDE_EFFECTS;
    function_.security_definer = options.security_definer();
    function_.roles.assign(options.roles().begin(), options.roles().end());
    CheckName("name", function_.name);
    for (const std::string& role : function_.roles) CheckName("role", role);
    if (method_.client_streaming() || method_.server_streaming()) Report("it is a stream");
    BuildRequest();
    BuildReply();
  }

 private:
  void Report(absl::string_view description) { reporter_.Report(method_, description); }

  void CheckName(absl::string_view what, const std::string& name) {
    if (IsSnakeIdentifier(name) && name.size() <= kIdentifierBytesMax) return;
    Report(absl::StrCat(what, " `", name, "` must be lower_snake_case, at most ",
                        kIdentifierBytesMax, " bytes"));
  }

  const Table* FindTable(const pb::Descriptor& message) const {
    for (const Table& table : tables_) {
      if (table.message == &message) return &table;
    }
    return nullptr;
  }

  // Whether the message can be copied into the API as one of the function's own.
  bool IsOwn(const pb::Descriptor& message, absl::string_view what) {
    if (FindTable(message) != nullptr) {
      Report(absl::StrCat(what, ": ", message.full_name(), " is a table"));
    } else if (message.containing_type() != nullptr) {
      Report(absl::StrCat(what, ": ", message.full_name(), " must be a top-level message"));
    } else if (message.file()->package() != method_.file()->package()) {
      Report(absl::StrCat(what, ": ", message.full_name(), " is not of the package ",
                          method_.file()->package()));
    } else {
      return true;
    }
    return false;
  }

  void Name(const pb::Descriptor& message, Table& row) {
    row.message = &message;
    row.schema = function_.schema;
    row.name = function_.name;
    row.sql_name = function_.sql_name;
    row.tenant_column = TenantColumnOf(*method_.file());
    row.tenant_sql_name = QuoteIdentifier(row.tenant_column);
  }

  void AddColumn(const FieldDescriptor& field, Table& row) {
    Column& column = row.columns.emplace_back();
    BuildColumn(field, enums_, reporter_, column);
    column.index = static_cast<int>(row.columns.size()) - 1;
    const v1::ColumnOptions options = ColumnOf(field);
    const bool of_tables = options.managed() != v1::MANAGED_UNSPECIFIED || options.immutable() ||
                           options.visibility() != v1::VISIBILITY_UNSPECIFIED;
    if (of_tables || column.is_computed()) {
      reporter_.Report(field, "managed, immutable, visibility and function are for tables");
    }
  }

  void BuildRequest() {
    const pb::Descriptor& message = *method_.input_type();
    if (!IsOwn(message, "the request")) return;
    Name(message, function_.request);
    std::vector<const FieldDescriptor*> fields;
    for (int i = 0; i < message.field_count(); ++i) fields.push_back(message.field(i));
    std::sort(fields.begin(), fields.end(),
              [](const auto* a, const auto* b) { return a->number() < b->number(); });
    for (const FieldDescriptor* field : fields) {
      if (field->number() >= field_number::kSelect) {
        reporter_.Report(*field, absl::StrCat("numbers from ", field_number::kSelect,
                                              " on are for fields that all requests have"));
      }
      IsListOfMessages(*field) ? AddList(*field) : AddArgument(*field);
    }
    CheckArguments();
  }

  void AddArgument(const FieldDescriptor& field) {
    AddColumn(field, function_.request);
    const Column& column = function_.request.columns.back();
    function_.arguments.push_back(
        {absl::StrCat(kArgumentPrefix, column.name), PlainType(column), &column, nullptr});
  }

  void AddList(const FieldDescriptor& field) {
    const pb::Descriptor& message = *field.message_type();
    if (!IsOwn(message, field.name())) return;
    Function::List& list = function_.lists.emplace_back();
    list.field = &field;
    Name(message, list.entry);
    for (int i = 0; i < message.field_count(); ++i) {
      if (message.field(i)->is_repeated()) {
        reporter_.Report(*message.field(i),
                         absl::StrCat("is in the list ", method_.input_type()->full_name(), ".",
                                      field.name(), " and cannot be a list itself"));
        continue;
      }
      AddColumn(*message.field(i), list.entry);
      const Column& column = list.entry.columns.back();
      function_.arguments.push_back({absl::StrCat(kArgumentPrefix, field.name(), "_", column.name),
                                     absl::StrCat(PlainType(column), "[]"), &column, &list});
    }
  }

  void CheckArguments() {
    std::set<std::string> names = {TenantArgument(function_)};
    for (const Function::Argument& argument : function_.arguments) {
      const FieldDescriptor& field = *argument.column->field;
      if (!names.insert(argument.name).second) {
        reporter_.Report(field, absl::StrCat("the function has an argument ", argument.name,
                                             " already: rename the field, or give it another name "
                                             "by the option `name`"));
      } else if (argument.name.size() > kIdentifierBytesMax) {
        reporter_.Report(field, absl::StrCat("the argument's name ", argument.name, " has ",
                                             argument.name.size(), " bytes; at most ",
                                             kIdentifierBytesMax, " are possible"));
      }
    }
  }

  void BuildReply() {
    const pb::Descriptor& message = *method_.output_type();
    if (message.full_name() == kEmpty) return;
    function_.result = FindTable(message);
    if (function_.result != nullptr || !IsOwn(message, "the reply")) return RefuseView();
    if (message.field_count() == 1 && IsListOfMessages(*message.field(0))) {
      return BuildRows(*message.field(0));
    }
    if (message.field_count() == 0) Report(absl::StrCat("the reply: use ", kEmpty));
    BuildRow(message);
  }

  void BuildRow(const pb::Descriptor& message) {
    function_.result = &function_.row;
    Name(message, function_.row);
    std::set<std::string> names;
    for (int i = 0; i < message.field_count(); ++i) {
      AddColumn(*message.field(i), function_.row);
      const std::string& name = function_.row.columns.back().name;
      if (!names.insert(name).second) {
        reporter_.Report(*message.field(i),
                         absl::StrCat("the reply has a column ", name, " already"));
      }
    }
  }

  void BuildRows(const FieldDescriptor& field) {
    function_.many = true;
    if (field.number() != field_number::kRows) {
      reporter_.Report(field,
                       absl::StrCat("the rows of a reply have the number ", field_number::kRows));
    }
    // What has been committed must be told, and a reply has a limit.
    if (!function_.read_only) {
      Report(
          "a function that writes answers with one row, or with nothing. When it only reads, say "
          "so by `option idempotency_level = NO_SIDE_EFFECTS`");
    }
    function_.result = FindTable(*field.message_type());
    if (function_.result == nullptr && IsOwn(*field.message_type(), field.name())) {
      BuildRow(*field.message_type());
    }
    RefuseView();
  }

  // A view that changes goes and comes back, and would take the function along.
  void RefuseView() {
    if (function_.result == nullptr || !function_.result->is_view()) return;
    Report("the reply is a view: answer with a message of columns");
  }

  const pb::MethodDescriptor& method_;
  const std::deque<Table>& tables_;
  EnumTypes& enums_;
  Reporter& reporter_;
  Function& function_;
};

// Nothing when the text can be a body.
std::optional<std::string> WhyNoBody(const std::string& text) {
  if (absl::StripAsciiWhitespace(text).empty()) return "is empty";
  if (text.find('\0') != std::string::npos) return "holds a zero byte";
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripLeadingAsciiWhitespace(line);
    if (absl::StartsWith(line, "-- tenantry:")) {
      return "has a line that begins with `-- tenantry:`, as the sections of migrations do";
    }
    if (absl::StartsWithIgnoreCase(line, "CREATE FUNCTION") ||
        absl::StartsWithIgnoreCase(line, "CREATE OR REPLACE FUNCTION")) {
      return "holds CREATE FUNCTION: write the body alone, which the method declares the function "
             "of";
    }
  }
  return std::nullopt;
}

}  // namespace

bool HasFunctions(const pb::ServiceDescriptor& service) {
  for (int i = 0; i < service.method_count(); ++i) {
    if (FunctionOf(*service.method(i)).has_value()) return true;
  }
  return false;
}

void BuildFunctions(const pb::ServiceDescriptor& service, const std::deque<Table>& tables,
                    EnumTypes& enums, Reporter& reporter, std::deque<Function>& functions) {
  for (int i = 0; i < service.method_count(); ++i) {
    const pb::MethodDescriptor& method = *service.method(i);
    const auto options = FunctionOf(method);
    if (!options.has_value()) {
      reporter.Report(method,
                      "other methods of this service are functions of the database, and all are or "
                      "none: `option (tenantry.v1.function) = {}`");
      continue;
    }
    Function& function = functions.emplace_back();
    FunctionBuilder(method, tables, enums, reporter, function).Build(*options);
  }
}

std::string TenantArgument(const Function& function) {
  return absl::StrCat(kArgumentPrefix, function.request.tenant_column);
}

namespace {

// What the functions are of that compute fields.
template <typename Tables, typename Each>
void EachComputed(Tables& tables, Each each) {
  for (auto& table : tables) {
    for (auto& column : table.columns) {
      if (column.is_computed()) each(column);
    }
  }
}

std::string NameIn(const Column& column) { return ColumnOf(*column.field).function(); }

}  // namespace

void CheckFunctions(const std::deque<Function>& functions, const std::deque<Table>& tables,
                    Reporter& reporter) {
  std::map<std::string, std::string> computed;
  EachComputed(tables, [&](const Column& column) {
    auto [first, fresh] = computed.emplace(column.function, column.field->full_name());
    if (fresh) return;
    reporter.Report(*column.field, absl::StrCat("the function ", NameIn(column), " is that of ",
                                                first->second, " already"));
  });
  std::map<std::string, const Function*> names;
  std::map<const pb::Descriptor*, const Function*> requests;
  for (const Function& function : functions) {
    if (const auto other = computed.find(function.sql_name); other != computed.end()) {
      reporter.Report(*function.method,
                      absl::StrCat("the function ", function.name, " is that of ", other->second));
    }
    auto [named, fresh] = names.emplace(function.sql_name, &function);
    if (!fresh) {
      reporter.Report(*function.method, absl::StrCat("the function ", function.name, " is that of ",
                                                     named->second->method->full_name()));
    }
    auto [asked, own] = requests.emplace(function.method->input_type(), &function);
    if (!own) {
      reporter.Report(*function.method,
                      absl::StrCat("the request ", function.method->input_type()->full_name(),
                                   " is that of ", asked->second->method->full_name()));
    }
  }
}

void ReadBodies(const std::string& directory, std::deque<Function>& functions,
                std::deque<Table>& tables, Reporter& reporter) {
  std::set<std::string> bound;
  // `of`: what the function is declared by.
  const auto read = [&](const std::string& name, const auto& of, std::string& body) {
    const std::string path = absl::StrCat(directory, "/", name, ".sql");
    bound.insert(name + ".sql");
    absl::StatusOr<std::string> text = ReadFile(path, kSourceFileBytesMax);
    if (!text.ok()) {
      reporter.Report(
          of, absl::StrCat("the body of the function is not there: ", text.status().message()));
    } else if (auto why = WhyNoBody(*text)) {
      reporter.Report(of, absl::StrCat(path, " ", *why));
    } else {
      body = *std::move(text);
    }
  };
  for (Function& function : functions) read(function.name, *function.method, function.body);
  EachComputed(tables,
               [&](Column& column) { read(NameIn(column), *column.field, column.function_body); });
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (it->path().extension() != ".sql" || bound.contains(name)) continue;
    reporter.ReportOutside(it->path().string(),
                           "no method and no field is bound to a function of this name");
  }
}

}  // namespace tenantry::schema
