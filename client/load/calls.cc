#include "client/load/calls.h"

#include <chrono>
#include <map>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cpp/write.h"
#include "client/load/products.h"

namespace tenantry::load {
namespace {

namespace crm = saas::v1;
using Stub = crm::ContactService::Stub;

// --- how each request is filled ------------------------------------------------------------------

void FillContact(Choices& choices, crm::Contact& contact) {
  const std::string name = choices.UniqueName();
  contact.set_name(name);
  contact.set_email(absl::StrCat(name, "@load.example"));
  contact.set_phone("+1 555 0100");
  contact.set_type(crm::CONTACT_TYPE_COMPANY);
}

void FillGet(Choices& choices, crm::GetContactRequest& request) { request.set_id(choices.RowId()); }

void FillList(Choices& choices, crm::ListContactsRequest& request) {
  request.set_page_size(choices.options().page_size);
}

// A contact with its orders, their items, and the product of each.
void FillTree(Choices& choices, crm::GetContactRequest& request) {
  request.set_id(choices.RowId());
  if (request.has_select()) return;
  request.mutable_select()->set_name(true);
  crm::OrderListSelect& orders = *request.mutable_select()->mutable_orders();
  orders.mutable_select()->set_total_cents(true);
  crm::OrderItemSelect& item = *orders.mutable_select()->mutable_items()->mutable_select();
  item.set_quantity(true);
  item.mutable_product()->set_name(true);
}

void FillOrder(Choices& choices, crm::ListContactsRequest& request) {
  request.set_page_size(choices.options().page_size);
  if (request.order_by_size() > 0) return;
  request.set_total(tenantry::v1::TOTAL_EXACT);
  request.add_order_by()->set_field(crm::CONTACT_FIELD_CREATED_AT);
  request.mutable_order_by(0)->set_direction(tenantry::v1::DIRECTION_DESC);
  request.add_order_by()->set_field(crm::CONTACT_FIELD_NAME);
}

void FillCreate(Choices& choices, crm::CreateContactRequest& request) {
  FillContact(choices, *request.mutable_contact());
}

// A contact with two addresses and an order: three tables in one call.
void FillCreateNested(Choices& choices, crm::CreateContactRequest& request) {
  crm::Contact& contact = *request.mutable_contact();
  FillContact(choices, contact);
  if (contact.orders_size() > 0) return;
  contact.add_orders()->set_total_cents(500);
  for (const char* city : {"Delft", "Utrecht"}) {
    crm::Address& address = *contact.add_addresses();
    address.set_line1("Main Street 1");
    address.set_city(city);
    address.set_country("NL");
  }
}

void FillUpdate(Choices& choices, crm::UpdateContactRequest& request) {
  request.mutable_contact()->set_id(choices.RowId());
  request.mutable_contact()->set_notes(choices.UniqueName());
  if (request.update_mask().paths().empty()) request.mutable_update_mask()->add_paths("notes");
}

void FillUpsert(Choices& choices, crm::UpsertContactRequest& request) {
  crm::Contact& contact = *request.mutable_contact();
  contact.set_id(choices.RowId());
  contact.set_name(choices.UniqueName());
  contact.set_type(crm::CONTACT_TYPE_PARTNER);
}

void FillDelete(Choices& choices, crm::DeleteContactRequest& request) {
  request.set_id(choices.TakeCreated());
}

void FillBatchGet(Choices& choices, crm::BatchGetContactsRequest& request) {
  request.clear_ids();
  for (int i = 0; i < choices.options().batch; ++i) request.add_ids(choices.RowId());
}

void FillBatchCreate(Choices& choices, crm::BatchCreateContactsRequest& request) {
  request.clear_requests();
  for (int i = 0; i < choices.options().batch; ++i) {
    FillContact(choices, *request.add_requests()->mutable_contact());
  }
}

// Contacts by type and day of creation, with two measures of which one has a filter.
void FillAggregate(Choices&, crm::AggregateContactsRequest& request) {
  if (!request.group_by().empty()) return;
  request.add_group_by()->set_field(crm::CONTACT_FIELD_TYPE);
  crm::ContactGroupBy& day = *request.add_group_by();
  day.set_field(crm::CONTACT_FIELD_CREATED_AT);
  day.set_unit(tenantry::v1::TIME_UNIT_DAY);
  request.add_measures()->set_function(tenantry::v1::AGGREGATE_FUNCTION_COUNT);
  crm::ContactMeasure& active = *request.add_measures();
  active.set_name("active");
  active.set_function(tenantry::v1::AGGREGATE_FUNCTION_COUNT);
  active.mutable_filter()->mutable_is_active()->set_eq(true);
}

// --- the calls ----------------------------------------------------------------------------------

int RowsOf(const crm::Contact&) { return 1; }
int RowsOf(const crm::AggregateContactsResponse& response) { return response.groups_size(); }
template <typename Response>
int RowsOf(const Response& response) {
  return response.contacts_size();
}

template <typename Request, typename Response>
class TypedCall final : public Call {
 public:
  using Reader = grpc::ClientAsyncResponseReader<Response>;
  using Prepare = std::unique_ptr<Reader> (Stub::*)(grpc::ClientContext*, const Request&,
                                                    grpc::CompletionQueue*);
  using Filler = void (*)(Choices&, Request&);

  TypedCall(Prepare prepare, Filler fill) : prepare_(prepare), fill_(fill) {}

  void Fill(Choices& choices) override {
    fill_(choices, request_);
    if constexpr (requires { request_.request_id(); }) {
      if (!choices.options().request_ids) return;
      request_.clear_request_id();  // of the call before
      client::NameRequest(request_);
    }
  }

  void Start(const Stubs& stubs, grpc::ClientContext& context, grpc::CompletionQueue& queue,
             grpc::Status& status, void* tag) override {
    reader_ = (stubs.contacts.get()->*prepare_)(&context, request_, &queue);
    reader_->StartCall();
    reader_->Finish(&response_, &status, tag);
  }

  int Finish(Choices& choices, const TenantRows& tenant) override {
    if constexpr (std::is_same_v<Request, crm::CreateContactRequest>) {
      choices.LearnCreated(tenant, response_.id());
    }
    return RowsOf(response_);
  }

 private:
  const Prepare prepare_;
  const Filler fill_;
  Request request_;
  Response response_;
  std::unique_ptr<Reader> reader_;
};

// Walks the pages of each tenant, and begins again behind the last.
class PageCall final : public Call {
 public:
  void Fill(Choices& choices) override {
    request_.set_page_size(choices.options().page_size);
    request_.set_page_token(tokens_[&choices.tenant()]);
  }

  void Start(const Stubs& stubs, grpc::ClientContext& context, grpc::CompletionQueue& queue,
             grpc::Status& status, void* tag) override {
    reader_ = stubs.contacts->PrepareAsyncListContacts(&context, request_, &queue);
    reader_->StartCall();
    reader_->Finish(&response_, &status, tag);
  }

  int Finish(Choices&, const TenantRows& tenant) override {
    tokens_[&tenant] = response_.next_page_token();
    return response_.contacts_size();
  }

 private:
  std::map<const TenantRows*, std::string> tokens_;  // of the next page
  crm::ListContactsRequest request_;
  crm::ListContactsResponse response_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<crm::ListContactsResponse>> reader_;
};

// Two words that products are made of: about a tenth of them have both.
class SearchCall final : public Call {
 public:
  void Fill(Choices& choices) override {
    request_.set_page_size(choices.options().page_size);
    request_.set_search(
        absl::StrCat(ProductWord(choices.random()), " ", ProductWord(choices.random())));
  }

  void Start(const Stubs& stubs, grpc::ClientContext& context, grpc::CompletionQueue& queue,
             grpc::Status& status, void* tag) override {
    reader_ = stubs.products->PrepareAsyncListProducts(&context, request_, &queue);
    reader_->StartCall();
    reader_->Finish(&response_, &status, tag);
  }

  int Finish(Choices&, const TenantRows&) override { return response_.products_size(); }

 private:
  crm::ListProductsRequest request_;
  crm::ListProductsResponse response_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<crm::ListProductsResponse>> reader_;
};

// Three writes of two tables in one transaction. The second refers to the first by its key, which
// the server makes.
class TransactCall final : public Call {
 public:
  void Fill(Choices& choices) override {
    FillContact(choices, *create_.mutable_contact());
    order_.mutable_order()->set_total_cents(500);
    FillUpdate(choices, update_);
    request_.Clear();
    request_.add_steps()->mutable_request()->PackFrom(create_);
    v1::Step& order = *request_.add_steps();
    order.mutable_request()->PackFrom(order_);
    v1::Reference& contact = *order.add_references();
    contact.set_field("order.contact_id");
    contact.set_step(0);
    contact.set_from("contact.id");
    request_.add_steps()->mutable_request()->PackFrom(update_);
    if (choices.options().request_ids) client::NameRequest(request_);
  }

  void Start(const Stubs& stubs, grpc::ClientContext& context, grpc::CompletionQueue& queue,
             grpc::Status& status, void* tag) override {
    reader_ = stubs.transactions->PrepareAsyncTransact(&context, request_, &queue);
    reader_->StartCall();
    reader_->Finish(&response_, &status, tag);
  }

  int Finish(Choices&, const TenantRows&) override { return response_.results_size(); }

 private:
  crm::CreateContactRequest create_;
  crm::CreateOrderRequest order_;
  crm::UpdateContactRequest update_;
  v1::TransactRequest request_;
  v1::TransactResponse response_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<v1::TransactResponse>> reader_;
};

template <typename Request, typename Response>
std::unique_ptr<Call> Make(std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (
                               Stub::*prepare)(grpc::ClientContext*, const Request&,
                                               grpc::CompletionQueue*),
                           void (*fill)(Choices&, Request&)) {
  return std::make_unique<TypedCall<Request, Response>>(prepare, fill);
}

}  // namespace

std::unique_ptr<Call> MakeCall(Method method) {
  switch (method) {
    case Method::kGet:
      return Make(&Stub::PrepareAsyncGetContact, &FillGet);
    case Method::kList:
      return Make(&Stub::PrepareAsyncListContacts, &FillList);
    case Method::kCreate:
      return Make(&Stub::PrepareAsyncCreateContact, &FillCreate);
    case Method::kUpdate:
      return Make(&Stub::PrepareAsyncUpdateContact, &FillUpdate);
    case Method::kUpsert:
      return Make(&Stub::PrepareAsyncUpsertContact, &FillUpsert);
    case Method::kDelete:
      return Make(&Stub::PrepareAsyncDeleteContact, &FillDelete);
    case Method::kBatchGet:
      return Make(&Stub::PrepareAsyncBatchGetContacts, &FillBatchGet);
    case Method::kBatchCreate:
      return Make(&Stub::PrepareAsyncBatchCreateContacts, &FillBatchCreate);
    case Method::kAggregate:
      return Make(&Stub::PrepareAsyncAggregateContacts, &FillAggregate);
    case Method::kTree:
      return Make(&Stub::PrepareAsyncGetContact, &FillTree);
    case Method::kOrder:
      return Make(&Stub::PrepareAsyncListContacts, &FillOrder);
    case Method::kPage:
      return std::make_unique<PageCall>();
    case Method::kCreateNested:
      return Make(&Stub::PrepareAsyncCreateContact, &FillCreateNested);
    case Method::kSearch:
      return std::make_unique<SearchCall>();
    case Method::kTransact:
      return std::make_unique<TransactCall>();
  }
  return nullptr;
}

Choices::Choices(const Options& options, const Dataset& dataset, int worker)
    : options_(options), dataset_(dataset), random_(options.seed * 1'000'003 + worker) {
  // Not from the seed: emails are unique in the database, and a second run must not repeat the
  // first's.
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  prefix_ = absl::StrCat("load-", absl::Hex(now.count()), "-", worker, "-");
}

Method Choices::NextMethod() {
  const Method method = options_.mix.Pick(random_.Below(options_.mix.total()));
  return method == Method::kDelete && created_.empty() ? Method::kCreate : method;
}

const TenantRows& Choices::NextTenant(Method method) {
  tenant_ = method == Method::kDelete
                ? created_.front().tenant
                : &dataset_[random_.Below(static_cast<std::uint32_t>(dataset_.size()))];
  return *tenant_;
}

const std::string& Choices::RowId() {
  return tenant_->ids[random_.Below(static_cast<std::uint32_t>(tenant_->ids.size()))];
}

std::string Choices::UniqueName() { return absl::StrCat(prefix_, names_++); }

std::string Choices::TakeCreated() {
  std::string id = std::move(created_.front().id);
  created_.pop_front();
  return id;
}

void Choices::LearnCreated(const TenantRows& tenant, const std::string& id) {
  if (!options_.mix.Has(Method::kDelete)) return;
  if (created_.size() == kCreatedMax) created_.pop_front();
  created_.push_back({&tenant, id});
}

}  // namespace tenantry::load
