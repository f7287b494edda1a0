#include "server/migrate/online_plan.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/migrate/casts.h"
#include "server/migrate/emit.h"
#include "server/migrate/part_match.h"
#include "server/migrate/views.h"
#include "server/schema/naming.h"

namespace tenantry::migrate {
namespace {

using schema::FitIdentifier;
using schema::QuoteIdentifier;
using Names = google::protobuf::RepeatedPtrField<std::string>;

std::string Beside(const std::string& name) { return FitIdentifier(name + "__new"); }

std::string ElementType(const std::string& type) {
  return std::string(absl::StripSuffix(type, "[]"));
}

template <typename Part>
const Part* Named(const google::protobuf::RepeatedPtrField<Part>& parts, const std::string& name) {
  for (const Part& part : parts) {
    if (part.name() == name) return &part;
  }
  return nullptr;
}

template <typename Value>
const Value* FindIn(const std::map<std::string, const Value*>& map, const std::string& key) {
  auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

const v1::Table* FindTable(const v1::Snapshot& snapshot, const v1::Table& like) {
  for (const v1::Table& table : snapshot.tables()) {
    if (table.schema() == like.schema() && table.name() == like.name()) return &table;
  }
  return nullptr;
}

// A name for the new column that no other has or will have.
std::string FreshName(const v1::Table& before, const v1::Table& after, const std::string& column) {
  for (int n = 1;; ++n) {
    const std::string name =
        FitIdentifier(absl::StrCat(column, "__new", n == 1 ? "" : std::to_string(n)));
    if (Named(before.columns(), name) == nullptr && Named(after.columns(), name) == nullptr) {
      return name;
    }
  }
}

void CarryNames(const Renames& renames, Names* names) {
  for (std::string& name : *names) {
    auto found = renames.columns.find(name);
    if (found != renames.columns.end()) name = found->second;
  }
}

bool AnyOf(const OnlineTable* table, const Names& names) {
  return table != nullptr && std::any_of(names.begin(), names.end(),
                                         [&](const std::string& name) { return table->Has(name); });
}

}  // namespace

bool OnlineTable::HasAny(const std::string& sql) const {
  return std::any_of(columns.begin(), columns.end(), [&](const OnlineColumn& column) {
    return Mentions(sql, column.before->name());
  });
}

OnlinePlan::OnlinePlan(const v1::Snapshot& middle, const v1::Snapshot& to)
    : middle_(middle), to_(to) {
  for (const v1::EnumType& type : middle.enums()) enums_before_[QualifiedName(type)] = &type;
  for (const v1::EnumType& type : to.enums()) enums_after_[QualifiedName(type)] = &type;
  FindRebuilt();
  for (const v1::Table& table : middle.tables()) {
    if (const v1::Table* after = FindTable(to, table)) FindColumns(table, *after);
  }
  for (const OnlineTable& table : tables) {
    FindParts(table);
    FindPolicies(table);
  }
  for (const v1::Table& table : middle.tables()) {
    if (const v1::Table* after = FindTable(to, table)) FindForeignKeys(table, *after);
  }
}

const OnlineTable* OnlinePlan::Find(const std::string& schema, const std::string& name) const {
  for (const OnlineTable& table : tables) {
    if (table.before->schema() == schema && table.before->name() == name) return &table;
  }
  return nullptr;
}

bool OnlinePlan::IsRebuilt(const v1::EnumType& type) const {
  return std::any_of(rebuilt.begin(), rebuilt.end(), [&](const Rebuilt& other) {
    return QualifiedName(*other.old) == QualifiedName(type);
  });
}

void OnlinePlan::FindRebuilt() {
  for (const v1::EnumType& type : middle_.enums()) {
    const v1::EnumType* after = FindIn(enums_after_, QualifiedName(type));
    if (after == nullptr) continue;
    const bool keeps_all =
        std::all_of(type.labels().begin(), type.labels().end(), [&](const v1::EnumLabel& label) {
          return std::any_of(
              after->labels().begin(), after->labels().end(),
              [&](const v1::EnumLabel& other) { return other.label() == label.label(); });
        });
    if (keeps_all) continue;
    v1::EnumType fresh = *after;
    fresh.set_name(Beside(after->name()));
    fresh.set_proto_name(after->proto_name() + "__new");
    rebuilt.push_back({&type, after, std::move(fresh)});
  }
}

std::string OnlinePlan::FreshType(const std::string& type) const {
  for (const Rebuilt& other : rebuilt) {
    if (QualifiedName(*other.old) != ElementType(type)) continue;
    return absl::StrCat(QualifiedName(other.fresh), absl::EndsWith(type, "[]") ? "[]" : "");
  }
  return type;
}

void OnlinePlan::FindColumns(const v1::Table& before, const v1::Table& after) {
  OnlineTable table{&before, &after, {}, {}};
  for (const v1::Column& column : after.columns()) {
    const v1::Column* old = Named(before.columns(), column.name());
    if (old == nullptr) continue;
    const std::string type = FreshType(column.type());
    if (old->type() == type) continue;
    auto cast = CastOf(old->type(), type, QuoteIdentifier(column.name()),
                       FindIn(enums_before_, ElementType(old->type())),
                       FindIn(enums_after_, ElementType(column.type())));
    if (!cast || !cast->rewrites) continue;
    std::erase(cast->hazards, Hazard::kRewritesTable);
    const std::string fresh = FreshName(before, after, column.name());
    table.renames.columns[column.name()] = fresh;
    table.columns.push_back({old, &column, fresh, type, std::move(cast->hazards)});
  }
  for (const Rebuilt& type : rebuilt) {
    table.renames.types[{type.old->schema(), type.old->name()}] = {type.fresh.schema(),
                                                                   type.fresh.name()};
  }
  if (table.columns.empty()) return;
  for (const v1::Column& column : before.columns()) {
    if (!table.HasAny(column.generated())) continue;
    obstacles.push_back(absl::StrCat(before.schema(), ".", before.name(), ".", column.name(),
                                     " is computed from such a column"));
  }
  FindViews(table);
  tables.push_back(std::move(table));
}

std::string OnlinePlan::Expression(const OnlineColumn& column, const std::string& prefix) const {
  const std::string name = prefix + QuoteIdentifier(column.before->name());
  auto cast = CastOf(column.before->type(), column.fresh_type, name,
                     FindIn(enums_before_, ElementType(column.before->type())),
                     FindIn(enums_after_, ElementType(column.after->type())));
  return cast->expression.empty() ? name : cast->expression;
}

// What stays as it is gets a copy. What does not goes with the old column.
void OnlinePlan::FindParts(const OnlineTable& table) {
  const v1::PrimaryKey& key = table.before->primary_key();
  if (AnyOf(&table, key.columns())) {
    v1::PrimaryKey fresh = key;
    fresh.set_name(Beside(key.name()));
    CarryNames(table.renames, fresh.mutable_columns());
    primary_keys.push_back({table.before, &key, std::move(fresh)});
  }
  for (const v1::Index& index : table.before->indexes()) {
    const bool kept = Named(table.after->indexes(), index.name()) != nullptr;
    const bool in_condition = table.HasAny(index.where());
    if (!AnyOf(&table, index.columns()) && !in_condition) continue;
    // A key that another takes the place of holds until that one is there.
    if (!kept && (in_condition || index.method() != "btree")) continue;
    v1::Index fresh = index;
    fresh.set_name(Beside(index.name()));
    fresh.clear_number();
    CarryNames(table.renames, fresh.mutable_columns());
    fresh.set_where(Carry(index.where(), table.renames));
    indexes.push_back({table.before, &index, std::move(fresh)});
  }
  for (const v1::Check& check : table.before->checks()) {
    if (!table.HasAny(check.expression())) continue;
    if (Named(table.after->checks(), check.name()) == nullptr) continue;
    v1::Check fresh = check;
    fresh.set_name(Beside(check.name()));
    fresh.clear_column();
    fresh.set_expression(Carry(check.expression(), table.renames));
    checks.push_back({table.before, &check, std::move(fresh)});
  }
}

// They would go on reading the old column.
void OnlinePlan::FindViews(const OnlineTable& table) {
  for (const v1::Snapshot* model : {&middle_, &to_}) {
    for (const v1::View& view : model->views()) {
      if (!Reads(view, table.before->name()) || !table.HasAny(view.query())) continue;
      obstacles.push_back(
          absl::StrCat("the view ", view.schema(), ".", view.name(), " reads such a column"));
      return;
    }
  }
}

void OnlinePlan::FindPolicies(const OnlineTable& table) {
  auto mentions = [&](const v1::Policy& policy) {
    return table.HasAny(policy.using_sql()) || table.HasAny(policy.with_check_sql());
  };
  for (const v1::Policy& policy : table.before->policies()) {
    const v1::Policy* after = Named(table.after->policies(), policy.name());
    if (!mentions(policy) && (after == nullptr || !mentions(*after))) continue;
    policies.emplace_back(table.before, &policy);
    if (after != nullptr && SameDefinition(policy, *after)) continue;
    obstacles.push_back(absl::StrCat("the policy ", policy.name(), " on ", table.before->schema(),
                                     ".", table.before->name(),
                                     ", which speaks of such a column, changes too: change it in a "
                                     "migration of its own"));
  }
}

void OnlinePlan::FindForeignKeys(const v1::Table& table, const v1::Table& after) {
  const OnlineTable* own = Find(table.schema(), table.name());
  for (const v1::ForeignKey& key : table.foreign_keys()) {
    const OnlineTable* target = Find(key.target_schema(), key.target_table());
    if (!AnyOf(own, key.columns()) && !AnyOf(target, key.target_columns())) continue;
    if (Named(after.foreign_keys(), key.name()) == nullptr) {
      lost_foreign_keys.emplace_back(&table, &key);
      continue;
    }
    v1::ForeignKey fresh = key;
    fresh.set_name(Beside(key.name()));
    fresh.clear_number();
    if (own != nullptr) {
      CarryNames(own->renames, fresh.mutable_columns());
      CarryNames(own->renames, fresh.mutable_set_null_columns());
    }
    if (target != nullptr) CarryNames(target->renames, fresh.mutable_target_columns());
    foreign_keys.push_back({&table, &key, std::move(fresh)});
  }
}

}  // namespace tenantry::migrate
