#include "server/migrate/online_types.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/migrate/diff.h"
#include "server/migrate/diff_context.h"
#include "server/migrate/emit.h"
#include "server/migrate/online_plan.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

using schema::FitIdentifier;
using schema::QuoteIdentifier;
using schema::QuoteQualified;

constexpr Hazard kLock = Hazard::kAcquiresAccessExclusiveLock;

// PostgreSQL fires triggers in the order of their names. This one comes last, so that it sees what
// others have made of the row.
constexpr char kTrigger[] = "zz_tenantry_migrate";
// Numbers of the new columns; those of fields are smaller.
constexpr int kFreshNumbers = 1 << 30;

std::string CheckName(const OnlineTable& table, const OnlineColumn& column, const char* what) {
  return QuoteIdentifier(
      FitIdentifier(absl::StrCat(table.before->name(), "_", column.before->name(), "_", what)));
}

std::string InStepFunction(const OnlineTable& table) {
  return QuoteQualified(table.before->schema(), FitIdentifier(table.before->name() + "__in_step"));
}

template <typename Parts, typename Keep>
void KeepOnly(Parts* parts, Keep keep) {
  parts->erase(
      std::remove_if(parts->begin(), parts->end(), [&](const auto& part) { return !keep(part); }),
      parts->end());
}

class Online {
 public:
  Online(const v1::Snapshot& middle, const v1::Snapshot& to)
      : middle_(middle), to_(to), plan_(middle, to) {}

  OnlineChange Run() {
    if (plan_.tables.empty()) return {{}, {}, middle_, {}};
    if (!plan_.obstacles.empty()) return {{}, {}, middle_, plan_.obstacles};
    NoteChanges();
    const v1::Snapshot with_types = WithTypes();
    Take(Diff(middle_, with_types), /*noted=*/true);
    const v1::Snapshot with_columns = WithColumns(with_types);
    Take(Diff(with_types, with_columns), /*noted=*/false);
    for (const OnlineTable& table : plan_.tables) KeepInStep(table);
    for (const OnlineTable& table : plan_.tables) Fill(table);
    TakeParts(Diff(with_columns, WithParts(with_columns)));
    for (const OnlineTable& table : plan_.tables) Analyze(table);
    Switch();
    out_.after = After(with_types);
    return std::move(out_);
  }

 private:
  void Emit(std::string sql, Hazards hazards, std::string note = "") {
    Statement statement{std::move(sql), std::move(hazards)};
    statement.note = std::move(note);
    out_.statements.push_back(std::move(statement));
  }
  void EmitLong(std::string sql, Hazards hazards, std::string note = "") {
    Emit(std::move(sql), std::move(hazards), std::move(note));
    out_.statements.back().outside_transaction = true;
    out_.statements.back().timeout = kLongStatement;
  }
  void Take(Difference difference, bool noted) {
    std::move(difference.statements.begin(), difference.statements.end(),
              std::back_inserter(out_.statements));
    if (!noted) return;
    std::move(difference.changes.begin(), difference.changes.end(),
              std::back_inserter(out_.changes));
  }

  // What they forbid is forbidden already: the parts that they are copies of are there.
  void TakeParts(Difference difference) {
    for (Statement& statement : difference.statements) {
      if (std::erase(statement.hazards, Hazard::kBreaksOldServers) > 0) statement.note.clear();
    }
    Take(std::move(difference), /*noted=*/false);
  }

  static std::string Where(const v1::Table& table) {
    return absl::StrCat(table.schema(), ".", table.name());
  }
  void Note(Change::Kind kind, const std::string& object, const std::string& what) {
    out_.changes.push_back({kind, object, what});
  }

  void NoteChanges() {
    for (const OnlinePlan::Rebuilt& type : plan_.rebuilt) NoteLabels(type);
    for (const OnlineTable& table : plan_.tables) {
      for (const OnlineColumn& column : table.columns) {
        if (column.before->type() == column.after->type()) continue;
        Note(Change::Kind::kChanged, absl::StrCat(Where(*table.before), ".", column.after->name()),
             absl::StrCat("type ", column.before->type(), " to ", column.after->type(),
                          ", beside the old column"));
      }
    }
    for (const auto& [table, key] : plan_.lost_foreign_keys) {
      Note(Change::Kind::kDropped, Where(*table),
           absl::StrCat("foreign key ", key->name(), " dropped"));
    }
  }

  void NoteLabels(const OnlinePlan::Rebuilt& type) {
    auto tell = [&](const v1::EnumType& labels, const v1::EnumType& others, Change::Kind kind,
                    const char* before, const char* after) {
      for (const v1::EnumLabel& label : labels.labels()) {
        const bool in_both =
            std::any_of(others.labels().begin(), others.labels().end(),
                        [&](const v1::EnumLabel& other) { return other.label() == label.label(); });
        if (in_both) continue;
        Note(kind, absl::StrCat(type.after->schema(), ".", type.after->name()),
             absl::StrCat(before, label.label(), after));
      }
    };
    tell(*type.old, *type.after, Change::Kind::kDropped, "label ", " dropped");
    tell(*type.after, *type.old, Change::Kind::kNew, "new label ", "");
  }

  // --- models

  // New enum types and labels are there before a value is cast to them.
  v1::Snapshot WithTypes() const {
    v1::Snapshot model = middle_;
    for (const v1::EnumType& type : to_.enums()) {
      if (plan_.IsRebuilt(type)) continue;
      auto found = std::find_if(
          model.mutable_enums()->begin(), model.mutable_enums()->end(),
          [&](const v1::EnumType& other) { return QualifiedName(other) == QualifiedName(type); });
      if (found == model.mutable_enums()->end()) {
        *model.add_enums() = type;
      } else {
        *found = type;
      }
    }
    return model;
  }

  v1::Snapshot WithColumns(v1::Snapshot model) const {
    for (const OnlinePlan::Rebuilt& type : plan_.rebuilt) *model.add_enums() = type.fresh;
    for (v1::Table& table : *model.mutable_tables()) {
      const OnlineTable* online = plan_.Find(table.schema(), table.name());
      if (online == nullptr) continue;
      for (const OnlineColumn& column : online->columns) {
        v1::Column& fresh = *table.add_columns();
        fresh.set_name(column.fresh);
        fresh.set_type(column.fresh_type);
        fresh.set_number(kFreshNumbers + column.before->number());
      }
    }
    return model;
  }

  static bool Is(const v1::Table& table, const v1::Table& other) {
    return QualifiedName(table) == QualifiedName(other);
  }

  // The primary key is a unique index until the switch.
  v1::Snapshot WithParts(v1::Snapshot model) const {
    for (v1::Table& table : *model.mutable_tables()) {
      for (const Shadow<v1::PrimaryKey>& key : plan_.primary_keys) {
        if (!Is(*key.table, table)) continue;
        v1::Index& index = *table.add_indexes();
        index.set_name(key.fresh.name());
        index.set_unique(true);
        index.set_method("btree");
        *index.mutable_columns() = key.fresh.columns();
      }
      auto add = [&](const auto& shadows, auto* parts) {
        for (const auto& shadow : shadows) {
          if (Is(*shadow.table, table)) *parts->Add() = shadow.fresh;
        }
      };
      add(plan_.indexes, table.mutable_indexes());
      add(plan_.checks, table.mutable_checks());
      add(plan_.foreign_keys, table.mutable_foreign_keys());
    }
    return model;
  }

  v1::Snapshot After(v1::Snapshot model) const {
    for (const OnlinePlan::Rebuilt& type : plan_.rebuilt) {
      for (v1::EnumType& other : *model.mutable_enums()) {
        if (QualifiedName(other) == QualifiedName(*type.old)) other = *type.after;
      }
    }
    for (v1::Table& table : *model.mutable_tables()) {
      if (const OnlineTable* online = plan_.Find(table.schema(), table.name())) {
        Retype(*online, table);
      }
      KeepOnly(table.mutable_foreign_keys(), [&](const v1::ForeignKey& key) {
        return std::none_of(plan_.lost_foreign_keys.begin(), plan_.lost_foreign_keys.end(),
                            [&](const auto& lost) {
                              return Is(*lost.first, table) && lost.second->name() == key.name();
                            });
      });
    }
    return model;
  }

  void Retype(const OnlineTable& online, v1::Table& table) const {
    for (v1::Column& column : *table.mutable_columns()) {
      for (const OnlineColumn& other : online.columns) {
        if (other.before->name() != column.name()) continue;
        column.set_type(other.after->type());
        column.set_default_value(other.after->default_value());
      }
    }
    auto is_shadowed = [&](const auto& shadows, const std::string& name) {
      return std::any_of(shadows.begin(), shadows.end(), [&](const auto& shadow) {
        return Is(*shadow.table, table) && shadow.old->name() == name;
      });
    };
    KeepOnly(table.mutable_indexes(), [&](const v1::Index& index) {
      const bool has = online.HasAny(index.where()) ||
                       std::any_of(index.columns().begin(), index.columns().end(),
                                   [&](const std::string& name) { return online.Has(name); });
      return !has || is_shadowed(plan_.indexes, index.name());
    });
    KeepOnly(table.mutable_checks(), [&](const v1::Check& check) {
      return !online.HasAny(check.expression()) || is_shadowed(plan_.checks, check.name());
    });
  }

  // --- statements

  // PostgreSQL's own rules for a cast in an assignment refuse what does not fit, and those for a
  // cast by name cut it. Both give the same for what fits.
  std::string Cast(const OnlineColumn& column) const {
    return absl::StrCat("(", plan_.Expression(column), ")::", column.fresh_type);
  }

  void KeepInStep(const OnlineTable& table) {
    std::string assignments;
    Hazards hazards = {Hazard::kAcquiresShareRowExclusiveLock};
    std::string note =
        "Old servers go on writing the old columns. This fills the new ones, as whoever writes.";
    std::vector<std::string> checks;
    for (const OnlineColumn& column : table.columns) {
      const std::string fresh = QuoteIdentifier(column.fresh);
      absl::StrAppend(&assignments, "  NEW.", fresh, " := ", plan_.Expression(column, "NEW."),
                      ";\n");
      checks.push_back(absl::StrCat("ADD CONSTRAINT ", CheckName(table, column, "in_step"),
                                    " CHECK (", fresh, " IS NOT DISTINCT FROM ", Cast(column),
                                    ") NOT VALID"));
      if (column.before->not_null()) {
        checks.push_back(absl::StrCat("ADD CONSTRAINT ", CheckName(table, column, "not_null"),
                                      " CHECK (", fresh, " IS NOT NULL) NOT VALID"));
      }
      if (!column.hazards.empty() && hazards.size() == 1) {
        hazards.insert(hazards.begin(), Hazard::kBreaksOldServers);
        absl::StrAppend(&note, "\nFrom now on a value that does not fit the new type is refused.");
      }
    }
    Emit(absl::StrCat("CREATE FUNCTION ", InStepFunction(table),
                      "() RETURNS trigger LANGUAGE plpgsql SET search_path TO '' AS $$\nBEGIN\n",
                      assignments, "  RETURN NEW;\nEND $$"),
         {}, note);
    Emit(absl::StrCat("CREATE TRIGGER ", kTrigger, " BEFORE INSERT OR UPDATE ON ",
                      QualifiedName(*table.before), "\n  FOR EACH ROW EXECUTE FUNCTION ",
                      InStepFunction(table), "()"),
         std::move(hazards));
    Emit(AlterTable(*table.before, absl::StrJoin(checks, ",\n  ")), {kLock});
  }

  void Fill(const OnlineTable& table) {
    const std::string name = QualifiedName(*table.before);
    out_.statements.push_back(OpenRowsStatement(*table.before));
    std::vector<std::string> sets, differs, checks;
    Hazards hazards;
    for (const OnlineColumn& column : table.columns) {
      const std::string fresh = QuoteIdentifier(column.fresh);
      sets.push_back(absl::StrCat(fresh, " = ", plan_.Expression(column)));
      differs.push_back(absl::StrCat(fresh, " IS DISTINCT FROM ", Cast(column)));
      checks.push_back("VALIDATE CONSTRAINT " + CheckName(table, column, "in_step"));
      if (column.before->not_null()) {
        checks.push_back("VALIDATE CONSTRAINT " + CheckName(table, column, "not_null"));
      }
      for (Hazard hazard : column.hazards) {
        if (!std::count(hazards.begin(), hazards.end(), hazard)) hazards.push_back(hazard);
      }
    }
    hazards.insert(hazards.end(),
                   {Hazard::kImpactsDatabasePerformance, Hazard::kNeedsNoTransaction});
    EmitLong(absl::StrCat("UPDATE ", name, "\n  SET ", absl::StrJoin(sets, ",\n    "),
                          "\n  WHERE ctid >= $1 AND ctid < $2\n    AND (",
                          absl::StrJoin(differs, "\n      OR "), ")"),
             std::move(hazards),
             "Rows that were there before, some blocks of the table at a time. An interrupted run "
             "goes on\nwhere it stopped.");
    out_.statements.back().in_batches = true;
    out_.statements.back().timeout = kShortStatement;
    EmitLong(AlterTable(*table.before, absl::StrJoin(checks, ",\n  ")),
             {Hazard::kImpactsDatabasePerformance, Hazard::kNeedsNoTransaction},
             "Every row has its value.");
    out_.statements.push_back(CloseRowsStatement(*table.before));
  }

  // Else the planner would know nothing about the new columns.
  void Analyze(const OnlineTable& table) {
    std::vector<std::string> columns;
    for (const OnlineColumn& column : table.columns) {
      columns.push_back(QuoteIdentifier(column.fresh));
    }
    EmitLong(absl::StrCat("ANALYZE ", QualifiedName(*table.before), " (",
                          absl::StrJoin(columns, ", "), ")"),
             {Hazard::kNeedsNoTransaction});
  }

  // All in one transaction: nothing but the catalog changes.
  void Switch() {
    bool told = false;
    for (const OnlineTable& table : plan_.tables) {
      Emit(absl::StrCat("DROP TRIGGER ", kTrigger, " ON ", QualifiedName(*table.before)),
           {Hazard::kBreaksOldServers, Hazard::kBreaksApiClients, kLock},
           told ? "" : "The switch.");
      told = true;
      Emit(absl::StrCat("DROP FUNCTION ", InStepFunction(table), "()"), {});
    }
    auto drop = [&](const v1::Table& table, const v1::ForeignKey& key) {
      Emit(AlterTable(table, "DROP CONSTRAINT " + QuoteIdentifier(key.name())), {kLock});
    };
    for (const auto& [table, key] : plan_.lost_foreign_keys) drop(*table, *key);
    for (const Shadow<v1::ForeignKey>& key : plan_.foreign_keys) drop(*key.table, *key.old);
    for (const auto& [table, policy] : plan_.policies) {
      Emit(absl::StrCat("DROP POLICY ", QuoteIdentifier(policy->name()), " ON ",
                        QualifiedName(*table)),
           {kLock});
    }
    for (const OnlineTable& table : plan_.tables) DropOld(table);
    SettleTypes();
    for (const OnlineTable& table : plan_.tables) TakeName(table);
    SettleParts();
    for (const auto& [table, policy] : plan_.policies) {
      EmitPolicy(*table, *policy, out_.statements);
      out_.statements.back().hazards = {kLock};
    }
  }

  // NOT NULL reads nothing, since a valid check says it. What is built on the old column goes with
  // it.
  void DropOld(const OnlineTable& table) {
    std::vector<std::string> not_null, drops;
    for (const Shadow<v1::PrimaryKey>& key : plan_.primary_keys) {
      if (!Is(*key.table, *table.before)) continue;
      drops.push_back("DROP CONSTRAINT " + QuoteIdentifier(key.old->name()));
    }
    for (const OnlineColumn& column : table.columns) {
      if (column.before->not_null()) {
        not_null.push_back(
            absl::StrCat("ALTER COLUMN ", QuoteIdentifier(column.fresh), " SET NOT NULL"));
        drops.push_back("DROP CONSTRAINT " + CheckName(table, column, "not_null"));
      }
      drops.push_back("DROP CONSTRAINT " + CheckName(table, column, "in_step"));
      drops.push_back("DROP COLUMN " + QuoteIdentifier(column.before->name()));
    }
    if (!not_null.empty()) Emit(AlterTable(*table.before, absl::StrJoin(not_null, ", ")), {kLock});
    Emit(AlterTable(*table.before, absl::StrJoin(drops, ",\n  ")), {kLock});
  }

  void SettleTypes() {
    for (const OnlinePlan::Rebuilt& type : plan_.rebuilt) {
      Emit(absl::StrCat("DROP TYPE ", QualifiedName(*type.old)), {});
      Emit(absl::StrCat("ALTER TYPE ", QualifiedName(type.fresh), " RENAME TO ",
                        QuoteIdentifier(type.after->name())),
           {});
    }
  }

  void TakeName(const OnlineTable& table) {
    for (const OnlineColumn& column : table.columns) {
      const std::string name = QuoteIdentifier(column.after->name());
      Emit(AlterTable(*table.before,
                      absl::StrCat("RENAME COLUMN ", QuoteIdentifier(column.fresh), " TO ", name)),
           {kLock});
      if (column.after->default_value().empty()) continue;
      Emit(AlterTable(*table.before, absl::StrCat("ALTER COLUMN ", name, " SET DEFAULT ",
                                                  column.after->default_value())),
           {kLock});
    }
  }

  void SettleParts() {
    for (const Shadow<v1::PrimaryKey>& key : plan_.primary_keys) {
      Emit(AlterTable(*key.table,
                      absl::StrCat("ADD CONSTRAINT ", QuoteIdentifier(key.old->name()),
                                   " PRIMARY KEY USING INDEX ", QuoteIdentifier(key.fresh.name()))),
           {kLock});
    }
    for (const Shadow<v1::Index>& index : plan_.indexes) {
      Emit(absl::StrCat("ALTER INDEX ", QuoteQualified(index.table->schema(), index.fresh.name()),
                        " RENAME TO ", QuoteIdentifier(index.old->name())),
           {});
    }
    auto rename = [&](const v1::Table& table, const std::string& from, const std::string& to) {
      Emit(AlterTable(table, absl::StrCat("RENAME CONSTRAINT ", QuoteIdentifier(from), " TO ",
                                          QuoteIdentifier(to))),
           {kLock});
    };
    for (const Shadow<v1::Check>& check : plan_.checks) {
      rename(*check.table, check.fresh.name(), check.old->name());
    }
    for (const Shadow<v1::ForeignKey>& key : plan_.foreign_keys) {
      rename(*key.table, key.fresh.name(), key.old->name());
    }
  }

  const v1::Snapshot& middle_;
  const v1::Snapshot& to_;
  const OnlinePlan plan_;
  OnlineChange out_;
};

}  // namespace

OnlineChange ChangeTypesOnline(const v1::Snapshot& middle, const v1::Snapshot& to) {
  return Online(middle, to).Run();
}

}  // namespace tenantry::migrate
