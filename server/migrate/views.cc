#include "server/migrate/views.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "server/base/roles.h"
#include "server/migrate/emit.h"
#include "server/migrate/identity_match.h"
#include "server/migrate/part_match.h"
#include "server/migrate/sql_text.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

using schema::QuoteIdentifier;

std::string QuotedName(const v1::View& view) {
  return schema::QuoteQualified(view.schema(), view.name());
}

std::string Where(const v1::View& view) { return absl::StrCat(view.schema(), ".", view.name()); }

// A cast to varchar(n) would cut texts without a word.
std::string TypeOf(const schema::Column& column) {
  const std::string type = column.type == schema::Type::kText ? "text" : column.sql_type;
  return absl::StrCat(type, column.array ? "[]" : "");
}

template <typename Part>
const Part* Find(const google::protobuf::RepeatedPtrField<Part>& parts, const std::string& name) {
  auto found = std::find_if(parts.begin(), parts.end(),
                            [&](const Part& part) { return part.name() == name; });
  return found == parts.end() ? nullptr : &*found;
}

const v1::Column* FindNumber(const v1::Table& table, int number) {
  for (const v1::Column& column : table.columns()) {
    if (column.number() == number) return &column;
  }
  return nullptr;
}

constexpr char kUsualPath[] = "SET LOCAL search_path TO DEFAULT";

// The query finds what it speaks of by the search_path.
std::string SearchPathSql(const v1::View& view) {
  return absl::StrCat("SET LOCAL search_path = ", QuoteIdentifier(view.schema()), ", pg_temp");
}

std::string CreateSql(const v1::View& view, bool replace) {
  std::vector<std::string> columns;
  for (const v1::Column& column : view.columns()) {
    const std::string name = QuoteIdentifier(column.name());
    columns.push_back(absl::StrCat("v.", name, "::", column.type(), " AS ", name));
  }
  return absl::StrCat("CREATE ", replace ? "OR REPLACE " : "", "VIEW ", QuotedName(view),
                      " WITH (security_invoker = true) AS\n  SELECT ",
                      absl::StrJoin(columns, ",\n         "), "\n  FROM (", view.query(), ") AS v");
}

void EmitView(const v1::View& view, Statements& out) {
  const std::string name = QuotedName(view);
  out.push_back({SearchPathSql(view)});
  out.push_back({CreateSql(view, /*replace=*/false)});
  out.push_back(
      {absl::StrCat("COMMENT ON VIEW ", name, " IS ", schema::QuoteLiteral(view.proto_name()))});
  out.push_back({absl::StrCat("GRANT SELECT ON ", name, " TO ", QuotedList(view.roles()))});
}

// PostgreSQL replaces a view by one with the same columns, and more behind them.
bool Extends(const v1::View& before, const v1::View& after) {
  if (before.columns_size() > after.columns_size()) return false;
  for (int i = 0; i < before.columns_size(); ++i) {
    const v1::Column &was = before.columns(i), &is = after.columns(i);
    if (was.name() != is.name() || was.type() != is.type()) return false;
  }
  return true;
}

// What becomes of a view that stays.
enum class Fate {
  kStays,
  kReplaced,  // in place
  kRemade,    // dropped and made again at once
  kAway,      // dropped while something changes that it reads, and made again behind that
};

class ViewsDiff {
 public:
  ViewsDiff(const v1::Snapshot& from, DiffContext& context)
      : from_(from),
        context_(context),
        views_(from.views(), context.to().views()),
        tables_(from.tables(), context.to().tables()) {}

  void Run() {
    for (const v1::View& view : context_.to().views()) {
      if (const v1::View* before = views_.Before(view)) pairs_[before] = &view;
    }
    const std::vector<const v1::View*> old = InOrderOfUse(from_);
    for (const v1::View* view : old) fates_[view] = FateOf(*view);
    for (auto view = old.rbegin(); view != old.rend(); ++view) Drop(**view);
    std::vector<const v1::View*> fresh;
    for (const v1::View* view : InOrderOfUse(context_.to())) {
      const v1::View* before = views_.Before(*view);
      if (before == nullptr) {
        context_.Note(Change::Kind::kNew, Where(*view), "new view");
        if (NameIsFree(*view)) fresh.push_back(view);
      } else {
        Note(*before, *view);
        if (fates_[before] != Fate::kStays) fresh.push_back(view);
      }
    }
    Make(fresh);
  }

 private:
  // The views that this one reads have their fates already.
  Fate FateOf(const v1::View& view) const {
    const auto pair = pairs_.find(&view);
    Fate fate = pair == pairs_.end() ? Fate::kRemade : FateByItself(view, *pair->second);
    for (const v1::Table& table : from_.tables()) {
      if (Reads(view, table.name())) fate = std::max(fate, FateByTable(view, table));
    }
    for (const auto& [other, others] : fates_) {
      if (others >= Fate::kRemade && Reads(view, other->name())) fate = std::max(fate, others);
    }
    return fate;
  }

  Fate FateByItself(const v1::View& before, const v1::View& after) const {
    for (const v1::Column& column : before.columns()) {
      if (context_.IsRebuilt(column.type())) return Fate::kAway;
    }
    if (QuotedName(before) != QuotedName(after) || !Extends(before, after) ||
        before.proto_name() != after.proto_name() || !SameNames(before.roles(), after.roles())) {
      return Fate::kRemade;
    }
    const bool same =
        SameSql(before.query(), after.query()) && before.columns_size() == after.columns_size();
    return same ? Fate::kStays : Fate::kReplaced;
  }

  // A column that is dropped goes when the view has its new query; one that is written anew is in
  // nobody's hands meanwhile. A query may group by a key, and hangs on it then.
  Fate FateByTable(const v1::View& view, const v1::Table& table) const {
    const v1::Table* after = AfterOf(table);
    if (after == nullptr) return Fate::kReplaced;
    const v1::Table* middle = context_.Before(after->schema(), after->name());
    if (middle == nullptr) return Fate::kReplaced;
    if (!SameNames(middle->primary_key().columns(), after->primary_key().columns())) {
      return Fate::kAway;
    }
    Fate fate = table.name() == after->name() ? Fate::kStays : Fate::kReplaced;
    for (const v1::Column& column : table.columns()) {
      if (Mentions(view.query(), column.name())) {
        fate = std::max(fate, FateByColumn(column, *middle, *after));
      }
    }
    return fate;
  }

  Fate FateByColumn(const v1::Column& column, const v1::Table& middle,
                    const v1::Table& after) const {
    const v1::Column* was = FindNumber(middle, column.number());
    const v1::Column* is = FindNumber(after, column.number());
    if (was == nullptr) return Fate::kReplaced;
    if (is == nullptr) {
      return context_.IsRemade(after, was->name()) ? Fate::kAway : Fate::kReplaced;
    }
    if (was->type() != is->type() || context_.IsRebuilt(is->type()) ||
        context_.IsRemade(after, was->name())) {
      return Fate::kAway;
    }
    return column.name() == is->name() ? Fate::kStays : Fate::kReplaced;
  }

  const v1::Table* AfterOf(const v1::Table& table) const {
    for (const v1::Table& after : context_.to().tables()) {
      if (tables_.Before(after) == &table) return &after;
    }
    return nullptr;
  }

  // A table of the view's name may go in the same migration, but later.
  bool NameIsFree(const v1::View& view) {
    for (const v1::Table& table : context_.middle().tables()) {
      if (table.schema() != view.schema() || table.name() != view.name()) continue;
      context_.Refuse(Where(view),
                      "it is a table in the migrations so far. Give the view another name, or drop "
                      "the table by a migration of its own");
      return false;
    }
    return true;
  }

  void Drop(const v1::View& view) {
    const Fate fate = fates_[&view];
    if (fate < Fate::kRemade) return;
    const auto pair = pairs_.find(&view);
    if (pair == pairs_.end()) {
      context_.Note(Change::Kind::kDropped, Where(view), "view dropped");
    }
    if (context_.After(view.schema(), view.name()) != nullptr) {
      return context_.Refuse(Where(view),
                             "it is a view in the migrations so far. Give the table another name, "
                             "or drop the view by a migration of its own");
    }
    Statement statement{absl::StrCat("DROP VIEW ", QuotedName(view)),
                        {Hazard::kAcquiresAccessExclusiveLock}};
    if (pair == pairs_.end()) {
      statement.hazards.insert(statement.hazards.begin(),
                               {Hazard::kBreaksOldServers, Hazard::kBreaksApiClients});
    } else if (fate == Fate::kAway || !OldServersRead(view, *pair->second)) {
      statement.hazards.insert(statement.hazards.begin(), Hazard::kBreaksOldServers);
    }
    if (fate == Fate::kAway) {
      statement.note =
          "What it reads changes. It comes back behind that, and nobody can read it "
          "meanwhile.";
    }
    context_.Add({fate == Fate::kAway ? Phase::kDropViews : Phase::kViews, std::move(statement)});
  }

  static bool OldServersRead(const v1::View& before, const v1::View& after) {
    if (QuotedName(before) != QuotedName(after)) return false;
    return std::all_of(before.columns().begin(), before.columns().end(),
                       [&](const v1::Column& column) {
                         const v1::Column* now = Find(after.columns(), column.name());
                         return now != nullptr && now->type() == column.type();
                       });
  }

  void Note(const v1::View& before, const v1::View& after) {
    const std::string where = Where(after);
    if (Where(before) != where) {
      context_.Note(Change::Kind::kRenamed, where,
                    absl::StrCat("view renamed from ", Where(before)));
    }
    if (before.proto_name() != after.proto_name()) {
      context_.Note(
          Change::Kind::kChanged, where,
          absl::StrCat("its message is ", after.proto_name(), ", which was ", before.proto_name()));
    }
    if (!SameSql(before.query(), after.query())) {
      context_.Note(Change::Kind::kChanged, where, "view with another query");
    }
    if (!SameNames(before.roles(), after.roles())) {
      context_.Note(Change::Kind::kChanged, where, "view for other roles");
    }
    NoteColumns(before, after);
  }

  void NoteColumns(const v1::View& before, const v1::View& after) {
    std::map<int, const v1::Column*> was;
    for (const v1::Column& column : before.columns()) was[column.number()] = &column;
    for (const v1::Column& column : after.columns()) {
      const std::string where = absl::StrCat(Where(after), ".", column.name());
      const auto found = was.find(column.number());
      if (found == was.end()) {
        context_.Note(Change::Kind::kNew, where, "new column of a view");
        continue;
      }
      const v1::Column& old = *found->second;
      was.erase(found);
      if (old.name() != column.name()) {
        context_.Note(Change::Kind::kRenamed, where,
                      absl::StrCat("column renamed from ", old.name()));
      }
      if (old.type() != column.type()) {
        context_.Note(Change::Kind::kChanged, where,
                      absl::StrCat("type ", old.type(), " becomes ", column.type()));
      }
    }
    for (const auto& [number, column] : was) {
      context_.Note(Change::Kind::kDropped, absl::StrCat(Where(before), ".", column->name()),
                    "column of a view dropped");
    }
  }

  void Make(const std::vector<const v1::View*>& views) {
    Statements statements;
    for (const v1::View* view : views) {
      const v1::View* before = views_.Before(*view);
      if (before != nullptr && fates_[before] == Fate::kReplaced) {
        statements.push_back({SearchPathSql(*view)});
        statements.push_back(
            {CreateSql(*view, /*replace=*/true), {Hazard::kAcquiresAccessExclusiveLock}});
      } else {
        EmitView(*view, statements);
      }
    }
    if (!statements.empty()) statements.push_back({kUsualPath});
    for (Statement& statement : statements) context_.Add({Phase::kViews, std::move(statement)});
  }

  const v1::Snapshot& from_;
  DiffContext& context_;
  const Pairs<v1::View> views_;
  const Pairs<v1::Table> tables_;
  std::map<const v1::View*, const v1::View*> pairs_;  // before, after
  std::map<const v1::View*, Fate> fates_;             // of those before
};

// Depth first; a circle of names is none of views, and ends where it began.
void Visit(const v1::View& view, const v1::Snapshot& snapshot, std::set<const v1::View*>& seen,
           std::vector<const v1::View*>& order) {
  if (!seen.insert(&view).second) return;
  for (const v1::View& other : snapshot.views()) {
    if (Reads(view, other.name())) Visit(other, snapshot, seen, order);
  }
  order.push_back(&view);
}

}  // namespace

v1::View ViewModel(const schema::Table& table, std::string_view role_prefix) {
  v1::View view;
  view.set_number(table.number);
  view.set_proto_name(table.message->full_name());
  view.set_schema(table.schema);
  view.set_name(table.name);
  v1::Column& tenant = *view.add_columns();
  tenant.set_name(table.tenant_column);
  tenant.set_type("uuid");
  for (const schema::Column& column : table.columns) {
    v1::Column& model = *view.add_columns();
    model.set_number(column.number());
    model.set_name(column.name);
    model.set_type(TypeOf(column));
  }
  // Whatever the order in the file.
  std::sort(view.mutable_columns()->begin(), view.mutable_columns()->end(),
            [](const auto& a, const auto& b) { return a.number() < b.number(); });
  view.set_query(table.view_sql);
  for (const std::string& role : TenantRoles(role_prefix)) view.add_roles(role);
  return view;
}

void EmitViews(const v1::Snapshot& snapshot, Statements& out) {
  for (const v1::View* view : InOrderOfUse(snapshot)) EmitView(*view, out);
  if (!snapshot.views().empty()) out.push_back({kUsualPath});
}

std::vector<const v1::View*> InOrderOfUse(const v1::Snapshot& snapshot) {
  std::set<const v1::View*> seen;
  std::vector<const v1::View*> order;
  for (const v1::View& view : snapshot.views()) Visit(view, snapshot, seen, order);
  return order;
}

bool Reads(const v1::View& view, const std::string& name) { return Mentions(view.query(), name); }

std::string QueryWithin(const std::string& printed) {
  constexpr absl::string_view kBegin = "\n   FROM ( ", kEnd = ") v;";
  const std::size_t begin = absl::string_view(printed).find(kBegin);
  if (!absl::StartsWith(printed, " SELECT v.") || begin == absl::string_view::npos ||
      !absl::EndsWith(printed, kEnd)) {
    return std::string(absl::StripAsciiWhitespace(absl::StripSuffix(printed, ";")));
  }
  const absl::string_view inner = absl::string_view(printed).substr(begin + kBegin.size());
  return std::string(absl::StripSuffix(inner, kEnd));
}

void CompareViews(const v1::Snapshot& from, DiffContext& context) {
  ViewsDiff(from, context).Run();
}

}  // namespace tenantry::migrate
