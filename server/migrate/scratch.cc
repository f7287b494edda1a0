#include "server/migrate/scratch.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/migrate/model.h"
#include "server/migrate/sql_text.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {

std::string ScratchOf(const std::string& name) {
  return schema::FitIdentifier("tenantry_check_" + name);
}

namespace {

// Functions name tables as their results. Their bodies find what they speak of by the search_path.
void FunctionsInScratch(v1::Snapshot& model, Renames renames) {
  for (v1::Function& function : *model.mutable_functions()) {
    const std::string scratch = ScratchOf(function.schema());
    for (const v1::Table& table : model.tables()) {
      if (table.schema() != scratch) continue;
      renames.types[{function.schema(), table.name()}] = {scratch, table.name()};
    }
    function.set_schema(scratch);
    function.set_result(Carry(function.result(), renames));
    for (v1::Argument& argument : *function.mutable_arguments()) {
      argument.set_type(Carry(argument.type(), renames));
    }
  }
}

// Puts the tables, views, functions and types that a query names with their namespaces into scratch
// ones. A name before a point may also be a table's in the query, and then a column follows:
// `notes.kind` is a type behind `::` alone, and `notes.tags` a table where FROM has tables.
class QueryInScratch {
 public:
  QueryInScratch(const v1::Snapshot& model, const std::string& sql)
      : sql_(sql), tokens_(SqlTokens(sql)) {
    for (const v1::Table& table : model.tables()) relations_.insert({table.schema(), table.name()});
    for (const v1::View& view : model.views()) relations_.insert({view.schema(), view.name()});
    for (const v1::EnumType& type : model.enums()) types_.insert({type.schema(), type.name()});
    for (const std::string& name : NamespacesOf(model)) namespaces_.insert(name);
  }

  std::string Run() {
    std::string out;
    std::size_t copied = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const SqlToken& token = tokens_[i];
      Follow(i);
      if (!IsQualified(i) || !IsOfNamespace(i)) continue;
      absl::StrAppend(&out, absl::string_view(sql_).substr(copied, token.begin - copied),
                      schema::QuoteIdentifier(ScratchOf(token.text)));
      copied = token.end;
    }
    return absl::StrCat(out, absl::string_view(sql_).substr(copied));
  }

 private:
  enum class Clause { kFrom, kOn, kOther };

  bool Is(std::size_t i, absl::string_view symbol) const {
    return i < tokens_.size() && tokens_[i].kind == SqlToken::Kind::kSymbol &&
           tokens_[i].text == symbol;
  }

  // Where in the query, and in each of its sub-queries, a token stands.
  void Follow(std::size_t i) {
    Clause& clause = clauses_.back();
    const SqlToken& token = tokens_[i];
    if (Is(i, "(")) {
      clauses_.push_back(clause == Clause::kFrom ? Clause::kFrom : Clause::kOther);
    } else if (Is(i, ")") && clauses_.size() > 1) {
      clauses_.pop_back();
    } else if (Is(i, ",") && clause == Clause::kOn) {
      clause = Clause::kFrom;
    } else if (token.kind == SqlToken::Kind::kName && sql_[token.begin] != '"') {
      if (token.text == "from" || token.text == "join") clause = Clause::kFrom;
      if (token.text == "on") clause = Clause::kOn;
      for (const char* word : {"select", "where", "group", "having", "window", "order", "limit",
                               "offset", "union", "except", "intersect"}) {
        if (token.text == word) clause = Clause::kOther;
      }
    }
  }

  // Whether `schema.name` begins here.
  bool IsQualified(std::size_t i) const {
    return tokens_[i].kind == SqlToken::Kind::kName && Is(i + 1, ".") && i + 2 < tokens_.size() &&
           tokens_[i + 2].kind == SqlToken::Kind::kName && (i == 0 || !Is(i - 1, "."));
  }

  bool IsOfNamespace(std::size_t i) const {
    if (!namespaces_.contains(tokens_[i].text)) return false;
    const std::pair<std::string, std::string> name{tokens_[i].text, tokens_[i + 2].text};
    if (i > 0 && Is(i - 1, "::")) return types_.contains(name);
    if (Is(i + 3, "(")) return true;
    return clauses_.back() == Clause::kFrom && relations_.contains(name);
  }

  const std::string& sql_;
  const std::vector<SqlToken> tokens_;
  std::set<std::pair<std::string, std::string>> relations_, types_;
  std::set<std::string> namespaces_;
  std::vector<Clause> clauses_ = {Clause::kOther};
};

void ViewsInScratch(const v1::Snapshot& original, v1::Snapshot& scratch, const Renames& renames) {
  for (v1::View& view : *scratch.mutable_views()) {
    view.set_schema(ScratchOf(view.schema()));
    const std::string query = view.query();
    view.set_query(QueryInScratch(original, query).Run());
    for (v1::Column& column : *view.mutable_columns()) {
      column.set_type(Carry(column.type(), renames));
    }
  }
}

}  // namespace

v1::Snapshot InScratch(const v1::Snapshot& original) {
  v1::Snapshot model = original;
  Renames renames;
  for (v1::EnumType& type : *model.mutable_enums()) {
    renames.types[{type.schema(), type.name()}] = {ScratchOf(type.schema()), type.name()};
    type.set_schema(ScratchOf(type.schema()));
  }
  auto carry = [&](std::string* sql) { *sql = Carry(*sql, renames); };
  for (v1::Table& table : *model.mutable_tables()) {
    table.set_schema(ScratchOf(table.schema()));
    for (v1::Column& column : *table.mutable_columns()) {
      carry(column.mutable_type());
      carry(column.mutable_default_value());
      carry(column.mutable_generated());
    }
    for (v1::Index& index : *table.mutable_indexes()) carry(index.mutable_where());
    for (v1::Check& check : *table.mutable_checks()) carry(check.mutable_expression());
    for (v1::Policy& policy : *table.mutable_policies()) {
      carry(policy.mutable_using_sql());
      carry(policy.mutable_with_check_sql());
    }
    for (v1::ForeignKey& key : *table.mutable_foreign_keys()) {
      key.set_target_schema(ScratchOf(key.target_schema()));
    }
  }
  ViewsInScratch(original, model, renames);
  FunctionsInScratch(model, std::move(renames));
  return model;
}

void OutOfScratch(google::protobuf::Message* message,
                  const std::vector<std::pair<std::string, std::string>>& names) {
  const auto* reflection = message->GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(*message, &fields);
  for (const auto* field : fields) {
    const bool repeated = field->is_repeated();
    const int count = repeated ? reflection->FieldSize(*message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == field->CPPTYPE_MESSAGE) {
        OutOfScratch(repeated ? reflection->MutableRepeatedMessage(message, field, i)
                              : reflection->MutableMessage(message, field),
                     names);
      } else if (field->cpp_type() == field->CPPTYPE_STRING && repeated) {
        reflection->SetRepeatedString(
            message, field, i,
            absl::StrReplaceAll(reflection->GetRepeatedString(*message, field, i), names));
      } else if (field->cpp_type() == field->CPPTYPE_STRING) {
        reflection->SetString(message, field,
                              absl::StrReplaceAll(reflection->GetString(*message, field), names));
      }
    }
  }
}

}  // namespace tenantry::migrate
