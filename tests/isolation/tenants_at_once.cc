#include "tests/isolation/tenants_at_once.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/base/ids.h"
#include "server/schema/kinds.h"
#include "tests/support/function_requests.h"

namespace tenantry::isolation {
namespace {

using google::protobuf::Message;
using schema::Method;
using test::CallResult;

bool IsRefusalToExpect(const Method& method, grpc::StatusCode code) {
  // There are few places for streams.
  const bool streams =
      method.descriptor->server_streaming() || method.descriptor->client_streaming();
  if (streams && code == grpc::StatusCode::RESOURCE_EXHAUSTED) return true;
  // Nobody deletes these rows. When one is not found, the read ran as another tenant.
  if (method.kind == v1::METHOD_KIND_GET) return false;
  // Another call of the same tenant may have taken the key, or the row away, or be in the way.
  return code == grpc::StatusCode::ALREADY_EXISTS || code == grpc::StatusCode::NOT_FOUND ||
         code == grpc::StatusCode::FAILED_PRECONDITION || code == grpc::StatusCode::ABORTED;
}

}  // namespace

TenantsAtOnce::TenantsAtOnce(Options options, Findings& findings)
    : options_(options), findings_(findings), random_(options.seed) {
  static IdGenerator ids;
  for (int i = 0; i < options_.tenants; ++i) {
    // Marks of one length, none a part of another.
    tenants_.push_back(std::make_unique<Population>(
        options_.client, options_.superuser_url, FormatUuid(ids.UuidV7()),
        test::RowFactory(absl::StrCat("<of-tenant-", 100 + i, ">")), 3, findings,
        i == 0 ? nullptr : tenants_[0].get()));
  }
}

void TenantsAtOnce::Run() {
  {
    absl::MutexLock lock(&mutex_);
    if (!findings_.empty()) return;  // there are no rows to call for
  }
  const auto has_room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return running_ < options_.in_flight;
  };
  for (int i = 0; i < options_.calls; ++i) {
    auto call = std::make_shared<Planned>(Plan());
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&has_room));
      ++running_;
    }
    options_.client.Start(*call->method, *call->request,
                          {.headers = test::As(tenants_[call->tenant]->tenant())},
                          [this, call](CallResult result) { Check(*call, result); });
  }
  const auto ended = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return running_ == 0; };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&ended));
  if (rows_seen_ < options_.calls / 4) {
    findings_.Add(absl::StrCat("too few rows were seen to tell: ", rows_seen_));
  }
}

TenantsAtOnce::Planned TenantsAtOnce::Plan() {
  const auto& methods = options_.client.schema().methods();
  // Two thirds are Gets of a few callers. Gets of one caller share transactions.
  const bool get = random_() % 3 > 0;
  const Method* chosen = nullptr;
  while (chosen == nullptr || (get && chosen->kind != v1::METHOD_KIND_GET)) {
    chosen = &methods[random_() % methods.size()];
  }
  const Method& method = *chosen;
  const int tenant = static_cast<int>(random_() % tenants_.size());
  return {&method, RequestOf(method, *tenants_[tenant]), tenant};
}

// Of rows that stay; deletes are tried on rows of their own in crossing.cc.
MessagePtr TenantsAtOnce::RequestOf(const Method& method, Population& tenant) {
  if (method.function != nullptr) {
    return test::FunctionRequest(options_.client.schema(), method, tenant.factory(),
                                 [&](const schema::Table& table) { return tenant.first(table); });
  }
  const auto& rows = tenant.rows(*method.table);
  const Message& row = *rows[random_() % rows.size()];
  if (method.kind == v1::METHOD_KIND_LIST) {
    return test::ListRequest(method, {.page_size = static_cast<int>(1 + random_() % 5)});
  }
  if (method.kind == v1::METHOD_KIND_AGGREGATE) {
    const auto columns = method.table->orderable();
    return test::AggregateRequest(method, {.group = columns[random_() % columns.size()]});
  }
  const schema::Kind& kind = *schema::FindKind(method.kind);
  if (kind.deletes || (kind.makes_rows && random_() % 2 == 0)) {
    return test::RequestAbout(method, *tenant.NewRow(*method.table));
  }
  return test::RequestAbout(method, row);
}

void TenantsAtOnce::Check(const Planned& call, const CallResult& result) {
  const std::string answer = absl::StrCat(result.bytes, result.Refusal());
  absl::MutexLock lock(&mutex_);
  if (!result.ok() && !IsRefusalToExpect(*call.method, result.status.error_code())) {
    findings_.Add(absl::StrCat(call.method->path, ": ", result.ToString()));
  }
  rows_seen_ += result.ok() && !result.bytes.empty();
  for (int i = 0; i < static_cast<int>(tenants_.size()); ++i) {
    const std::string mark = absl::StrCat("<of-tenant-", 100 + i, ">");
    const bool told = answer.find(mark) != std::string::npos ||
                      answer.find(tenants_[i]->tenant()) != std::string::npos;
    if (told && i != call.tenant) {
      findings_.Add(absl::StrCat(call.method->path, ": tenant ", call.tenant, " is told of tenant ",
                                 i, ": ", result.ToString()));
    }
  }
  --running_;
}

}  // namespace tenantry::isolation
