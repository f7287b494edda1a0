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

Children::ChildFields Children::FieldsOf(const schema::Method& method, const Relation& relation,
                                         const FieldDescriptor& field,
                                         const MethodContext& context) {
  const auto* type = field.message_type();
  ChildFields fields{&relation, &field, type->FindFieldByNumber(number::kChangesCreate),
                     type->FindFieldByNumber(number::kChangesUpdate),
                     type->FindFieldByNumber(number::kChangesDelete)};
  if (fields.update != nullptr) {
    fields.change_fields.emplace(*relation.target, *fields.update->message_type(),
                                 ChangeFields::Numbers());
    fields.update_plans.emplace(context.cache, method);
  }
  if (fields.remove != nullptr) {
    fields.removed_key = KeyFields(*relation.target, *fields.remove->message_type());
    fields.remove_plan =
        plan::MakePlan(method, Removal(relation), {.form = plan::ReplyForm::kEmpty});
  }
  return fields;
}

Children::Children(const schema::Method& method, const MethodContext& context)
    : field_(method.descriptor->input_type()->FindFieldByNumber(number::kChildren)),
      limits_(context.limits),
      inserts_(context.inserts) {
  if (field_ == nullptr) return;
  for (const Relation& relation : method.table->relations) {
    const auto* field = field_->message_type()->FindFieldByNumber(relation.number);
    if (field != nullptr) fields_.push_back(FieldsOf(method, relation, *field, context));
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
    ForEach(children, path,
            [this](const ChildFields& fields, const Message& of, const Path& under) {
              if (fields.remove != nullptr) Remove(fields, of, under);
            });
    ForEach(children, path,
            [this](const ChildFields& fields, const Message& of, const Path& under) {
              if (fields.update != nullptr) Update(fields, of, under);
            });
    ForEach(children, path,
            [this](const ChildFields& fields, const Message& of, const Path& under) {
              if (fields.create == nullptr) return;
              created_.TakeChildren(*fields.relation, row_, of, *fields.create, under);
            });
    if (violations_.empty()) created_.AddStatementsBelow(1, written_.statements, written_.below);
    return std::move(written_);
  }

 private:
  template <typename Each>
  void ForEach(const Message& children, const Path& path, Each each) {
    for (const ChildFields& fields : children_.fields_) {
      if (!children.GetReflection()->HasField(children, fields.field)) continue;
      each(fields, children.GetReflection()->GetMessage(children, fields.field),
           Path(path, fields.field->name()));
    }
  }

  void Remove(const ChildFields& fields, const Message& of, const Path& under) {
    const int count = of.GetReflection()->FieldSize(of, fields.remove);
    for (int i = 0; i < count && !violations_.full(); ++i) {
      const Path path(under, fields.remove->name(), i);
      if (!created_.IsWithinLimits(path, 1)) return;
      const Message& entry = of.GetReflection()->GetRepeatedMessage(of, fields.remove, i);
      fields.removed_key.Check(entry, path, violations_);
      plan::Statement& statement = written_.statements.emplace_back();
      statement.plan = fields.remove_plan;
      statement.rows = {&entry};
      fields.removed_key.Add(entry, statement);
      AddParent(*fields.relation, statement);
    }
  }

  void Update(const ChildFields& fields, const Message& of, const Path& under) {
    const int count = of.GetReflection()->FieldSize(of, fields.update);
    for (int i = 0; i < count && !violations_.full(); ++i) {
      const Path path(under, fields.update->name(), i);
      if (!created_.IsWithinLimits(path, 1)) return;
      UpdateOne(fields, of.GetReflection()->GetRepeatedMessage(of, fields.update, i), path);
    }
  }

  void UpdateOne(const ChildFields& fields, const Message& entry, const Path& path) {
    const std::size_t before = violations_.size();
    Changes changes = fields.change_fields->TakeOfRow(entry, path, violations_, call_.json);
    if (changes.row == nullptr) return;
    KeepParent(*fields.relation, path, changes);
    if (changes.empty() && violations_.size() == before) {
      fields.change_fields->RefuseEmpty(path, violations_);
    }
    if (!violations_.empty()) return;
    plan::Statement& statement = written_.statements.emplace_back();
    plan::Update update =
        UpdateOfRow(*fields.relation->target, changes, children_.limits_.row_bytes_max, statement);
    for (const Column* column : fields.relation->references) {
      update.where.push_back(plan::Equals(*column, {static_cast<int>(statement.values.size())}));
      statement.Add(ParentValue(*fields.relation, *column));
    }
    update.returning = fields.relation->target->readable();
    update.refused = plan::NoRow::kNotFound;
    statement.plan =
        fields.update_plans->FindOrMake(std::move(update), {.form = plan::ReplyForm::kRow});
    statement.rows = {changes.row};
    written_.below.push_back(
        {fields.relation->number, static_cast<int>(written_.statements.size()), 0});
  }

  // A child stays with its parent: what it holds in the columns that refer is that of the parent,
  // and is not written.
  void KeepParent(const Relation& relation, const Path& path, Changes& changes) {
    const Path row_path(path, relation.target->field_name);
    for (const Column* column : relation.references) {
      CheckSameAs(ParentValue(relation, *column), *changes.row, *column, row_path, violations_);
      const auto is_it = [&](const plan::Change& change) { return change.column == column; };
      std::erase_if(changes.set, is_it);
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
