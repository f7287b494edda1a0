// The baseline: the server a good engineer writes by the book. Synchronous gRPC C++, a blocking
// pool of libpqxx connections, one pqxx::work per call: BEGIN, set_config of the caller's context,
// a prepared query, COMMIT.
//
// It talks to the same tables, under the same login role and the same row-level security as
// tenantryd, and sends the same context values. Queries are prepared on connecting, and text is
// parsed by hand where that is faster. Without flags gRPC chooses its threads, and the context is
// an ordinary statement with parameters. With --prepared-context and the number of pollers that
// measured best (run.sh --rows tune) this design is at its fastest.
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/util/json_util.h"
#include "saas/v1/commerce_service.grpc.pb.h"
#include "saas/v1/crm_service.grpc.pb.h"
#include "tests/bench/serve.h"

namespace tenantry::bench {
namespace {

namespace crm = saas::v1;

constexpr char kContext[] =
    "SELECT set_config('role', $1, true), set_config('app.tenant_id', $2, true),"
    " set_config('app.user_id', $3, true), set_config('app.role', $1, true),"
    " set_config('request.jwt.claims', $4, true), set_config('statement_timeout', $5, true),"
    " set_config('transaction_read_only', $6, true)";

#define CONTACT_COLUMNS                                                                        \
  "id, name, email, phone, type, is_active, notes, stripe_customer_id, metadata, created_at, " \
  "updated_at, deleted_at"

constexpr char kGet[] =
    "SELECT " CONTACT_COLUMNS
    " FROM saas.contacts WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";

constexpr char kList[] =
    "SELECT " CONTACT_COLUMNS
    " FROM saas.contacts WHERE tenant_id = $1 AND id > $2 AND deleted_at IS NULL"
    " ORDER BY id LIMIT $3";

constexpr char kCreate[] =
    "INSERT INTO saas.contacts (tenant_id, id, name, email, phone, type, is_active, notes,"
    " stripe_customer_id, metadata) VALUES ($1, gen_random_uuid(), $2, $3, $4, $5, $6, $7, $8, $9)"
    " RETURNING " CONTACT_COLUMNS;

constexpr char kCount[] =
    "SELECT count(*) FROM saas.contacts WHERE tenant_id = $1 AND deleted_at IS NULL";

// An order with its contact, items and their products: a row for each item.
constexpr char kTree[] =
    "SELECT o.id, o.status, o.total_cents, o.created_at, c.id, c.name, c.email,"
    " i.id, i.quantity, i.price_cents, p.id, p.slug, p.name, p.price_cents"
    " FROM saas.orders o"
    " LEFT JOIN saas.contacts c ON c.tenant_id = o.tenant_id AND c.id = o.contact_id"
    " LEFT JOIN saas.order_items i ON i.tenant_id = o.tenant_id AND i.order_id = o.id"
    " LEFT JOIN saas.products p ON p.tenant_id = i.tenant_id AND p.id = i.product_id"
    " WHERE o.tenant_id = $1 AND o.id = $2 ORDER BY i.id";

constexpr char kOrder[] =
    "INSERT INTO saas.orders (tenant_id, id, contact_id, total_cents)"
    " VALUES ($1, gen_random_uuid(), $2, $3)"
    " RETURNING id, contact_id, status, total_cents, created_at, updated_at";

constexpr char kItem[] =
    "INSERT INTO saas.order_items (tenant_id, id, order_id, product_id, quantity, price_cents)"
    " VALUES ($1, gen_random_uuid(), $2, $3, $4, $5)"
    " RETURNING id, order_id, product_id, quantity, price_cents";

constexpr int kPageSizeDefault = 50;
constexpr int kPageSizeMax = 1000;
constexpr char kFirstId[] = "00000000-0000-0000-0000-000000000000";

// A fixed number of connections; callers wait for a free one, latest used first.
class Pool {
 public:
  class Lease {
   public:
    explicit Lease(Pool& pool) : pool_(pool), connection_(pool.Take()) {}
    ~Lease() { pool_.Return(std::move(connection_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    pqxx::connection& operator*() { return *connection_; }

   private:
    Pool& pool_;
    std::unique_ptr<pqxx::connection> connection_;
  };

  Pool(std::string url, int size, bool prepared_context)
      : url_(std::move(url)), prepared_context_(prepared_context) {
    for (int i = 0; i < size; ++i) idle_.push_back(Connect());
  }

 private:
  std::unique_ptr<pqxx::connection> Connect() const {
    auto connection = std::make_unique<pqxx::connection>(url_);
    if (prepared_context_) connection->prepare("context", kContext);
    // The login role may touch no table itself. Plans under row-level security belong to a role, so
    // this also spares the usual caller a re-planning.
    pqxx::nontransaction tx(*connection);
    tx.exec("SET ROLE authenticated");
    connection->prepare("get", kGet);
    connection->prepare("list", kList);
    connection->prepare("create", kCreate);
    connection->prepare("order", kOrder);
    connection->prepare("item", kItem);
    connection->prepare("count", kCount);
    connection->prepare("tree", kTree);
    tx.exec("RESET ROLE");
    return connection;
  }

  std::unique_ptr<pqxx::connection> Take() {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [this] { return !idle_.empty(); });
    std::unique_ptr<pqxx::connection> connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }

  void Return(std::unique_ptr<pqxx::connection> connection) {
    if (!connection->is_open()) connection = Connect();
    {
      std::lock_guard lock(mutex_);
      idle_.push_back(std::move(connection));
    }
    freed_.notify_one();
  }

  const std::string url_;
  const bool prepared_context_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<pqxx::connection>> idle_;
};

std::string Header(const grpc::ServerContext& context, const char* name) {
  auto found = context.client_metadata().find(name);
  if (found == context.client_metadata().end()) return "";
  return std::string(found->second.data(), found->second.size());
}

std::string TimeoutMs(const grpc::ServerContext& context) {
  auto left = context.deadline() - std::chrono::system_clock::now();
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(left).count();
  return std::to_string(std::clamp<std::int64_t>(ms, 1, 30'000));
}

crm::ContactType TypeOf(std::string_view label) {
  if (label == "individual") return crm::CONTACT_TYPE_INDIVIDUAL;
  if (label == "company") return crm::CONTACT_TYPE_COMPANY;
  if (label == "partner") return crm::CONTACT_TYPE_PARTNER;
  return crm::CONTACT_TYPE_UNSPECIFIED;
}

std::optional<std::string_view> LabelOf(crm::ContactType type) {
  switch (type) {
    case crm::CONTACT_TYPE_COMPANY:
      return "company";
    case crm::CONTACT_TYPE_PARTNER:
      return "partner";
    default:
      return "individual";
  }
}

// The session's time zone is UTC, so the text is "2026-01-31 12:34:56.789012+00".
void ReadTime(std::string_view text, google::protobuf::Timestamp& out) {
  auto digits = [&](std::size_t at, std::size_t n) {
    int value = 0;
    for (std::size_t i = at; i < at + n; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  if (text.size() < 22) return;
  absl::CivilSecond second(digits(0, 4), digits(5, 2), digits(8, 2), digits(11, 2), digits(14, 2),
                           digits(17, 2));
  out.set_seconds(second - absl::CivilSecond(1970, 1, 1));
  if (text[19] != '.') return;
  int nanos = 0;
  int scale = 100'000'000;
  for (std::size_t i = 20; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, scale /= 10) {
    nanos += (text[i] - '0') * scale;
  }
  out.set_nanos(nanos);
}

void ReadContact(const pqxx::row& row, crm::Contact& out) {
  auto text = [&](int column) { return row[column].view(); };
  auto present = [&](int column) { return !row[column].is_null(); };
  out.set_id(std::string(text(0)));
  out.set_name(std::string(text(1)));
  if (present(2)) out.set_email(std::string(text(2)));
  if (present(3)) out.set_phone(std::string(text(3)));
  out.set_type(TypeOf(text(4)));
  out.set_is_active(text(5) == "t");
  if (present(6)) out.set_notes(std::string(text(6)));
  if (present(7)) out.set_stripe_customer_id(std::string(text(7)));
  google::protobuf::Struct* metadata = out.mutable_metadata();
  if (text(8) != "{}") {
    (void)google::protobuf::util::JsonStringToMessage(std::string(text(8)), metadata);
  }
  ReadTime(text(9), *out.mutable_created_at());
  ReadTime(text(10), *out.mutable_updated_at());
  if (present(11)) ReadTime(text(11), *out.mutable_deleted_at());
}

// Transactions of callers.
class Database {
 public:
  Database(std::string url, int connections, bool prepared_context)
      : pool_(std::move(url), connections, prepared_context), prepared_context_(prepared_context) {}

  // BEGIN, the context, `body`, COMMIT. The destructor of the work rolls back what did not commit.
  template <typename Body>
  grpc::Status InTransaction(const grpc::ServerContext& context, bool read_only, Body body) {
    std::string tenant = Header(context, "x-tenant-id");
    if (tenant.empty()) return {grpc::StatusCode::UNAUTHENTICATED, "x-tenant-id is missing"};
    std::string role = Header(context, "x-user-role");
    if (role.empty()) role = "authenticated";
    if (role != "authenticated" && role != "support" && role != "admin") {
      return {grpc::StatusCode::UNAUTHENTICATED, "x-user-role is unknown"};
    }
    try {
      Pool::Lease connection(pool_);
      pqxx::work tx(*connection);
      pqxx::params values{role,
                          tenant,
                          Header(context, "x-user-id"),
                          "",
                          TimeoutMs(context),
                          read_only ? "on" : "off"};
      prepared_context_ ? tx.exec(pqxx::prepped{"context"}, values) : tx.exec(kContext, values);
      grpc::Status status = body(tx, tenant);
      if (status.ok()) tx.commit();
      return status;
    } catch (const pqxx::unique_violation&) {
      return {grpc::StatusCode::ALREADY_EXISTS, "already exists"};
    } catch (const pqxx::data_exception&) {
      return {grpc::StatusCode::INVALID_ARGUMENT, "a value is malformed"};
    } catch (const pqxx::broken_connection&) {
      return {grpc::StatusCode::UNAVAILABLE, "the database is unreachable"};
    } catch (const std::exception& error) {
      std::cerr << error.what() << "\n";
      return {grpc::StatusCode::INTERNAL, "internal error"};
    }
  }

 private:
  Pool pool_;
  const bool prepared_context_;
};

class ContactServer final : public crm::ContactService::Service {
 public:
  explicit ContactServer(Database& database) : database_(database) {}

  grpc::Status GetContact(grpc::ServerContext* context, const crm::GetContactRequest* request,
                          crm::Contact* reply) override {
    return database_.InTransaction(*context, true, [&](pqxx::work& tx, const std::string& tenant) {
      pqxx::result rows = tx.exec(pqxx::prepped{"get"}, pqxx::params{tenant, request->id()});
      if (rows.empty()) return grpc::Status(grpc::StatusCode::NOT_FOUND, "no such contact");
      ReadContact(rows[0], *reply);
      return grpc::Status::OK;
    });
  }

  grpc::Status ListContacts(grpc::ServerContext* context, const crm::ListContactsRequest* request,
                            crm::ListContactsResponse* reply) override {
    int size =
        request->page_size() > 0 ? std::min(request->page_size(), kPageSizeMax) : kPageSizeDefault;
    const std::string& after = request->page_token().empty() ? kFirstId : request->page_token();
    return database_.InTransaction(*context, true, [&](pqxx::work& tx, const std::string& tenant) {
      pqxx::result rows = tx.exec(pqxx::prepped{"list"}, pqxx::params{tenant, after, size + 1});
      int count = std::min(static_cast<int>(rows.size()), size);
      reply->mutable_contacts()->Reserve(count);
      for (int i = 0; i < count; ++i) ReadContact(rows[i], *reply->add_contacts());
      if (rows.size() > size) reply->set_next_page_token(reply->contacts(count - 1).id());
      if (request->total() == tenantry::v1::TOTAL_EXACT) {
        pqxx::result total = tx.exec(pqxx::prepped{"count"}, pqxx::params{tenant});
        reply->set_total_size(total[0][0].as<std::int64_t>());
      }
      return grpc::Status::OK;
    });
  }

  grpc::Status CreateContact(grpc::ServerContext* context, const crm::CreateContactRequest* request,
                             crm::Contact* reply) override {
    const crm::Contact& in = request->contact();
    if (in.name().empty()) return {grpc::StatusCode::INVALID_ARGUMENT, "contact.name is required"};
    auto given = [](bool present, const std::string& value) {
      return present ? std::optional<std::string_view>(value) : std::nullopt;
    };
    std::string metadata = "{}";
    if (in.metadata().fields_size() > 0) {
      metadata.clear();
      (void)google::protobuf::util::MessageToJsonString(in.metadata(), &metadata);
    }
    return database_.InTransaction(*context, false, [&](pqxx::work& tx, const std::string& tenant) {
      pqxx::params values{tenant,
                          in.name(),
                          given(in.has_email(), in.email()),
                          given(in.has_phone(), in.phone()),
                          LabelOf(in.type()),
                          !in.has_is_active() || in.is_active(),
                          given(in.has_notes(), in.notes()),
                          given(in.has_stripe_customer_id(), in.stripe_customer_id()),
                          metadata};
      ReadContact(tx.exec(pqxx::prepped{"create"}, values)[0], *reply);
      return grpc::Status::OK;
    });
  }

 private:
  Database& database_;
};

crm::OrderStatus StatusOf(std::string_view label) {
  if (label == "pending") return crm::ORDER_STATUS_PENDING;
  if (label == "processing") return crm::ORDER_STATUS_PROCESSING;
  if (label == "shipped") return crm::ORDER_STATUS_SHIPPED;
  if (label == "delivered") return crm::ORDER_STATUS_DELIVERED;
  if (label == "cancelled") return crm::ORDER_STATUS_CANCELLED;
  return crm::ORDER_STATUS_UNSPECIFIED;
}

// Answers what the bench's request selects, whatever is selected.
class OrderServer final : public crm::OrderService::Service {
 public:
  explicit OrderServer(Database& database) : database_(database) {}

  grpc::Status GetOrder(grpc::ServerContext* context, const crm::GetOrderRequest* request,
                        crm::Order* reply) override {
    return database_.InTransaction(*context, true, [&](pqxx::work& tx, const std::string& tenant) {
      pqxx::result rows = tx.exec(pqxx::prepped{"tree"}, pqxx::params{tenant, request->id()});
      if (rows.empty()) return grpc::Status(grpc::StatusCode::NOT_FOUND, "no such order");
      ReadOrder(rows[0], *reply);
      for (const auto& row : rows) {
        if (!row[7].is_null()) ReadItem(row, *reply->add_items());
      }
      return grpc::Status::OK;
    });
  }

  // A statement for each row, one after the other.
  grpc::Status CreateOrder(grpc::ServerContext* context, const crm::CreateOrderRequest* request,
                           crm::Order* reply) override {
    const crm::Order& in = request->order();
    if (in.contact_id().empty()) {
      return {grpc::StatusCode::INVALID_ARGUMENT, "order.contact_id is required"};
    }
    return database_.InTransaction(*context, false, [&](pqxx::work& tx, const std::string& tenant) {
      const pqxx::params values{tenant, in.contact_id(), in.total_cents()};
      ReadNewOrder(tx.exec(pqxx::prepped{"order"}, values)[0], *reply);
      for (const crm::OrderItem& item : in.items()) {
        const pqxx::params of_item{tenant, reply->id(), item.product_id(), item.quantity(),
                                   item.price_cents()};
        ReadNewItem(tx.exec(pqxx::prepped{"item"}, of_item)[0], *reply->add_items());
      }
      return grpc::Status::OK;
    });
  }

 private:
  static void ReadNewOrder(const pqxx::row& row, crm::Order& out) {
    out.set_id(std::string(row[0].view()));
    out.set_contact_id(std::string(row[1].view()));
    out.set_status(StatusOf(row[2].view()));
    out.set_total_cents(row[3].as<int>());
    ReadTime(row[4].view(), *out.mutable_created_at());
    ReadTime(row[5].view(), *out.mutable_updated_at());
  }
  static void ReadNewItem(const pqxx::row& row, crm::OrderItem& out) {
    out.set_id(std::string(row[0].view()));
    out.set_order_id(std::string(row[1].view()));
    out.set_product_id(std::string(row[2].view()));
    out.set_quantity(row[3].as<int>());
    out.set_price_cents(row[4].as<int>());
  }

  template <typename Row>
  static void ReadOrder(const Row& row, crm::Order& out) {
    out.set_id(std::string(row[0].view()));
    out.set_status(StatusOf(row[1].view()));
    out.set_total_cents(row[2].template as<int>());
    ReadTime(row[3].view(), *out.mutable_created_at());
    if (row[4].is_null()) return;
    crm::Contact& contact = *out.mutable_contact();
    contact.set_id(std::string(row[4].view()));
    contact.set_name(std::string(row[5].view()));
    if (!row[6].is_null()) contact.set_email(std::string(row[6].view()));
  }

  template <typename Row>
  static void ReadItem(const Row& row, crm::OrderItem& out) {
    out.set_id(std::string(row[7].view()));
    out.set_quantity(row[8].template as<int>());
    out.set_price_cents(row[9].template as<int>());
    if (row[10].is_null()) return;
    crm::Product& product = *out.mutable_product();
    product.set_id(std::string(row[10].view()));
    product.set_slug(std::string(row[11].view()));
    product.set_name(std::string(row[12].view()));
    product.set_price_cents(row[13].template as<int>());
  }

  Database& database_;
};

struct Options {
  std::string database_url;
  int connections = 16;
  int queues = 0;
  int pollers = 0;
  bool prepared_context = false;
};

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("The textbook gRPC + libpqxx server, for comparison.");
  app.add_option("--database-url", options.database_url, "libpq connection string")->required();
  app.add_option("--connections", options.connections, "size of the pool")->capture_default_str();
  app.add_option("--queues", options.queues, "gRPC completion queues; 0: gRPC's default");
  app.add_option("--pollers", options.pollers, "pollers per queue at most; 0: gRPC's default");
  app.add_flag("--prepared-context", options.prepared_context, "prepare the context statement too");
  CLI11_PARSE(app, argc, argv);

  BlockStopSignals();
  Database database(options.database_url, options.connections, options.prepared_context);
  ContactServer contacts(database);
  OrderServer orders(database);
  grpc::ServerBuilder builder;
  using Option = grpc::ServerBuilder::SyncServerOption;
  if (options.queues > 0) builder.SetSyncServerOption(Option::NUM_CQS, options.queues);
  if (options.pollers > 0) builder.SetSyncServerOption(Option::MAX_POLLERS, options.pollers);
  builder.RegisterService(&contacts);
  builder.RegisterService(&orders);
  return ServeUntilStopped(builder);
}

}  // namespace
}  // namespace tenantry::bench

int main(int argc, char** argv) { return tenantry::bench::Main(argc, argv); }
