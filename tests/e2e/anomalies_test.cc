// The anomalies of Hermitage (github.com/ept/hermitage), tried through the API:
// proto/transactions.md says which happen, and these tests that it is so.

#include <fstream>
#include <pqxx/pqxx>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "saas/v1/catalog_service.pb.h"
#include "saas/v1/crm_service.pb.h"
#include "tenantry/v1/transact.grpc.pb.h"
#include "tests/e2e/servers.h"

namespace tenantry::e2e {
namespace {

using google::protobuf::Message;
using v1::IsolationLevel;

constexpr IsolationLevel kLevels[] = {v1::ISOLATION_LEVEL_UNSPECIFIED,
                                      v1::ISOLATION_LEVEL_REPEATABLE_READ,
                                      v1::ISOLATION_LEVEL_SERIALIZABLE};

// Somebody else's transaction, statement by statement. Goes around row-level security.
class Other {
 public:
  Other() : connection_(Saas().database().superuser_url()), work_(connection_) {}
  void Run(const std::string& sql) { work_.exec(sql); }
  int Ask(const std::string& sql) { return work_.query_value<int>(sql); }
  void Commit() { work_.commit(); }
  void Abort() { work_.abort(); }

 private:
  pqxx::connection connection_;
  pqxx::work work_;
};

class AnomaliesTest : public ::testing::Test {
 protected:
  // Two products of prices 10 and 20, and rows at which steps can be made to wait: one for each of
  // two transactions, since a row that both change is a conflict by itself.
  AnomaliesTest() {
    one_ = MakeProduct("one", 10);
    two_ = MakeProduct("two", 20);
    for (std::string& gate : gates_) {
      const CallResult made =
          Saas().client().Call("CreateContact", "contact { name: 'gate' }", As(tenant_));
      gate = Value(*made.reply, "id");
    }
  }

  std::string MakeProduct(const std::string& slug, int price) {
    const CallResult made = Saas().client().Call(
        "CreateProduct",
        absl::StrCat("product { slug: '", slug, "' name: 'p' price_cents: ", price, " }"),
        As(tenant_));
    EXPECT_THAT(made, IsOk());
    return Value(*made.reply, "id");
  }
  int Price(const std::string& id) {
    const CallResult read =
        Saas().client().Call("GetProduct", absl::StrCat("id: '", id, "'"), As(tenant_));
    return std::stoi(Value(*read.reply, "price_cents"));
  }
  std::string SetPrice(const std::string& id, int price) const {
    return absl::StrCat("UPDATE saas.products SET price_cents = ", price, " WHERE id = '", id, "'");
  }

  // --- steps ---

  static saas::v1::GetProductRequest Get(const std::string& id) {
    saas::v1::GetProductRequest get;
    get.set_id(id);
    return get;
  }
  static saas::v1::UpdateProductRequest Update(const std::string& id, int price) {
    saas::v1::UpdateProductRequest update;
    update.mutable_product()->set_id(id);
    update.mutable_product()->set_price_cents(price);
    return update;
  }
  // Products of this price, or all of them.
  static saas::v1::ListProductsRequest List(int price = 0) {
    saas::v1::ListProductsRequest list;
    if (price != 0) list.mutable_filter()->mutable_price_cents()->set_eq(price);
    list.add_order_by()->set_field(saas::v1::PRODUCT_FIELD_SLUG);
    return list;
  }
  saas::v1::CreateProductRequest Create(const std::string& slug, int price) const {
    saas::v1::CreateProductRequest create;
    create.mutable_product()->set_slug(slug);
    create.mutable_product()->set_name("p");
    create.mutable_product()->set_price_cents(price);
    return create;
  }
  // Waits for whoever holds the gates.
  saas::v1::UpdateContactRequest Gate(int which = 0) const {
    saas::v1::UpdateContactRequest update;
    update.mutable_contact()->set_id(gates_[which]);
    update.mutable_contact()->set_phone("1");
    return update;
  }
  std::string HoldGates() const {
    return absl::StrCat("SELECT FROM saas.contacts WHERE id IN ('", gates_[0], "', '", gates_[1],
                        "') FOR UPDATE");
  }

  // --- transactions ---

  template <typename... Steps>
  v1::TransactResponse Transact(IsolationLevel level, const Steps&... steps) {
    v1::TransactRequest request;
    request.set_isolation(level);
    (request.add_steps()->mutable_request()->PackFrom(steps), ...);
    grpc::ClientContext context;
    context.AddMetadata("x-tenant-id", tenant_);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    v1::TransactResponse response;
    const grpc::Status status = v1::TransactService::NewStub(Saas().client().channel())
                                    ->Transact(&context, request, &response);
    EXPECT_TRUE(status.ok()) << client::ToString(client::DecodeError(status));
    return response;
  }
  // Until this many of the server's transactions wait for a lock.
  static void AwaitBlocked(int count = 1) {
    // Within a transaction the view would not change.
    pqxx::connection connection(Saas().database().superuser_url());
    pqxx::nontransaction look(connection);
    EXPECT_TRUE(test::Eventually([&] {
      return look.query_value<int>(
                 "SELECT count(*)::int FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
                 "datname = current_database()") == count;
    }));
  }
  template <typename Reply>
  static Reply Result(const v1::TransactResponse& response, int step) {
    Reply reply;
    EXPECT_TRUE(step < response.results_size() && response.results(step).UnpackTo(&reply));
    return reply;
  }
  static int PriceAt(const v1::TransactResponse& response, int step) {
    return Result<saas::v1::Product>(response, step).price_cents();
  }
  static auto RowsAt(const v1::TransactResponse& response, int step) {
    return Result<saas::v1::ListProductsResponse>(response, step).products();
  }

  const std::string tenant_ = Saas().NewTenant();
  std::string one_, two_, gates_[2];

 public:
  // Each: whether the anomaly happens at this level.
  bool G0(IsolationLevel level) {
    Other other;
    other.Run(SetPrice(one_, 11));
    std::thread caller([&] { Transact(level, Update(one_, 12), Update(two_, 22)); });
    AwaitBlocked();
    other.Run(SetPrice(two_, 21));
    other.Commit();
    caller.join();
    return (Price(one_) == 12) != (Price(two_) == 22);
  }

  bool G1a(IsolationLevel level) {
    Other other;
    other.Run(SetPrice(one_, 101));
    const int during = PriceAt(Transact(level, Get(one_)), 0);
    other.Abort();
    return during == 101 || PriceAt(Transact(level, Get(one_)), 0) == 101;
  }

  bool G1b(IsolationLevel level) {
    Other other;
    other.Run(SetPrice(one_, 101));
    const int during = PriceAt(Transact(level, Get(one_)), 0);
    other.Run(SetPrice(one_, 11));
    other.Commit();
    EXPECT_EQ(PriceAt(Transact(level, Get(one_)), 0), 11);
    return during == 101;
  }

  bool G1c(IsolationLevel level) {
    Other other;
    other.Run(SetPrice(one_, 11));
    const int seen = PriceAt(Transact(level, Update(two_, 22), Get(one_)), 1);
    const int seen_by_other =
        other.Ask(absl::StrCat("SELECT price_cents FROM saas.products WHERE id = '", two_, "'"));
    other.Commit();
    return seen == 11 && seen_by_other == 22;
  }

  bool Otv(IsolationLevel level) {
    Other first;
    first.Run(SetPrice(one_, 11));
    first.Run(SetPrice(two_, 19));
    std::thread second([&] { Transact(level, Update(one_, 12), Update(two_, 18)); });
    AwaitBlocked();
    Other gate;
    gate.Run(HoldGates());
    v1::TransactResponse third;
    std::thread reader([&] { third = Transact(level, List(), Gate(), List()); });
    AwaitBlocked(2);
    first.Commit();
    second.join();
    gate.Commit();
    reader.join();
    for (int step : {0, 2}) {
      const auto rows = RowsAt(third, step);
      const std::pair<int, int> seen{rows[0].price_cents(), rows[1].price_cents()};
      if (seen != std::pair(10, 20) && seen != std::pair(11, 19) && seen != std::pair(12, 18)) {
        return true;
      }
    }
    return false;
  }

  bool Pmp(IsolationLevel level) {
    const auto seen = Between(level, InsertOf("three", 30), List(30), Gate(), List(30));
    return RowsAt(seen, 0).size() != RowsAt(seen, 2).size();
  }

  // The caller has seen 10, and 11 is gone.
  bool P4(IsolationLevel level) {
    const auto seen = Between(level, SetPrice(one_, 11), Get(one_), Gate(), Update(one_, 15));
    EXPECT_EQ(Price(one_), 15);
    return PriceAt(seen, 0) == 10;
  }

  bool GSingle(IsolationLevel level) {
    const auto seen =
        Between(level, SetPrice(one_, 12) + ";" + SetPrice(two_, 18), Get(one_), Gate(), Get(two_));
    return PriceAt(seen, 0) == 10 && PriceAt(seen, 2) == 18;
  }

  bool G2Item(IsolationLevel level) {
    const auto [seen, seen_by_other] = Both(level, [&](int me) {
      return Transact(level, List(), Gate(me), Update(me == 0 ? one_ : two_, 99));
    });
    const auto untouched = [](const auto& rows) {
      return rows[0].price_cents() == 10 && rows[1].price_cents() == 20;
    };
    return untouched(RowsAt(seen, 0)) && untouched(RowsAt(seen_by_other, 0));
  }

  bool G2(IsolationLevel level) {
    const auto [seen, seen_by_other] = Both(level, [&](int me) {
      return Transact(level, List(30), Gate(me), Create(absl::StrCat("three-", me), 30));
    });
    return RowsAt(seen, 0).empty() && RowsAt(seen_by_other, 0).empty();
  }

 private:
  std::string InsertOf(const std::string& slug, int price) const {
    return absl::StrCat(
        "INSERT INTO saas.products (tenant_id, id, slug, name, price_cents) VALUES ('", tenant_,
        "', gen_random_uuid(), '", slug, "', 'p', ", price, ")");
  }

  // Runs `steps`, one of which waits at the gate; by then somebody else runs `sql` and commits.
  template <typename... Steps>
  v1::TransactResponse Between(IsolationLevel level, const std::string& sql,
                               const Steps&... steps) {
    Other gate;
    gate.Run(HoldGates());
    v1::TransactResponse response;
    std::thread caller([&] { response = Transact(level, steps...); });
    AwaitBlocked();
    Other other;
    other.Run(sql);
    other.Commit();
    gate.Commit();
    caller.join();
    return response;
  }

  // Two at once, which have both read before either goes on.
  template <typename Run>
  std::pair<v1::TransactResponse, v1::TransactResponse> Both(IsolationLevel, Run run) {
    Other gate;
    gate.Run(HoldGates());
    std::pair<v1::TransactResponse, v1::TransactResponse> responses;
    std::thread first([&] { responses.first = run(0); });
    std::thread second([&] { responses.second = run(1); });
    AwaitBlocked(2);
    gate.Commit();
    first.join();
    second.join();
    return responses;
  }
};

struct Anomaly {
  const char* name;
  bool (AnomaliesTest::*happens)(IsolationLevel);
};
constexpr Anomaly kAnomalies[] = {
    {"G0", &AnomaliesTest::G0},          {"G1a", &AnomaliesTest::G1a},
    {"G1b", &AnomaliesTest::G1b},        {"G1c", &AnomaliesTest::G1c},
    {"OTV", &AnomaliesTest::Otv},        {"PMP", &AnomaliesTest::Pmp},
    {"P4", &AnomaliesTest::P4},          {"G-single", &AnomaliesTest::GSingle},
    {"G2-item", &AnomaliesTest::G2Item}, {"G2", &AnomaliesTest::G2},
};

// The words of an anomaly's row in the page, by level.
std::vector<std::string> WordsOf(const std::string& name) {
  std::ifstream page(test::SourcePath("proto/transactions.md"));
  for (std::string line; std::getline(page, line);) {
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (cells.size() < 6 || absl::StripAsciiWhitespace(cells[1]) != name) continue;
    std::vector<std::string> words;
    for (int i = 3; i < 6; ++i) words.emplace_back(absl::StripAsciiWhitespace(cells[i]));
    return words;
  }
  return {};
}

class AnomalyTest : public AnomaliesTest, public ::testing::WithParamInterface<int> {};

TEST_P(AnomalyTest, HappensWhereThePageSaysSo) {
  const Anomaly& anomaly = kAnomalies[GetParam() / 3];
  const int level = GetParam() % 3;
  const std::vector<std::string> words = WordsOf(anomaly.name);
  ASSERT_EQ(words.size(), 3u) << "proto/transactions.md has no row for " << anomaly.name;
  const bool happens = (this->*anomaly.happens)(kLevels[level]);
  EXPECT_EQ(words[level], happens ? "happens" : "never")
      << anomaly.name << " at " << IsolationLevel_Name(kLevels[level]);
}

std::string NameOf(const ::testing::TestParamInfo<int>& info) {
  constexpr const char* kNames[] = {"committed", "repeatable", "serializable"};
  std::string name = kAnomalies[info.param / 3].name;
  std::erase(name, '-');
  return absl::StrCat(name, "_", kNames[info.param % 3]);
}

INSTANTIATE_TEST_SUITE_P(Levels, AnomalyTest, ::testing::Range(0, 30), NameOf);

// A lost update at the default level is prevented by what the page offers.
TEST_F(AnomaliesTest, AddingAndRequiringLoseNothing) {
  const auto call = [&](const std::string& text) {
    return Saas().client().Call("UpdateProduct", text, As(tenant_));
  };
  Other other;
  other.Run(SetPrice(one_, 11));
  std::thread adding([&] {
    EXPECT_THAT(call(absl::StrCat("product { id: '", one_, "' } increment { price_cents: 5 }")),
                IsOk());
  });
  std::thread requiring([&] {
    EXPECT_THAT(call(absl::StrCat("product { id: '", one_,
                                  "' price_cents: 15 } require { "
                                  "price_cents { eq: 10 } }")),
                FailsBecause(grpc::StatusCode::FAILED_PRECONDITION, "REQUIREMENT_NOT_MET"));
  });
  AwaitBlocked(2);
  other.Commit();
  adding.join();
  requiring.join();
  EXPECT_EQ(Price(one_), 16);
}

}  // namespace
}  // namespace tenantry::e2e
