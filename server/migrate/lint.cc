#include "server/migrate/lint.h"

#include <algorithm>
#include <fstream>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/migrate/sql_text.h"
#include "server/schema/methods.h"

namespace tenantry::migrate {
namespace {

constexpr int kColumnsMax = 1600;  // of a table in PostgreSQL, dropped ones included
constexpr int kColumnsMany = 1200;

using Names = google::protobuf::RepeatedPtrField<std::string>;

bool BeginsWith(const Names& index, const Names& columns) {
  if (index.size() < columns.size()) return false;
  const std::set<std::string> wanted(columns.begin(), columns.end());
  return std::all_of(index.begin(), index.begin() + columns.size(),
                     [&](const std::string& name) { return wanted.contains(name); });
}

class SchemaLint {
 public:
  explicit SchemaLint(const v1::Snapshot& model) : model_(model) {}

  std::vector<LintFinding> Run() {
    for (const v1::Table& table : model_.tables()) {
      CheckForeignKeys(table);
      CheckColumns(table);
      CheckPolicies(table);
    }
    for (const v1::Function& function : model_.functions()) {
      if (!function.computes()) CheckFunction(function);
    }
    CheckCircles();
    return std::move(findings_);
  }

 private:
  static std::string NameOf(const v1::Table& table) {
    return absl::StrCat(table.schema(), ".", table.name());
  }
  void Find(const char* rule, std::string object, std::string what) {
    findings_.push_back({rule, std::move(object), std::move(what)});
  }

  void CheckForeignKeys(const v1::Table& table) {
    for (const v1::ForeignKey& key : table.foreign_keys()) {
      bool found = BeginsWith(table.primary_key().columns(), key.columns());
      for (const v1::Index& index : table.indexes()) {
        found = found || (index.where().empty() && index.method() == "btree" &&
                          BeginsWith(index.columns(), key.columns()));
      }
      if (found) continue;
      Find("unindexed_foreign_key", absl::StrCat(NameOf(table), ".", key.name()),
           absl::StrCat("no index begins with (", absl::StrJoin(key.columns(), ", "),
                        "): a Delete of ", key.target_schema(), ".", key.target_table(),
                        " reads the whole table"));
    }
  }

  void CheckColumns(const v1::Table& table) {
    if (table.columns_size() <= kColumnsMany) return;
    Find("too_many_columns", NameOf(table),
         absl::StrCat("has ", table.columns_size(), " columns, and PostgreSQL allows ", kColumnsMax,
                      ", those that were dropped included"));
  }

  void CheckPolicies(const v1::Table& table) {
    for (const v1::Policy& policy : table.policies()) {
      const std::string object = absl::StrCat(NameOf(table), ".", policy.name());
      for (const std::string& sql : {policy.using_sql(), policy.with_check_sql()}) {
        if (!absl::StrContains(absl::AsciiStrToLower(sql), "select")) continue;
        Find("policy_with_sub_select", object,
             "has a sub-select, which runs for every row: call a STABLE function instead");
        break;
      }
    }
  }

  void CheckFunction(const v1::Function& function) {
    const std::string object = absl::StrCat(function.schema(), ".", function.name());
    const std::string& tenant = function.arguments(0).name();
    if (!Mentions(function.body(), tenant)) {
      Find("function_without_tenant", object,
           absl::StrCat("does not name ", tenant,
                        ": let each table in it say that its tenant is that, so that its index is "
                        "found, and row-level security is not all there is between tenants"));
    }
    const std::string body = absl::AsciiStrToLower(function.body());
    for (const char* word : {"insert", "update", "delete", "merge", "truncate", "nextval"}) {
      if (!function.stable() || !Mentions(body, word)) continue;
      Find("read_function_writes", object,
           absl::StrCat("says ", absl::AsciiStrToUpper(word),
                        ", and its method is said to have no side effects: it runs in a "
                        "transaction that is read only"));
      break;
    }
  }

  // Rows of such tables can only be written in one statement, and no Delete can begin.
  void CheckCircles() {
    for (const v1::Table& table : model_.tables()) {
      std::vector<std::string> way;
      if (LeadsTo(table, NameOf(table), way) &&
          *std::min_element(way.begin(), way.end()) == way[0]) {
        Find("circle_of_not_null_references", NameOf(table),
             absl::StrCat("no first row can be written: ", absl::StrJoin(way, " needs "), " needs ",
                          way[0]));
      }
    }
  }

  bool LeadsTo(const v1::Table& from, const std::string& end, std::vector<std::string>& way) {
    if (std::count(way.begin(), way.end(), NameOf(from)) > 0) return false;
    way.push_back(NameOf(from));
    for (const v1::ForeignKey& key : from.foreign_keys()) {
      if (!IsRequired(from, key)) continue;
      const std::string target = absl::StrCat(key.target_schema(), ".", key.target_table());
      if (target == end) return true;
      for (const v1::Table& table : model_.tables()) {
        if (NameOf(table) == target && LeadsTo(table, end, way)) return true;
      }
    }
    way.pop_back();
    return false;
  }

  static bool IsRequired(const v1::Table& table, const v1::ForeignKey& key) {
    for (const std::string& name : key.columns()) {
      for (const v1::Column& column : table.columns()) {
        if (column.name() == name && !column.not_null()) return false;
      }
    }
    return true;
  }

  const v1::Snapshot& model_;
  std::vector<LintFinding> findings_;
};

}  // namespace

std::string LintFinding::ToString() const {
  return absl::StrCat(object, " ", what, " (", rule, ")");
}

std::vector<LintFinding> LintSchema(const v1::Snapshot& model) { return SchemaLint(model).Run(); }

std::vector<LintFinding> LintFilters(const schema::Schema& schema) {
  std::vector<LintFinding> findings;
  for (const schema::Table& table : schema.tables()) {
    // No index is a view's own: those of the tables serve its query.
    if (!schema::IsRead(table) || table.is_view()) continue;
    std::vector<std::string> names;
    for (const schema::Column* column : table.readable()) {
      if (!column->filterable && !table.HasIndexOn(*column)) names.push_back(column->name);
    }
    if (names.empty()) continue;
    findings.push_back({"unindexed_filter", absl::StrCat(table.schema, ".", table.name),
                        absl::StrCat("cannot be filtered by ", absl::StrJoin(names, ", "),
                                     ": no index begins with them, and they are not filterable")});
  }
  return findings;
}

absl::StatusOr<std::vector<LintFinding>> WithoutExceptions(std::vector<LintFinding> findings,
                                                           const std::string& path) {
  std::ifstream file(path);
  if (!file) return findings;
  std::vector<LintFinding> about_file;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const absl::string_view text = absl::StripAsciiWhitespace(line);
    if (text.empty() || text.front() == '#') continue;
    const std::vector<std::string> words = absl::StrSplit(text, absl::MaxSplits(' ', 2));
    const std::string where = absl::StrCat(path, ":", number);
    if (words.size() < 3) {
      about_file.push_back({"lint_exceptions", where, "gives no reason: RULE OBJECT REASON"});
      continue;
    }
    const std::size_t erased = std::erase_if(findings, [&](const LintFinding& finding) {
      return finding.rule == words[0] && (words[1] == "*" || finding.object == words[1]);
    });
    if (erased == 0) {
      about_file.push_back({"lint_exceptions", where, "stands for nothing: remove it"});
    }
  }
  findings.insert(findings.end(), about_file.begin(), about_file.end());
  return findings;
}

}  // namespace tenantry::migrate
