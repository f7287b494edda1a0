// What one call costs between gRPC and libpq: parse, Prepare (plan cache hit), Bind, EncodeReply,
// with heap allocations counted. Rows are synthetic; no database.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/text_format.h"
#include "server/base/ids.h"
#include "server/codec/codec.h"
#include "server/codec/pg_binary.h"
#include "server/methods/planner.h"
#include "server/schema/schema.h"

namespace {

thread_local std::int64_t allocations = 0;

}  // namespace

// Counting needs the global allocation functions; the sized and array forms end up here.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace tenantry::bench {
namespace {

constexpr char kTenant[] = "01920000-0000-7000-8000-000000000001";
constexpr char kId[] = "01930000-0001-7000-8000-000000000007";

// The same row many times, its values as Postgres sends them.
class RepeatedRow final : public Rows {
 public:
  RepeatedRow(std::vector<std::optional<std::string>> row, int count)
      : row_(std::move(row)), count_(count) {}
  int row_count() const override { return count_; }
  int column_count() const override { return static_cast<int>(row_.size()); }
  Cell at(int, int column) const override {
    const auto& value = row_[column];
    return value ? Cell{value->data(), static_cast<std::int32_t>(value->size())} : Cell{};
  }

 private:
  std::vector<std::optional<std::string>> row_;
  int count_;
};

std::string BigEndian(std::int64_t value) {
  std::string out;
  codec::AppendBigEndian(out, value);
  return out;
}

// A contact: id, name, email, phone, type, is_active, notes, stripe_customer_id, metadata and three
// times.
RepeatedRow Contacts(int count) {
  std::string id;
  for (int i = 0; i < 16; ++i) id.push_back(static_cast<char>(i * 7 + 1));
  return RepeatedRow({id, "Contact 7 of 1", "contact7@tenant1.example", "+49 30 1000007", "company",
                      std::string(1, '\1'), std::nullopt, std::nullopt, std::string("\1{}"),
                      BigEndian(800'000'000'123'456), BigEndian(800'000'000'123'456), std::nullopt},
                     count);
}

// The schema that ships, its planner, and the messages that requests are parsed into.
class Fixture {
 public:
  static Fixture& Get() {
    static Fixture fixture;
    return fixture;
  }

  const schema::Method& method(std::string_view path) const {
    for (const schema::Method& method : schema_->methods()) {
      if (method.path == path) return method;
    }
    std::abort();
  }
  const google::protobuf::Message& prototype(const schema::Method& method) {
    return *messages_.GetPrototype(method.descriptor->input_type());
  }
  const schema::Schema& schema() const { return *schema_; }
  const methods::Planner& planner() const { return *planner_; }

 private:
  Fixture() : messages_(nullptr) {
    const char* root = std::getenv("TENANTRY_SOURCE_DIR");
    auto loaded = schema::Schema::Load({std::string(root ? root : ".") + "/proto"});
    if (!loaded.ok()) {
      std::fprintf(stderr, "%s\n", loaded.status().ToString().c_str());
      std::exit(1);
    }
    schema_ = *std::move(loaded);
    planner_ = std::make_unique<methods::Planner>(*schema_, methods::PlannerOptions{}, metrics_);
  }

  std::unique_ptr<const schema::Schema> schema_;
  MetricRegistry metrics_;
  std::unique_ptr<methods::Planner> planner_;
  google::protobuf::DynamicMessageFactory messages_;
};

// One call as server/call makes it, from the request's bytes to the reply's. What is left out is
// timed by stages below.
enum class Until { kParsed, kPrepared, kBound, kEncoded };

void RunCall(benchmark::State& state, const char* path, const std::string& request, int rows) {
  Fixture& fixture = Fixture::Get();
  const schema::Method& method = fixture.method(path);
  const google::protobuf::Message& prototype = fixture.prototype(method);
  const auto tenant = identity::TenantId::Parse(kTenant);
  const RepeatedRow result = Contacts(rows);
  const auto until = static_cast<Until>(state.range(0));
  IdGenerator ids;
  std::string reply;
  std::vector<codec::LeftOutField> left_out;

  const std::int64_t before = allocations;
  for (auto _ : state) {
    alignas(8) char block[512];
    google::protobuf::Arena arena(block, sizeof block);
    google::protobuf::Message* message = prototype.New(&arena);
    if (!message->ParseFromString(request)) state.SkipWithError("not parsed");
    benchmark::DoNotOptimize(message);
    if (until == Until::kParsed) continue;

    auto call = fixture.planner().Prepare(method, *message);
    if (!call.ok()) {
      state.SkipWithError(call.status().ToString().c_str());
      break;
    }
    if (until == Until::kPrepared) continue;

    SqlParams params;
    codec::BindParameters(*call, *call, *tenant, ids, params);
    benchmark::DoNotOptimize(params.size());
    if (until == Until::kBound) continue;

    reply.clear();
    if (absl::Status status = codec::EncodeReply(*call, {&result}, 4 << 20, reply, left_out);
        !status.ok()) {
      state.SkipWithError(status.ToString().c_str());
      break;
    }
    benchmark::DoNotOptimize(reply.data());
  }
  state.counters["allocations"] = benchmark::Counter(static_cast<double>(allocations - before),
                                                     benchmark::Counter::kAvgIterations);
  state.counters["reply_bytes"] = static_cast<double>(reply.size());
}

void BM_GetContact(benchmark::State& state) {
  RunCall(state, "/saas.v1.ContactService/GetContact", std::string("\x0a\x24") + kId, 1);
}

void BM_ListContacts50(benchmark::State& state) {
  // page_size = 50; one row more than asked for, so that the reply has a next page.
  RunCall(state, "/saas.v1.ContactService/ListContacts", "\x08\x32", 51);
}

void BM_CreateContact(benchmark::State& state) {
  RunCall(state, "/saas.v1.ContactService/CreateContact",
          std::string("\x0a\x18\x12\x16") + "A contact of the bench", 1);
}

// An ordinary list, with a filter, an order and a select; there are two that differ in a column.
std::unique_ptr<google::protobuf::Message> ListOrders(const schema::Method& method, bool status) {
  std::unique_ptr<google::protobuf::Message> request(Fixture::Get().prototype(method).New());
  const std::string text = absl::StrCat(
      "filter { total_cents { gte: 100 } status { in { values: ORDER_STATUS_SHIPPED } }"
      " contact { name { icontains: 'a' } } }"
      " order_by { field: ORDER_FIELD_TOTAL_CENTS direction: DIRECTION_DESC }"
      " select { total_cents: true ",
      status ? "status: true " : "",
      "contact { name: true } items { select { quantity: true product { name: true } } } }");
  if (!google::protobuf::TextFormat::ParseFromString(text, request.get())) std::abort();
  return request;
}

// Prepares the two in turns, in a cache that keeps this many plans.
void PrepareInTurns(benchmark::State& state, int plans_max) {
  Fixture& fixture = Fixture::Get();
  const schema::Method& method = fixture.method("/saas.v1.OrderService/ListOrders");
  MetricRegistry metrics;
  const methods::Planner planner(fixture.schema(), {.limits = {}, .plans_max = plans_max}, metrics);
  const auto with = ListOrders(method, true), without = ListOrders(method, false);
  bool turn = false;
  for (auto _ : state) {
    auto call = planner.Prepare(method, (turn = !turn) ? *with : *without);
    if (!call.ok()) state.SkipWithError(call.status().ToString().c_str());
    benchmark::DoNotOptimize(call);
  }
}

// What a query costs that comes for the first time, and what one costs whose plan is there.
void BM_MakePlan(benchmark::State& state) { PrepareInTurns(state, 1); }
void BM_FindPlan(benchmark::State& state) { PrepareInTurns(state, 4096); }

BENCHMARK(BM_FindPlan);
BENCHMARK(BM_MakePlan);
BENCHMARK(BM_GetContact)->ArgName("until")->DenseRange(0, 3);
BENCHMARK(BM_ListContacts50)->ArgName("until")->DenseRange(0, 3);
BENCHMARK(BM_CreateContact)->ArgName("until")->DenseRange(0, 3);

}  // namespace
}  // namespace tenantry::bench

BENCHMARK_MAIN();
