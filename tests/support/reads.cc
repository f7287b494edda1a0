#include "tests/support/reads.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.pb.h"

namespace tenantry::test {
namespace {

using google::protobuf::FieldDescriptorProto;

constexpr char kPackage[] = "test.rows";
constexpr char kPageSuffix[] = "_Page";

template <typename Kind>
[[noreturn]] void Die(Kind kind, std::string_view name) {
  std::fprintf(stderr, "no %s %s\n", kind, std::string(name).c_str());
  std::abort();
}

plan::Columns ColumnsOf(const schema::Table& table, Names names) {
  plan::Columns columns;
  for (std::string_view name : names) columns.push_back(&ColumnOf(table, name));
  return columns;
}

void AddPage(const schema::Table& table, google::protobuf::FileDescriptorProto& file) {
  auto& message = *file.add_message_type();
  message.set_name(table.message->name() + kPageSuffix);
  FieldDescriptorProto& rows = *message.add_field();
  rows.set_name("rows");
  rows.set_number(1);
  rows.set_label(FieldDescriptorProto::LABEL_REPEATED);
  rows.set_type(FieldDescriptorProto::TYPE_MESSAGE);
  rows.set_type_name("." + table.resource->full_name());
  FieldDescriptorProto& token = *message.add_field();
  token.set_name("next_page_token");
  token.set_number(2);
  token.set_label(FieldDescriptorProto::LABEL_OPTIONAL);
  token.set_type(FieldDescriptorProto::TYPE_STRING);
}

}  // namespace

const schema::Table& TableNamed(const schema::Schema& schema, std::string_view name) {
  for (const schema::Table& table : schema.tables()) {
    if (table.name == name) return table;
  }
  Die("table", name);
}

const schema::Column& ColumnOf(const schema::Table& table, std::string_view name) {
  for (const schema::Column& column : table.columns) {
    if (column.name == name) return column;
  }
  Die("column", name);
}

const schema::Relation& RelationOf(const schema::Table& table, std::string_view name) {
  for (const schema::Relation& relation : table.relations) {
    if (relation.name == name) return relation;
  }
  Die("relation", name);
}

plan::Read ReadOf(const schema::Table& table, Names columns) {
  plan::Read read;
  read.table = &table;
  read.columns = ColumnsOf(table, columns);
  return read;
}

plan::Child ChildOf(const schema::Table& table, std::string_view relation, Names columns) {
  const schema::Relation& found = RelationOf(table, relation);
  return {&found, ReadOf(*found.target, columns)};
}

plan::Expr ExistsIn(const schema::Table& table, std::string_view relation,
                    std::vector<plan::Expr> operands) {
  plan::Expr expr;
  expr.kind = plan::Expr::Kind::kExists;
  expr.relation = &RelationOf(table, relation);
  expr.operands = std::move(operands);
  return expr;
}

plan::Expr IsNull(const schema::Column& column) {
  plan::Expr expr;
  expr.kind = plan::Expr::Kind::kIsNull;
  expr.column = &column;
  return expr;
}

plan::Expr Not(plan::Expr operand) {
  plan::Expr expr;
  expr.kind = plan::Expr::Kind::kNot;
  expr.operands.push_back(std::move(operand));
  return expr;
}

void TakePage(plan::Read& read, std::vector<plan::OrderTerm> order, plan::Slot limit) {
  read.order = std::move(order);
  read.page = plan::Page{64, limit, {}};
}

RowMessages::RowMessages(const schema::Schema& schema) : pool_(&schema.api()), messages_(&pool_) {
  google::protobuf::FileDescriptorProto file;
  file.set_name("test/rows.proto");
  file.set_package(kPackage);
  file.set_syntax("proto3");
  file.add_dependency(schema.tables()[0].resource->file()->name());
  for (const schema::Table& table : schema.tables()) AddPage(table, file);
  if (pool_.BuildFile(file) == nullptr) Die("file", file.name());
}

std::unique_ptr<google::protobuf::Message> RowMessages::New(const schema::Table& table) const {
  return std::unique_ptr<google::protobuf::Message>(messages_.GetPrototype(table.resource)->New());
}

std::unique_ptr<google::protobuf::Message> RowMessages::NewPage(const schema::Table& table) const {
  const auto* type =
      pool_.FindMessageTypeByName(absl::StrCat(kPackage, ".", table.message->name(), kPageSuffix));
  return std::unique_ptr<google::protobuf::Message>(messages_.GetPrototype(type)->New());
}

}  // namespace tenantry::test
