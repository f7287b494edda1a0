#include "tests/pg/plan/world.h"

#include <gtest/gtest.h>

#include "server/codec/codec.h"
#include "server/plan/plan.h"
#include "tests/pg/lanes/fixture.h"
#include "tests/pg/plan/evaluate.h"
#include "tests/support/saas_schema.h"

namespace tenantry::test {
namespace {

using google::protobuf::Message;
using schema::Method;
using schema::Table;

constexpr std::size_t kBytesMax = 64 << 20;

MessagePtr Reply(const plan::Call& call, const Rows& rows, MessagePtr reply) {
  std::string bytes;
  std::vector<codec::LeftOutField> left_out;
  const absl::Status status = codec::EncodeReply(call, {&rows}, kBytesMax, bytes, left_out);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(left_out.empty());
  EXPECT_TRUE(reply->ParseFromString(bytes));
  return reply;
}

void CopyColumn(const schema::Column& column, const Message& from, Message& to) {
  const auto* field = to.GetDescriptor()->FindFieldByNumber(column.number());
  const auto* other = from.GetDescriptor()->FindFieldByNumber(column.number());
  if (field->has_presence() && !from.GetReflection()->HasField(from, other)) {
    return to.GetReflection()->ClearField(&to, field);
  }
  CopyValue(from, *other, to, *field);
}

}  // namespace

World::World(const schema::Schema& schema, pg::Executor& executor, MetricRegistry& metrics)
    : schema_(schema),
      executor_(executor),
      planner_(schema, {.limits = {.estimated_totals = true}}, metrics) {}

absl::Status World::Run(int tenant, plan::Call call, Message& reply) {
  const identity::Identity identity = MakeIdentity(tenant);
  std::vector<pg::Statement> statements;
  call.ForEachStatement([&](const plan::Statement& planned) {
    pg::Statement& statement = statements.emplace_back();
    statement.text = planned.plan->text;
    if (fault_) {
      auto text = std::make_shared<SqlText>(*statement.text);
      text->sql = fault_(text->sql);
      text->name += "f";
      statement.text = std::move(text);
    }
    codec::BindParameters(call, planned, identity.tenant(), ids_, statement.params);
  });
  const auto count = static_cast<int>(statements.size());
  test::Call transaction(identity, pg::Access::kReadWrite, std::move(statements));
  executor_.Submit(&transaction);
  if (!transaction.Wait().ok()) return transaction.Wait();

  std::vector<const Rows*> results;
  for (int i = 0; i < count; ++i) results.push_back(&transaction.rows(i));
  std::string bytes;
  std::vector<codec::LeftOutField> left_out;
  const absl::Status status = codec::EncodeReply(call, results, kBytesMax, bytes, left_out);
  EXPECT_TRUE(left_out.empty());
  EXPECT_TRUE(!status.ok() || reply.ParseFromString(bytes));
  return status;
}

MessagePtr World::Call(int tenant, const Method& method, const Message& request) {
  absl::StatusOr<plan::Call> call = planner_.Prepare(method, request);
  EXPECT_TRUE(call.ok()) << method.path << call.status() << request.DebugString();
  MessagePtr reply = testing::NewMessage(*method.descriptor->output_type());
  const absl::Status status = Run(tenant, *call, *reply);
  EXPECT_TRUE(status.ok()) << method.path << status;
  return reply;
}

void World::Fill(int tenant, int rows_per_table, std::mt19937& random) {
  for (const Table* table : ParentsFirst(schema_)) {
    rows_[{tenant, table}];
    if (FindMethod(schema_, *table, v1::METHOD_KIND_CREATE) == nullptr) continue;
    const auto parents = [&](const schema::Relation& relation) -> const Message* {
      const auto& rows = rows_[{tenant, relation.target}];
      const bool may_lack = !relation.columns[0]->not_null;
      if (rows.empty() || (may_lack && random() % 3 == 0)) return nullptr;
      return rows[random() % rows.size()].get();
    };
    for (int i = 0; i < rows_per_table; ++i) {
      Create(tenant, *table, *NewRow(*table, parents, random));
    }
  }
  DeleteSome(tenant, random);
  ReadViews(tenant);
}

void World::ReadViews(int tenant) {
  for (const Table& view : schema_.tables()) {
    if (!view.is_view()) continue;
    std::vector<MessagePtr>& rows = rows_[{tenant, &view}];
    rows.clear();
    plan::Read read;
    read.table = &view;
    read.columns = view.readable();
    const MessagePtr page = Ask(tenant, read, {TenantText(tenant)});
    for (const Message* row : RowsOf(*page)) rows.push_back(Copy(*row));
  }
}

void World::FillLike(int other, int tenant, std::mt19937& random) {
  for (const Table* table : ParentsFirst(schema_)) {
    rows_[{tenant, table}];
    for (const MessagePtr& like : rows_[{other, table}]) {
      MessagePtr row = NewRow(
          *table, [](const auto&) { return nullptr; }, random);
      const auto take = [&](const plan::Columns& columns) {
        for (const schema::Column* column : columns) CopyColumn(*column, *like, *row);
      };
      take(table->primary_key);
      for (const schema::Relation& relation : table->relations) take(relation.columns);
      Create(tenant, *table, *row);
    }
  }
  DeleteSome(tenant, random);
  ReadViews(tenant);
}

MessagePtr World::NewRow(const Table& table, const RowFactory::Parents& parents,
                         std::mt19937& random) {
  MessagePtr row = factory_.Make(table, parents);
  for (const schema::Column& column : table.columns) {
    if (column.is_hidden() || HasDeclaredRules(table, column)) continue;
    const auto* field = row->GetDescriptor()->FindFieldByNumber(column.number());
    if (!column.not_null && column.default_sql.empty() && random() % 4 == 0) {
      row->GetReflection()->ClearField(row.get(), field);
    }
  }
  shape_(table, *row);
  return row;
}

void World::Create(int tenant, const Table& table, const Message& row) {
  const Method& method = *FindMethod(schema_, table, v1::METHOD_KIND_CREATE);
  rows_[{tenant, &table}].push_back(Call(tenant, method, *RowRequest(method, row)));
}

void World::DeleteSome(int tenant, std::mt19937& random) {
  for (const Table& table : schema_.tables()) {
    if (table.delete_time == nullptr) continue;
    const Method* method = FindMethod(schema_, table, v1::METHOD_KIND_DELETE);
    for (MessagePtr& row : rows_[{tenant, &table}]) {
      if (random() % 4 == 0) row = Call(tenant, *method, *KeyRequest(*method, *row));
    }
  }
}

MessagePtr World::Ask(int tenant, const plan::Read& read, const TextValues& values) {
  plan::Call call;
  call.page_size = 1 << 20;
  call.plan = plan::MakePlan(schema_.methods().front(), read, {.form = plan::ReplyForm::kPage});
  pg::Statement statement{call.plan->text, {}};
  for (const std::string& value : values) statement.params.AddText(value);
  test::Call transaction(MakeIdentity(tenant), pg::Access::kReadOnly, {std::move(statement)});
  executor_.Submit(&transaction);
  EXPECT_TRUE(transaction.Wait().ok()) << transaction.Wait() << call.plan->text->sql;
  if (!transaction.Wait().ok()) return messages_.NewPage(*read.table);
  return Reply(call, transaction.rows(), messages_.NewPage(*read.table));
}

MessagePtr World::WorkOut(int tenant, const plan::Read& read, const TextValues& values) const {
  const Evaluator evaluator(
      [&](const Table& table) -> const auto& { return rows(tenant, table); }, values);
  MessagePtr page = messages_.NewPage(*read.table);
  const auto* field = page->GetDescriptor()->FindFieldByNumber(1);
  for (const Message* row : evaluator.Rows(read)) {
    evaluator.Copy(read, *row, *page->GetReflection()->AddMessage(page.get(), field));
  }
  return page;
}

}  // namespace tenantry::test
