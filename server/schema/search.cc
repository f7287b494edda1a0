#include "server/schema/search.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/schema/columns.h"
#include "server/schema/naming.h"
#include "server/schema/tables.h"

namespace tenantry::schema {
namespace {

// How many characters of the column are searched.
int SearchedLength(const Column& column) {
  return column.length_max == 0 ? kSearchedColumnMax
                                : std::min(column.length_max, kSearchedColumnMax);
}

// `A` of SEARCH_WEIGHT_A.
std::string LetterOf(v1::SearchWeight weight) {
  return std::string(1, v1::SearchWeight_Name(weight).back());
}

std::string VectorOf(const Search::Part& part, const std::string& configuration) {
  const Column& column = *part.column;
  std::string text = column.sql_name;
  if (column.length_max == 0 || column.length_max > kSearchedColumnMax) {
    text = absl::StrCat("left(", text, ", ", kSearchedColumnMax, ")");
  }
  // Also where there is no NULL: that may change, and the words stay.
  const std::string vector =
      absl::StrCat("to_tsvector(", configuration, ", coalesce(", text, ", ''))");
  if (part.weight == v1::SEARCH_WEIGHT_D) return vector;  // that of words by default
  return absl::StrCat("setweight(", vector, ", '", LetterOf(part.weight), "')");
}

class SearchBuilder {
 public:
  SearchBuilder(const v1::SearchOptions& options, Reporter& reporter, Table& table)
      : options_(options), reporter_(reporter), table_(table) {}

  void Build() {
    SetName();
    SetConfiguration();
    for (const v1::SearchColumn& column : options_.columns()) AddPart(column);
    if (options_.columns().empty()) Report("no columns");
    CheckLength();
    CheckRelations();
    search_.expression =
        absl::StrJoin(search_.parts, " || ", [this](std::string* out, const Search::Part& part) {
          absl::StrAppend(out, VectorOf(part, search_.configuration));
        });
    table_.search = std::move(search_);
  }

 private:
  void Report(absl::string_view description) {
    reporter_.Report(*table_.message, absl::StrCat("search: ", description));
  }

  void SetName() {
    search_.name = options_.name().empty() ? "search_vector" : options_.name();
    search_.sql_name = QuoteIdentifier(search_.name);
    CheckName(table_, "search: name", search_.name, reporter_);
    const bool taken = search_.name == table_.tenant_column ||
                       absl::c_any_of(table_.columns, [&](const Column& other) {
                         return other.stored && other.name == search_.name;
                       });
    if (!taken) return;
    Report(absl::StrCat("the table has a column `", search_.name,
                        "` already: give this one another name by `name`"));
  }

  void SetConfiguration() {
    const std::string& given = options_.configuration();
    std::vector<std::string> parts = absl::StrSplit(given.empty() ? "simple" : given, '.');
    if (parts.size() == 1) parts.insert(parts.begin(), "pg_catalog");
    const bool named = parts.size() == 2 && absl::c_all_of(parts, [](const std::string& part) {
                         return IsSnakeIdentifier(part) && part.size() <= kIdentifierBytesMax;
                       });
    if (!named) {
      Report(absl::StrCat("configuration `", given,
                          "` must be the name of a text search configuration, such as `english`, "
                          "or `schema.name` in lower_snake_case"));
    }
    search_.configuration = absl::StrCat(QuoteLiteral(absl::StrJoin(parts, ".")), "::regconfig");
  }

  void AddPart(const v1::SearchColumn& options) {
    const Column* column = table_.FindColumn(options.column());
    const std::string what = absl::StrCat("`", options.column(), "` ");
    if (column == nullptr) return Report(absl::StrCat("no field ", what));
    if (column->type != Type::kText || column->array || !column->stored) {
      Report(absl::StrCat(what, "is of type ", DescribeType(*column), "; only texts are searched"));
    } else if (!column->generated_sql.empty()) {
      Report(absl::StrCat(what, "is generated: search what it is generated from"));
    } else if (!column->is_readable()) {
      Report(absl::StrCat(what, "is not for callers to read: a search would tell what it holds"));
    }
    if (absl::c_any_of(search_.parts,
                       [&](const Search::Part& part) { return part.column == column; })) {
      Report(absl::StrCat(what, "is named twice"));
    }
    if (!v1::SearchWeight_IsValid(options.weight())) Report(absl::StrCat(what, "unknown weight"));
    const bool plain = options.weight() == v1::SEARCH_WEIGHT_UNSPECIFIED;
    search_.parts.push_back({column, plain ? v1::SEARCH_WEIGHT_D : options.weight()});
  }

  void CheckLength() {
    int length = 0;
    for (const Search::Part& part : search_.parts) length += SearchedLength(*part.column);
    if (length <= kSearchedMax) return;
    Report(absl::StrCat("the columns may have ", length, " characters together, at most ",
                        kSearchedMax, " are possible (", kSearchedColumnMax,
                        " count for one without max_length): name fewer, or give them a smaller "
                        "max_length"));
  }

  void CheckRelations() {
    for (const v1::RelationOptions& relation :
         table_.message->options().GetExtension(v1::table).relations()) {
      if (relation.name() != "rank" || relation.many()) continue;
      Report("orders of the table have a field `rank`: give the relation `rank` another name");
    }
  }

  const v1::SearchOptions& options_;
  Reporter& reporter_;
  Table& table_;
  Search search_;
};

}  // namespace

void BuildSearch(const v1::SearchOptions& options, Reporter& reporter, Table& table) {
  SearchBuilder(options, reporter, table).Build();
}

}  // namespace tenantry::schema
