// A first client: makes a contact, reads it, lists and deletes it, and shows what a refusal looks
// like.
//
//   tenantry-example 127.0.0.1:7070
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

#include "client/cpp/caller.h"
#include "client/cpp/channel.h"
#include "client/cpp/error.h"
#include "client/cpp/write.h"
#include "saas/v1/crm_service.grpc.pb.h"

namespace crm = saas::v1;
using tenantry::client::Caller;
using tenantry::client::NewContext;

namespace {

constexpr std::chrono::milliseconds kTimeout = std::chrono::seconds(5);

void Require(const grpc::Status& status) {
  if (status.ok()) return;
  std::cerr << tenantry::client::ToString(tenantry::client::DecodeError(status)) << '\n';
  std::exit(1);
}

crm::Contact Create(crm::ContactService::Stub& contacts, const Caller& caller) {
  crm::CreateContactRequest request;
  request.mutable_contact()->set_name("Ada Lovelace");
  request.mutable_contact()->set_type(crm::CONTACT_TYPE_INDIVIDUAL);
  crm::Contact made;
  // It is given a request_id, so it may be sent again, and the contact is made once.
  Require(tenantry::client::WriteOnce({.caller = caller, .deadline = kTimeout}, request,
                                      [&](grpc::ClientContext& context) {
                                        return contacts.CreateContact(&context, request, &made);
                                      }));
  return made;
}

grpc::Status Get(crm::ContactService::Stub& contacts, const Caller& caller, const std::string& id,
                 crm::Contact& contact) {
  crm::GetContactRequest request;
  request.set_id(id);
  return contacts.GetContact(NewContext(caller, kTimeout).get(), request, &contact);
}

// Only what the mask names is changed.
void SetPhone(crm::ContactService::Stub& contacts, const Caller& caller, const std::string& id) {
  crm::UpdateContactRequest request;
  request.mutable_contact()->set_id(id);
  request.mutable_contact()->set_phone("+44 20");
  request.mutable_update_mask()->add_paths("phone");
  crm::Contact changed;
  Require(contacts.UpdateContact(NewContext(caller, kTimeout).get(), request, &changed));
}

// All pages of a list, the newest first.
int Count(crm::ContactService::Stub& contacts, const Caller& caller) {
  crm::ListContactsRequest request;
  request.set_page_size(20);
  request.mutable_filter()->mutable_type()->set_eq(crm::CONTACT_TYPE_INDIVIDUAL);
  crm::ContactOrder* order = request.add_order_by();
  order->set_field(crm::CONTACT_FIELD_CREATED_AT);
  order->set_direction(tenantry::v1::DIRECTION_DESC);
  crm::ListContactsResponse page;
  int count = 0;
  do {
    request.set_page_token(page.next_page_token());
    Require(contacts.ListContacts(NewContext(caller, kTimeout).get(), request, &page));
    count += page.contacts_size();
  } while (!page.next_page_token().empty());
  return count;
}

// All that is wrong with a request is told at once, field by field.
void ShowViolations(crm::ContactService::Stub& contacts, const Caller& caller) {
  crm::CreateContactRequest request;
  request.mutable_contact()->set_id("7");
  request.mutable_contact()->set_email(std::string(300, 'x'));
  crm::Contact contact;
  const grpc::Status status =
      contacts.CreateContact(NewContext(caller, kTimeout).get(), request, &contact);
  const tenantry::client::Error error = tenantry::client::DecodeError(status);
  std::cout << "refused: " << error.reason << '\n';
  for (const tenantry::client::Violation& violation : error.violations) {
    std::cout << "  " << violation.field << ' ' << violation.description << '\n';
  }
}

void Delete(crm::ContactService::Stub& contacts, const Caller& caller, const std::string& id) {
  crm::DeleteContactRequest request;
  request.set_id(id);
  crm::Contact deleted;
  Require(contacts.DeleteContact(NewContext(caller, kTimeout).get(), request, &deleted));
}

}  // namespace

int main(int argc, char** argv) {
  tenantry::client::ChannelOptions options;
  options.addresses = {argc > 1 ? argv[1] : "127.0.0.1:7070"};
  options.services = {"saas.v1.ContactService"};  // whose reads are retried
  const auto channel = tenantry::client::MakeChannel(options);
  if (!channel.ok()) {
    std::cerr << channel.status() << '\n';
    return 1;
  }
  // One channel serves all tenants: every call says for whom it is made.
  const auto contacts = crm::ContactService::NewStub(*channel);
  const Caller acme{.tenant_id = "01920000-0000-7000-8000-00000000ac3e", .user_id = "ada"};
  const Caller globex{.tenant_id = "01920000-0000-7000-8000-0000000061b0", .user_id = "ben"};

  const crm::Contact made = Create(*contacts, acme);
  std::cout << "made " << made.id() << '\n';
  crm::Contact read;
  Require(Get(*contacts, acme, made.id(), read));
  std::cout << "read " << read.name() << '\n';
  SetPhone(*contacts, acme, made.id());
  std::cout << "listed " << Count(*contacts, acme) << '\n';
  // For another tenant the row does not exist.
  const grpc::Status absent = Get(*contacts, globex, made.id(), read);
  if (absent.error_code() != grpc::StatusCode::NOT_FOUND) return 1;
  std::cout << "as globex: " << absent.error_message() << '\n';
  ShowViolations(*contacts, acme);
  Delete(*contacts, acme, made.id());
  std::cout << "deleted\n";
  return 0;
}
