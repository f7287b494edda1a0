#include "server/methods/children.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/methods/resource.h"
#include "server/schema/methods.h"

namespace tenantry::methods {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using plan::Path;
using schema::Column;
using schema::Relation;
namespace number = schema::field_number;

// Behind the values of the key: that the row refers to the one that is updated.
std::vector<plan::Expr> IsChildBy(const Relation& relation, int first) {
  std::vector<plan::Expr> where = KeyIs(*relation.target, first);
  first += static_cast<int>(relation.target->primary_key.size());
  for (const Column* column : relation.references)
    where.push_back(plan::Equals(*column, {first++}));
  return where;
}

plan::Query Removal(const Relation& relation) {
  const schema::Table& table = *relation.target;
  if (table.delete_time == nullptr) {
    plan::Delete removal;
    removal.table = &table;
    removal.where = IsChildBy(relation, 1);
    removal.refused = plan::NoRow::kNotFound;
    return removal;
  }
  plan::Update marking;
  marking.table = &table;
  marking.values = {{table.delete_time, plan::Assignment::Source::kNow, {}}};
  AppendUpdateTime(table, marking.values);
  marking.where = IsChildBy(relation, 1);
  marking.refused = plan::NoRow::kNotFound;
  return marking;
}

}  // namespace

Children::Changes Children::ChangesOf(const schema::Method& method, const Relation& relation,
                                      const FieldDescriptor& field, const MethodContext& context) {
  const auto* type = field.message_type();
  Changes changes{&relation, &field, type->FindFieldByNumber(number::kChangesCreate),
                  type->FindFieldByNumber(number::kChangesUpdate),
                  type->FindFieldByNumber(number::kChangesDelete)};
  if (changes.update != nullptr) {
    changes.row_update.emplace(*relation.target, *changes.update->message_type(),
                               context.limits.row_bytes_max);
    changes.update_plans.emplace(context.cache, method);
  }
  if (changes.remove != nullptr) {
    changes.removed_key = KeyFields(*relation.target, *changes.remove->message_type());
    changes.remove_plan =
        plan::MakePlan(method, Removal(relation), {.form = plan::ReplyForm::kEmpty});
  }
  return changes;
}

Children::Children(const schema::Method& method, const MethodContext& context)
    : field_(method.descriptor->input_type()->FindFieldByNumber(number::kChildren)),
      limits_(context.limits),
      inserts_(context.inserts) {
  if (field_ == nullptr) return;
  for (const Relation& relation : method.table->relations) {
    const auto* field = field_->message_type()->FindFieldByNumber(relation.number);
    if (field != nullptr) changes_.push_back(ChangesOf(method, relation, *field, context));
  }
}

bool Children::AreIn(const Message& request) const {
  return field_ != nullptr && request.GetReflection()->HasField(request, field_);
}

// The walk over one request.
class Children::Walk {
 public:
  Walk(const Children& children, const Message& row, plan::Call& call, plan::Violations& violations)
      : children_(children),
        row_(row),
        call_(call),
        violations_(violations),
        created_(children.inserts_, children.limits_, call, violations) {}

  Written Run() {
    const Message& children =
        call_.request->GetReflection()->GetMessage(*call_.request, children_.field_);
    const Path root;
    const Path path(root, children_.field_->name());
    ForEach(children, path, [this](const Changes& changes, const Message& of, const Path& under) {
      if (changes.remove != nullptr) Remove(changes, of, under);
    });
    ForEach(children, path, [this](const Changes& changes, const Message& of, const Path& under) {
      if (changes.update != nullptr) Update(changes, of, under);
    });
    ForEach(children, path, [this](const Changes& changes, const Message& of, const Path& under) {
      if (changes.create == nullptr) return;
      created_.TakeChildren(*changes.relation, row_, of, *changes.create, under);
    });
    if (violations_.empty()) created_.AddStatementsBelow(1, written_.statements, written_.below);
    return std::move(written_);
  }

 private:
  template <typename Each>
  void ForEach(const Message& children, const Path& path, Each each) {
    for (const Changes& changes : children_.changes_) {
      if (!children.GetReflection()->HasField(children, changes.field)) continue;
      each(changes, children.GetReflection()->GetMessage(children, changes.field),
           Path(path, changes.field->name()));
    }
  }

  void Remove(const Changes& changes, const Message& of, const Path& under) {
    const int count = of.GetReflection()->FieldSize(of, changes.remove);
    for (int i = 0; i < count && !violations_.full(); ++i) {
      const Path path(under, changes.remove->name(), i);
      if (!created_.IsWithinLimits(path, 1)) return;
      const Message& entry = of.GetReflection()->GetRepeatedMessage(of, changes.remove, i);
      changes.removed_key.Check(entry, path, violations_);
      plan::Statement& statement = written_.statements.emplace_back();
      statement.plan = changes.remove_plan;
      statement.rows = {&entry};
      changes.removed_key.Add(entry, statement);
      AddParent(*changes.relation, statement);
    }
  }

  void Update(const Changes& changes, const Message& of, const Path& under) {
    const int count = of.GetReflection()->FieldSize(of, changes.update);
    for (int i = 0; i < count && !violations_.full(); ++i) {
      const Path path(under, changes.update->name(), i);
      if (!created_.IsWithinLimits(path, 1)) return;
      UpdateOne(changes, of.GetReflection()->GetRepeatedMessage(of, changes.update, i), path);
    }
  }

  void UpdateOne(const Changes& changes, const Message& entry, const Path& path) {
    const std::size_t before = violations_.size();
    RowUpdate::Parts parts = changes.row_update->Check(entry, path, violations_, call_.json);
    if (parts.row == nullptr) return;
    KeepParent(*changes.relation, path, parts);
    if (parts.empty() && violations_.size() == before) {
      changes.row_update->RefuseEmpty(path, violations_);
    }
    if (!violations_.empty()) return;
    plan::Statement& statement = written_.statements.emplace_back();
    plan::Update update = changes.row_update->StatementOf(parts, statement);
    for (const Column* column : changes.relation->references) {
      update.where.push_back(plan::Equals(*column, {static_cast<int>(statement.values.size())}));
      statement.Add(ParentValue(*changes.relation, *column));
    }
    update.returning = changes.relation->target->readable();
    update.refused = plan::NoRow::kNotFound;
    statement.plan =
        changes.update_plans->FindOrMake(std::move(update), {.form = plan::ReplyForm::kRow});
    statement.rows = {parts.row};
    written_.below.push_back(
        {changes.relation->number, static_cast<int>(written_.statements.size()), 0});
  }

  // A child stays with its parent: what it holds in the columns that refer is that of the parent,
  // and is not written.
  void KeepParent(const Relation& relation, const Path& path, RowUpdate::Parts& parts) {
    const Path row_path(path, relation.target->field_name);
    for (const Column* column : relation.references) {
      CheckSameAs(ParentValue(relation, *column), *parts.row, *column, row_path, violations_);
      const auto is_it = [&](const plan::Change& change) { return change.column == column; };
      std::erase_if(parts.changes, is_it);
    }
  }

  plan::FieldValue ParentValue(const Relation& relation, const Column& reference) const {
    for (std::size_t i = 0; i < relation.references.size(); ++i) {
      const Column* column = relation.columns[i];
      if (relation.references[i] == &reference) return {column, {&row_, column->api}};
    }
    return {};
  }

  void AddParent(const Relation& relation, plan::Statement& statement) const {
    for (const Column* column : relation.references) {
      statement.Add(ParentValue(relation, *column));
    }
  }

  const Children& children_;
  const Message& row_;
  plan::Call& call_;
  plan::Violations& violations_;
  NestedInsert created_;
  Written written_;
};

Children::Written Children::Take(const Message& row, plan::Call& call,
                                 plan::Violations& violations) const {
  return Walk(*this, row, call, violations).Run();
}

}  // namespace tenantry::methods
