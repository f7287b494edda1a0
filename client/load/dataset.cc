#include "client/load/dataset.h"

#include <algorithm>
#include <chrono>
#include <iostream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/cpp/caller.h"
#include "client/cpp/error.h"
#include "client/load/products.h"
#include "saas/v1/crm_service.grpc.pb.h"

namespace tenantry::load {
namespace {

namespace crm = saas::v1;

constexpr int kPageRows = 1'000;
constexpr int kBatchRows = 500;

class Preparer {
 public:
  Preparer(const Options& options, const std::shared_ptr<grpc::Channel>& channel)
      : options_(options), stub_(crm::ContactService::NewStub(channel)) {}

  absl::Status Prepare(TenantRows& tenant) {
    if (auto status = ListAll(tenant); !status.ok()) return status;
    const std::size_t found = tenant.ids.size();
    while (Missing(tenant) > 0) {
      if (auto status = CreateSome(tenant); !status.ok()) return status;
    }
    if (!options_.quiet) {
      std::cerr << "tenant " << tenant.tenant_id << ": " << found << " rows found, "
                << tenant.ids.size() - found << " made\n";
    }
    return absl::OkStatus();
  }

 private:
  int Missing(const TenantRows& tenant) const {
    return options_.rows - static_cast<int>(tenant.ids.size());
  }

  void Ready(const TenantRows& tenant, grpc::ClientContext& context) const {
    client::Stamp({tenant.tenant_id, options_.user, options_.role}, context);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    context.set_wait_for_ready(false);
  }

  static absl::Status Failed(const char* what, const grpc::Status& status) {
    return absl::UnavailableError(
        absl::StrCat(what, ": ", client::ToString(client::DecodeError(status))));
  }

  absl::Status ListAll(TenantRows& tenant) {
    crm::ListContactsRequest request;
    request.set_page_size(std::min(kPageRows, options_.rows));
    do {
      grpc::ClientContext context;
      Ready(tenant, context);
      crm::ListContactsResponse response;
      const grpc::Status status = stub_->ListContacts(&context, request, &response);
      // A server built for one measurement may not have it; then all rows are made.
      if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) return absl::OkStatus();
      if (!status.ok()) return Failed("ListContacts", status);
      for (const auto& contact : response.contacts()) tenant.ids.push_back(contact.id());
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty() && Missing(tenant) > 0);
    if (Missing(tenant) < 0) tenant.ids.resize(options_.rows);
    return absl::OkStatus();
  }

  static void Fill(crm::Contact& contact, std::size_t number) {
    contact.set_name(absl::StrCat("Load ", number));
    contact.set_type(crm::CONTACT_TYPE_COMPANY);
    contact.set_phone("+1 555 0100");
    contact.set_notes("A row that the load tester reads.");
  }

  absl::Status CreateSome(TenantRows& tenant) {
    if (!batches_) return CreateOne(tenant);
    crm::BatchCreateContactsRequest request;
    const int rows = std::min(kBatchRows, Missing(tenant));
    for (int i = 0; i < rows; ++i) {
      Fill(*request.add_requests()->mutable_contact(), tenant.ids.size() + i);
    }
    grpc::ClientContext context;
    Ready(tenant, context);
    crm::BatchCreateContactsResponse response;
    const grpc::Status status = stub_->BatchCreateContacts(&context, request, &response);
    if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
      batches_ = false;
      return absl::OkStatus();
    }
    if (!status.ok()) return Failed("BatchCreateContacts", status);
    if (response.contacts_size() != rows) {
      return absl::InternalError("BatchCreateContacts answered with another number of rows");
    }
    for (const auto& contact : response.contacts()) tenant.ids.push_back(contact.id());
    return absl::OkStatus();
  }

  absl::Status CreateOne(TenantRows& tenant) {
    crm::CreateContactRequest request;
    Fill(*request.mutable_contact(), tenant.ids.size());
    grpc::ClientContext context;
    Ready(tenant, context);
    crm::Contact contact;
    const grpc::Status status = stub_->CreateContact(&context, request, &contact);
    if (!status.ok()) return Failed("CreateContact", status);
    tenant.ids.push_back(contact.id());
    return absl::OkStatus();
  }

  const Options& options_;
  const std::unique_ptr<crm::ContactService::Stub> stub_;
  bool batches_ = true;
};

bool NeedsRows(const Mix& mix) {
  return mix.Has(Method::kGet) || mix.Has(Method::kList) || mix.Has(Method::kUpdate) ||
         mix.Has(Method::kUpsert) || mix.Has(Method::kBatchGet) || mix.Has(Method::kTree) ||
         mix.Has(Method::kOrder) || mix.Has(Method::kPage) || mix.Has(Method::kTransact);
}

}  // namespace

absl::StatusOr<Dataset> PrepareDataset(const Options& options,
                                       const std::shared_ptr<grpc::Channel>& channel) {
  Dataset dataset;
  Preparer preparer(options, channel);
  for (const std::string& tenant_id : options.tenants) {
    TenantRows& tenant = dataset.emplace_back();
    tenant.tenant_id = tenant_id;
    if (options.mix.Has(Method::kSearch)) {
      if (auto status = PrepareProducts(options, tenant_id, channel); !status.ok()) return status;
    }
    if (!NeedsRows(options.mix)) continue;
    if (auto status = preparer.Prepare(tenant); !status.ok()) return status;
  }
  return dataset;
}

}  // namespace tenantry::load
