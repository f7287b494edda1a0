#include "tests/isolation/population.h"

#include <algorithm>
#include <pqxx/pqxx>
#include <utility>
#include "absl/strings/str_cat.h"

namespace tenantry::isolation {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using schema::Relation;
using schema::Table;

// Shorter texts turn up by chance.
constexpr std::size_t kMarkMin = 8;

bool MustRefer(const Relation& relation) {
  return std::all_of(relation.columns.begin(), relation.columns.end(),
                     [](const schema::Column* column) { return column->not_null; });
}

bool Contains(const std::vector<const schema::Column*>& columns, const schema::Column* column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

// The relation by which a new row of a join table differs from all others: its key is nothing but
// references. Null for other tables.
const Relation* KeyRelation(const Table& table) {
  const Relation* last = nullptr;
  for (const schema::Column* column : table.primary_key) {
    const auto refers = [&](const Relation& relation) {
      return relation.is_foreign_key() && relation.target != &table &&
             Contains(relation.columns, column);
    };
    auto found = std::find_if(table.relations.begin(), table.relations.end(), refers);
    if (found == table.relations.end()) return nullptr;
    last = &*found;
  }
  return last;
}

}  // namespace

Population::Population(const test::DynamicClient& client, const std::string& superuser_url,
                       std::string tenant, test::RowFactory factory, int count, Findings& findings,
                       const Population* twin)
    : client_(client),
      superuser_url_(superuser_url),
      tenant_(std::move(tenant)),
      factory_(std::move(factory)),
      findings_(findings),
      twin_(twin) {
  marks_.push_back(tenant_);
  for (const Table* table : test::ParentsFirst(client.schema())) {
    rows_[table];
    const bool by_method =
        test::FindMethod(client.schema(), *table, v1::METHOD_KIND_CREATE) != nullptr;
    by_method ? Fill(*table, count) : FillBySql(*table, count);
    if (table->delete_time != nullptr) DeleteLast(*table);
    if (deleted(*table) != nullptr) CollectMarks(*table, *deleted(*table));
  }
  for (const auto& [table, rows] : rows_) {
    for (const MessagePtr& row : rows) CollectMarks(*table, *row);
  }
  for (const Table& table : client.schema().tables()) {
    if (table.is_view()) ReadView(table);
  }
  filled_ = true;
}

const Message* Population::first(const Table& table) const {
  return rows(table).empty() ? nullptr : rows(table).front().get();
}

const Message* Population::deleted(const Table& table) const {
  auto found = deleted_.find(&table);
  return found == deleted_.end() ? nullptr : found->second.get();
}

bool Population::Owns(const Table& table, const Message& row) const {
  if (table.is_view()) return OwnsInView(table, row);
  const std::string key = test::ValuesOf(table.primary_key, row);
  const auto is_it = [&](const Message& own) {
    return test::ValuesOf(table.primary_key, own) == key;
  };
  const auto among = [&](const std::vector<MessagePtr>& rows) {
    return std::any_of(rows.begin(), rows.end(),
                       [&](const MessagePtr& own) { return is_it(*own); });
  };
  const Message* removed = deleted(table);
  const auto later = later_.find(&table);
  return (removed != nullptr && is_it(*removed)) || among(rows(table)) ||
         (later != later_.end() && among(later->second));
}

// Every row that is made anywhere may make one here.
bool Population::OwnsInView(const Table& view, const Message& row) const {
  pqxx::connection connection(superuser_url_);
  pqxx::nontransaction work(connection);
  return work.query_value<bool>(absl::StrCat("SELECT EXISTS (SELECT FROM ", view.sql_name,
                                             " WHERE ", view.tenant_sql_name, " = '", tenant_,
                                             "' AND ", test::KeyCondition(view, row), ")"));
}

// What it shows are values of other rows, which are marks already.
void Population::ReadView(const Table& view) {
  std::vector<MessagePtr>& rows = rows_[&view];
  const schema::Method* list = test::FindMethod(client_.schema(), view, v1::METHOD_KIND_LIST);
  if (list == nullptr) return;
  const test::CallResult result = client_.Call(
      *list, *test::ListRequest(*list, {.page_size = 1000}), {.headers = test::As(tenant_)});
  if (!result.ok()) {
    return findings_.Add(
        absl::StrCat(list->path, ": a tenant cannot read its own view: ", result.ToString()));
  }
  for (const Message* row : test::RowsOf(*result.reply)) rows.push_back(test::Copy(*row));
  if (rows.empty()) findings_.Add(absl::StrCat(view.sql_name, " has no rows to try with"));
}

// A table's own first row has none to refer to.
const Message* Population::ParentFor(const Table& table, const Relation& relation) {
  auto found = rows_.find(relation.target);
  if (found == rows_.end() || found->second.empty()) return nullptr;
  if (&table == relation.target && MustRefer(relation)) return nullptr;
  if (&relation == KeyRelation(table)) {
    MessagePtr parent = MakeRow(*relation.target);
    if (parent == nullptr) return nullptr;
    auto& rows = filled_ ? later_[relation.target] : found->second;
    return rows.emplace_back(std::move(parent)).get();
  }
  return found->second.front().get();
}

MessagePtr Population::NewRow(const Table& table) {
  return factory_.Make(table, [&](const Relation& relation) { return ParentFor(table, relation); });
}

namespace {

// What only requests hold, so that the row can be written again as a whole.
void KeepWhatIsNotShown(const Table& table, const Message& written, Message& row) {
  for (const schema::Column& column : table.columns) {
    if (column.is_settable() && !column.is_readable() && !column.array) {
      test::CopyValue(written, *column.api, row, *column.api);
    }
  }
}

}  // namespace

MessagePtr Population::MakeRow(const Table& table) {
  const schema::Method* create = test::FindMethod(client_.schema(), table, v1::METHOD_KIND_CREATE);
  if (create == nullptr) return nullptr;
  MessagePtr row = NewRow(table);
  if (!filled_) TakeKey(table, *row);
  const MessagePtr request = test::RowRequest(*create, *row);
  test::CallResult result = client_.Call(*create, *request, {.headers = test::As(tenant_)});
  if (!result.ok()) {
    findings_.Add(absl::StrCat(create->path, ": a tenant cannot make its own row: ",
                               result.ToString(), " for ", request->ShortDebugString()));
    return nullptr;
  }
  KeepWhatIsNotShown(table, *row, *result.reply);
  return std::move(result.reply);
}

void Population::Fill(const Table& table, int count) {
  for (int i = 0; i < count; ++i) {
    MessagePtr row = MakeRow(table);
    if (row != nullptr) rows_[&table].push_back(std::move(row));
  }
}

// Of the twin's row with the same place.
void Population::TakeKey(const Table& table, Message& row) const {
  const std::size_t index = rows(table).size();
  if (twin_ == nullptr || index >= twin_->rows(table).size()) return;
  for (const schema::Column* column : table.primary_key) {
    // Texts stay: they tell whose row it is.
    if (column->type == schema::Type::kText) continue;
    test::CopyValue(*twin_->rows(table)[index], *column->api, row, *column->api);
  }
}

// The root table has one row per tenant.
void Population::FillBySql(const Table& table, int count) {
  pqxx::connection connection(superuser_url_);
  pqxx::work work(connection);
  for (int i = 0; i < (table.tenant_root ? 1 : count); ++i) {
    MessagePtr row = NewRow(table);
    if (table.tenant_root) {
      row->GetReflection()->SetString(row.get(), table.primary_key[0]->api, tenant_);
    }
    work.exec(test::InsertSql(table, tenant_, *row));
    rows_[&table].push_back(std::move(row));
  }
  work.commit();
}

void Population::DeleteLast(const Table& table) {
  const schema::Method* remove = test::FindMethod(client_.schema(), table, v1::METHOD_KIND_DELETE);
  if (remove == nullptr || rows_[&table].size() < 2) return;
  MessagePtr row = std::move(rows_[&table].back());
  rows_[&table].pop_back();
  test::CallResult result =
      client_.Call(*remove, *test::KeyRequest(*remove, *row), {.headers = test::As(tenant_)});
  if (!result.ok()) {
    findings_.Add(
        absl::StrCat(remove->path, ": a tenant cannot delete its own row: ", result.ToString()));
  }
  // As it is now, with the time of its deletion.
  if (result.ok() && result.reply->GetDescriptor() == row->GetDescriptor()) {
    KeepWhatIsNotShown(table, *row, *result.reply);
    row = std::move(result.reply);
  }
  deleted_[&table] = std::move(row);
}

// What the database computes is not told apart by its text: rows of others may come to the same.
void Population::CollectMarks(const Table& table, const Message& row) {
  for (const schema::Column& column : table.columns) {
    const FieldDescriptor* field = column.api;
    if (field == nullptr || !column.generated_sql.empty() || !column.stored) continue;
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    const auto* r = row.GetReflection();
    const int size = field->is_repeated() ? r->FieldSize(row, field) : 1;
    for (int j = 0; j < size; ++j) {
      std::string text =
          field->is_repeated() ? r->GetRepeatedString(row, field, j) : r->GetString(row, field);
      if (text.size() >= kMarkMin) marks_.push_back(std::move(text));
    }
  }
}

}  // namespace tenantry::isolation
