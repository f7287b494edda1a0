#include "tests/pg/migrate/any_client.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <regex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "server/base/log.h"
#include "server/migrate/guard.h"
#include "tests/support/rows.h"
#include "tests/support/test_server.h"
#include "tests/unit/migrate/schema_from_text.h"

namespace tenantry::migrate {
namespace {

using google::protobuf::Message;
using schema::Column;
using schema::Method;
using schema::Table;
using test::CallResult;
using test::MessagePtr;

namespace api = ::tenantry::v1;

// Ids and times are made anew by each run.
std::string Steady(const std::string& text) {
  static const std::regex id("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  static const std::regex number("(seconds|nanos): [0-9]+");
  static const std::regex token("_page_token: \"[^\"]*\"");
  static const std::regex reference("constraint=[a-z_]+_fkey");  // it follows from the columns
  std::string steady = std::regex_replace(text, id, "*");
  steady = std::regex_replace(steady, reference, "constraint=*_fkey");
  steady = std::regex_replace(steady, number, "$1: *");
  return std::regex_replace(steady, token, "_page_token: *");
}

class Caller {
 public:
  Caller(const test::DynamicClient& client, absl::Duration* slowest)
      : client_(client), slowest_(slowest), tenant_(test::NewTenantId()) {}

  Outcomes Run() {
    const std::vector<const Table*> tables = test::ParentsFirst(client_.schema());
    for (const Table* table : tables) {
      if (!table->tenant_root) Create(*table);
    }
    for (const Table* table : tables) {
      if (!table->tenant_root) Read(*table);
    }
    for (const Table& table : client_.schema().tables()) {
      if (table.is_view()) ReadView(table);
    }
    for (const Table* table : tables) {
      if (!table->tenant_root) Change(*table);
    }
    for (auto table = tables.rbegin(); table != tables.rend(); ++table) {
      if (!(*table)->tenant_root) Delete(**table);
    }
    return std::move(outcomes_);
  }

 private:
  static constexpr int kRows = 6;  // of each table

  CallResult Call(const Method& method, const Message& request, const std::string& what) {
    const absl::Time begin = absl::Now();
    CallResult result = client_.Call(method, request, {.headers = test::As(tenant_)});
    if (slowest_ != nullptr) *slowest_ = std::max(*slowest_, absl::Now() - begin);
    std::string& outcome =
        outcomes_[absl::StrCat(method.descriptor->name(), " ", what, " of ", method.table->name)];
    // A reply may have fields of a schema that the client does not know.
    if (result.reply != nullptr) result.reply->DiscardUnknownFields();
    outcome = result.ok() ? absl::StrCat("answered: ", Steady(result.ToString()))
                          : absl::StrCat("refused: ", Steady(result.Refusal()));
    return result;
  }

  const Method* MethodOf(const Table& table, api::MethodKind kind) const {
    return test::FindMethod(client_.schema(), table, kind);
  }

  const Message* Parent(const schema::Relation& relation) const {
    auto found = rows_.find(relation.target);
    return found == rows_.end() || found->second.empty() ? nullptr : found->second.back().get();
  }

  void Create(const Table& table) {
    const Method* method = MethodOf(table, api::METHOD_KIND_CREATE);
    if (method == nullptr) return;
    test::RowFactory factory("x", 10 * static_cast<int>(rows_.size()));
    for (int i = 0; i < kRows; ++i) {
      MessagePtr row =
          factory.Make(table, [this](const auto& relation) { return Parent(relation); });
      CallResult made = Call(*method, *test::RowRequest(*method, *row), absl::StrCat("row ", i));
      if (!made.ok() || made.reply == nullptr) continue;
      for (const schema::UniqueKey& key : table.unique_keys) Duplicate(table, *row, key);
      Repeat(table, *row);
      rows_[&table].push_back(std::move(made.reply));
    }
  }

  // Another row with the same values, but for the primary key.
  void Repeat(const Table& table, const Message& row) {
    const Method* method = MethodOf(table, api::METHOD_KIND_CREATE);
    MessagePtr twin = test::Copy(row);
    test::RowFactory factory("z", 700);
    for (const Column* column : table.primary_key) {
      if (column->is_settable()) factory.Freshen({column}, *twin);
    }
    Call(*method, *test::RowRequest(*method, *twin), "again");
  }

  // Another row with the same key.
  void Duplicate(const Table& table, const Message& row, const schema::UniqueKey& key) {
    const Method* method = MethodOf(table, api::METHOD_KIND_CREATE);
    MessagePtr twin = test::Copy(row);
    test::RowFactory factory("y", 900);
    for (const Column& column : table.columns) {
      const bool of_key = std::count(key.columns.begin(), key.columns.end(), &column) > 0;
      const bool of_primary =
          std::count(table.primary_key.begin(), table.primary_key.end(), &column) > 0;
      if (!of_key && of_primary && column.is_settable()) factory.Freshen({&column}, *twin);
    }
    Call(*method, *test::RowRequest(*method, *twin), absl::StrCat("twin by ", key.number));
  }

  void Read(const Table& table) {
    if (rows_[&table].empty()) return;
    const Message& row = *rows_[&table].back();
    if (const Method* get = MethodOf(table, api::METHOD_KIND_GET)) {
      MessagePtr request = test::KeyRequest(*get, row);
      test::SelectRelations(2, *request);
      Call(*get, *request, "with relations");
    }
    if (const Method* batch = MethodOf(table, api::METHOD_KIND_BATCH_GET)) {
      Call(*batch, *test::BatchRequest(*batch, {&row}), "batch");
    }
    if (const Method* list = MethodOf(table, api::METHOD_KIND_LIST)) ReadList(table, *list, row);
    if (const Method* aggregate = MethodOf(table, api::METHOD_KIND_AGGREGATE)) {
      for (const Column* column : table.orderable()) {
        if (IsMade(*column)) continue;
        Call(*aggregate, *test::AggregateRequest(*aggregate, {.group = column}),
             absl::StrCat("by ", column->number()));
      }
    }
  }

  void ReadView(const Table& view) {
    const Method* list = MethodOf(view, api::METHOD_KIND_LIST);
    if (list == nullptr) return;
    const CallResult all = Call(*list, *test::ListRequest(*list, {}), "all");
    if (!all.ok()) return;
    for (const Message* row : test::RowsOf(*all.reply)) rows_[&view].push_back(test::Copy(*row));
    Read(view);
  }

  // Its values are the database's, and no order by them is the same twice.
  static bool IsMade(const Column& column) {
    return column.managed != api::MANAGED_UNSPECIFIED || column.type == schema::Type::kUuid;
  }

  void ReadList(const Table& table, const Method& list, const Message& row) {
    for (const Column* column : table.orderable()) {
      if (IsMade(*column)) continue;
      Call(list, *test::ListRequest(list, {.filter = column, .filter_row = &row, .order = column}),
           absl::StrCat("by ", column->number()));
    }
  }

  void Change(const Table& table) {
    if (rows_[&table].empty()) return;
    const Message& row = *rows_[&table].front();
    if (const Method* update = MethodOf(table, api::METHOD_KIND_UPDATE)) {
      std::vector<std::string> mask;
      for (const Column& column : table.columns) {
        if (column.is_settable() && !column.immutable) mask.push_back(column.field->name());
      }
      if (!mask.empty()) Call(*update, *test::RowRequest(*update, row, mask), "all columns");
    }
    if (const Method* upsert = MethodOf(table, api::METHOD_KIND_UPSERT)) {
      Call(*upsert, *test::RowRequest(*upsert, row), "by primary key");
      for (const schema::UniqueKey& key : table.unique_keys) {
        Call(*upsert, *test::RowRequest(*upsert, row, {}, key.number),
             absl::StrCat("by ", key.number));
      }
    }
  }

  void Delete(const Table& table) {
    const Method* method = MethodOf(table, api::METHOD_KIND_DELETE);
    if (method == nullptr) return;
    for (const MessagePtr& row : rows_[&table]) {
      Call(*method, *test::KeyRequest(*method, *row), "rows");
    }
  }

  const test::DynamicClient& client_;
  absl::Duration* const slowest_;
  const std::string tenant_;
  std::map<const Table*, std::vector<MessagePtr>> rows_;
  Outcomes outcomes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<AnyServer>> AnyServer::Start(const std::string& schema_text,
                                                            const test::Database& database) {
  static const bool quiet = [] {
    const char* wanted = std::getenv("TENANTRY_TEST_LOG");
    StartLog(ParseLogLevel(wanted ? wanted : "off").value_or(LogLevel::kOff), LogFormat::kLogfmt);
    return true;
  }();
  (void)quiet;
  auto schema = SchemaFromText(schema_text);
  if (!schema.ok()) return schema.status();
  Config config = test::TestConfig(database);
  config.metrics_listen = "";
  serve::Guard guard = test::GuardOf(**schema);
  auto server = serve::Server::Start(config, *std::move(schema), std::move(guard));
  if (!server.ok()) return server.status();
  return std::unique_ptr<AnyServer>(new AnyServer(*std::move(server)));
}

std::shared_ptr<grpc::Channel> AnyServer::NewChannel() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(server_->addresses()[0], grpc::InsecureChannelCredentials(),
                                   arguments);
}

Outcomes CallEverything(const test::DynamicClient& client, absl::Duration* slowest) {
  return Caller(client, slowest).Run();
}

std::string Worse(const Outcomes& before, const Outcomes& now) {
  std::string lines;
  for (const auto& [call, outcome] : before) {
    auto found = now.find(call);
    const std::string& other = found == now.end() ? "not called" : found->second;
    if (other != outcome)
      absl::StrAppend(&lines, call, "\n  was ", outcome, "\n  is ", other, "\n");
  }
  return lines;
}

}  // namespace tenantry::migrate
