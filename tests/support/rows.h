// Rows of any table, and requests for any derived method, from the Schema alone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"
#include "server/schema/schema.h"
#include "tenantry/v1/aggregate.pb.h"

namespace tenantry::test {

using MessagePtr = std::unique_ptr<google::protobuf::Message>;

MessagePtr Copy(const google::protobuf::Message& message);

// Makes rows that meet every rule that the Schema states, each value different from the last.
class RowFactory {
 public:
  // The row that a foreign key is to point to; null leaves the columns unset.
  using Parents = std::function<const google::protobuf::Message*(const schema::Relation&)>;

  // `mark` goes into text values, so that they can be told from other factories'; numbers and days
  // count up from `first`.
  explicit RowFactory(std::string mark, std::int64_t first = 0)
      : mark_(std::move(mark)), count_(first) {}

  // Every writable column set, the key included.
  MessagePtr Make(const schema::Table& table, const Parents& parents);
  // Gives the row's columns values that no other row has.
  void Freshen(const std::vector<const schema::Column*>& columns, google::protobuf::Message& row);

 private:
  void Set(const schema::Column& column, google::protobuf::Message& row);
  // Of a list, another element.
  void SetOne(const schema::Column& column, google::protobuf::Message& row);
  std::string Text(const schema::Column& column);
  std::int64_t Number(const schema::Column& column);
  absl::CivilDay Day(const schema::Column& column);
  std::int64_t Second(const schema::Column& column);

  std::string mark_;
  std::int64_t count_;
};

// The value of a field, put into another field of the same type.
void CopyValue(const google::protobuf::Message& from, const google::protobuf::FieldDescriptor& a,
               google::protobuf::Message& to, const google::protobuf::FieldDescriptor& b);
// The row's foreign key made to point to `parent`.
void Refer(const schema::Relation& relation, const google::protobuf::Message& parent,
           google::protobuf::Message& row);

// Values of these columns as text, to compare rows by.
std::string ValuesOf(const std::vector<const schema::Column*>& columns,
                     const google::protobuf::Message& row);

// SQL that holds for the rows with the key of this one, of whatever tenant.
std::string KeyCondition(const schema::Table& table, const google::protobuf::Message& row);

// Tables in an order in which rows can be made: those referred to come first. Without views.
std::vector<const schema::Table*> ParentsFirst(const schema::Schema& schema);
// The table's method of this kind, null when there is none.
const schema::Method* FindMethod(const schema::Schema& schema, const schema::Table& table,
                                 v1::MethodKind kind);
// The kinds of methods that some table of the schema can have.
std::set<v1::MethodKind> FittingKinds(const schema::Schema& schema);

// Requests. `row` names the key where only a key is asked for.
//
// One of any kind. About many rows, it asks for what it can.
MessagePtr RequestAbout(const schema::Method& method, const google::protobuf::Message& row);
MessagePtr KeyRequest(const schema::Method& method, const google::protobuf::Message& row);
MessagePtr RowRequest(const schema::Method& method, const google::protobuf::Message& row,
                      const std::vector<std::string>& mask = {}, int conflict_key = 0);
MessagePtr BatchRequest(const schema::Method& method,
                        const std::vector<const google::protobuf::Message*>& rows);
struct ManyOptions {
  std::vector<const schema::Column*> filter = {};  // each compared with its value in `row`
  // Whose values an UpdateMany sets, all that can be set.
  const google::protobuf::Message* row = nullptr;
  std::int64_t max_affected = 1000;
  bool validate_only = false;
};
// Of UpdateMany and DeleteMany.
MessagePtr ManyRequest(const schema::Method& method, const ManyOptions& options);
std::int64_t AffectedOf(const google::protobuf::Message& reply);

struct ListOptions {
  int page_size = 1000;
  std::string page_token = {};
  const schema::Column* filter = nullptr;  // compared with its value in `filter_row`
  const google::protobuf::Message* filter_row = nullptr;
  const char* filter_operator = "eq";
  const schema::Column* order = nullptr;
  bool descending = false;
  bool show_deleted = false;
  int relations = 0;  // selects all relations, and theirs, this many levels down
};
MessagePtr ListRequest(const schema::Method& method, const ListOptions& options);

// The only message of its stream.
MessagePtr ImportRequest(const schema::Method& method,
                         const std::vector<const google::protobuf::Message*>& rows);
struct ExportOptions {
  std::string resume_token = {};
  bool show_deleted = false;
  int relations = 0;  // as of a list
};
MessagePtr ExportRequest(const schema::Method& method, const ExportOptions& options);

struct AggregateOptions {
  const schema::Relation* relation = nullptr;  // to one: `group` is of its target
  const schema::Column* group = nullptr;
  int function = 1;                       // a number of tenantry.v1.AggregateFunction
  const schema::Column* field = nullptr;  // that the measure is made of
};
// One measure, of one group or of all groups by a column.
MessagePtr AggregateRequest(const schema::Method& method, const AggregateOptions& options);

// Whether the schema says more of the column's values than its type does, alone or beside others.
// Rows of a RowFactory keep that, and random values do not.
bool HasDeclaredRules(const schema::Table& table, const schema::Column& column);

// Selects every relation, and theirs, this many levels down, deleted rows too. False for a method
// whose requests select nothing.
bool SelectRelations(int levels, google::protobuf::Message& request);

// The rows and the token of a list's or batch's reply.
std::vector<const google::protobuf::Message*> RowsOf(const google::protobuf::Message& reply);
// The values of aggregates that the message has by their names in this field: a group of its
// measures, or a row of what was measured beside it.
std::map<std::string, v1::AggregateValue> AggregatesIn(const google::protobuf::Message& message,
                                                       int field);
// The value of the only measure of a group.
v1::AggregateValue OnlyMeasure(const google::protobuf::Message& group);
std::string NextPageToken(const google::protobuf::Message& reply);
// The token of an export's message, or of all its messages together.
std::string ResumeToken(const google::protobuf::Message& reply);

// The row as SQL: `INSERT INTO ... VALUES (...)`, for tables whose rows no method makes.
std::string InsertSql(const schema::Table& table, std::string_view tenant,
                      const google::protobuf::Message& row);

}  // namespace tenantry::test
