#include "tests/support/notebook.h"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "server/base/status.h"
#include "written/v1/notebook.pb.h"

namespace tenantry::test {
namespace {

using namespace written::v1;
using call::ReadStatements;
using call::ReplyLater;
using call::Results;
using call::WriteStatements;
using pg::ReadTransaction;
using pg::WriteTransaction;

absl::Status NoSuchContact() {
  return MakeError(absl::StatusCode::kNotFound, "no such contact",
                   {.reason = "NO_CONTACT", .metadata = {}, .violations = {}});
}

absl::StatusOr<ReadNameResponse> ReadName(const ReadNameRequest& request,
                                          ReadTransaction& transaction) {
  auto row = transaction.QueryRow<std::string>("SELECT name FROM saas.contacts WHERE id = $1",
                                               request.contact_id());
  if (!row.ok()) return row.status();
  if (!*row) return NoSuchContact();
  ReadNameResponse reply;
  reply.set_name(std::get<0>(**row));
  return reply;
}

absl::StatusOr<RenameContactResponse> RenameContact(const RenameContactRequest& request,
                                                    WriteTransaction& transaction) {
  if (request.name().empty()) return InvalidArgument({{"name", "is required"}});
  auto row = transaction.QueryRow<std::string>(
      "SELECT name FROM saas.contacts WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
      transaction.identity().tenant(), request.contact_id());
  if (!row.ok()) return row.status();
  if (!*row) return NoSuchContact();
  auto& [before] = **row;
  if (before != request.expected()) return absl::AbortedError("the name is another by now");
  auto changed = transaction.Execute(
      "UPDATE saas.contacts SET name = $3, email = nullif($4, '')"
      " WHERE tenant_id = $1 AND id = $2",
      transaction.identity().tenant(), request.contact_id(), request.name(), request.email());
  if (!changed.ok()) return changed.status();
  RenameContactResponse reply;
  reply.set_before(before);
  reply.set_name(request.name());
  return reply;
}

absl::StatusOr<WriteAndSleepResponse> WriteAndSleep(const WriteAndSleepRequest& request,
                                                    WriteTransaction& transaction) {
  auto written = transaction.Execute("INSERT INTO saas.contacts (tenant_id, name) VALUES ($1, $2)",
                                     transaction.identity().tenant(), request.name());
  if (!written.ok()) return written.status();
  auto slept = transaction.Query<std::string>("SELECT pg_sleep($1)::text", request.seconds());
  if (!slept.ok()) return slept.status();
  return WriteAndSleepResponse();
}

ReplyLater<LookUpResponse> LookUp(const LookUpRequest& request, ReadStatements& statements) {
  auto name = statements.Query<std::string>("SELECT name FROM saas.contacts WHERE id = $1",
                                            request.contact_id());
  auto count = statements.Query<std::int64_t>("SELECT count(*) FROM saas.contacts");
  return [name, count](const Results& results) -> absl::StatusOr<LookUpResponse> {
    auto row = results.Row(name);
    if (!row.ok()) return row.status();
    if (!*row) return NoSuchContact();
    auto contacts = results.Row(count);
    if (!contacts.ok()) return contacts.status();
    LookUpResponse reply;
    reply.set_name(std::get<0>(**row));
    reply.set_contacts(std::get<0>(**contacts));
    return reply;
  };
}

ReplyLater<AddContactsResponse> AddContacts(const AddContactsRequest& request,
                                            WriteStatements& statements) {
  std::vector<call::Change> changes;
  for (const std::string& name : request.names()) {
    changes.push_back(statements.Execute(
        "INSERT INTO saas.contacts (tenant_id, name, email) VALUES ($1, $2, nullif($3, ''))",
        statements.identity().tenant(), name, request.email()));
  }
  auto count = statements.Query<std::int64_t>(
      "SELECT count(*) FROM saas.contacts WHERE tenant_id = $1", statements.identity().tenant());
  return [changes = std::move(changes),
          count](const Results& results) -> absl::StatusOr<AddContactsResponse> {
    AddContactsResponse reply;
    for (call::Change change : changes) reply.set_added(reply.added() + results.Changed(change));
    auto row = results.Row(count);
    if (!row.ok()) return row.status();
    reply.set_contacts(std::get<0>(**row));
    return reply;
  };
}

absl::StatusOr<MisbehaveInteractivelyResponse> MisbehaveInteractively(
    const MisbehaveInteractivelyRequest& request, ReadTransaction& transaction) {
  MisbehaveInteractivelyResponse reply;
  switch (request.misdeed()) {
    case MISDEED_THROW:
      throw std::runtime_error("SECRET");
    case MISDEED_LARGE_REPLY:
      reply.set_text(std::string(8 << 20, 'x'));
      return reply;
    case MISDEED_WRONG_COLUMN:
      return transaction.Query<std::string>("SELECT 1").status();
    case MISDEED_OWN_ERROR:
      return absl::InternalError("SECRET");
    default:
      return reply;
  }
}

ReplyLater<MisbehaveAtOnceResponse> MisbehaveAtOnce(const MisbehaveAtOnceRequest& request,
                                                    ReadStatements& statements) {
  const Misdeed misdeed = request.misdeed();
  if (misdeed == MISDEED_OWN_ERROR) return absl::InternalError("SECRET");
  const call::Query<std::string> one = misdeed == MISDEED_NO_STATEMENT
                                           ? call::Query<std::string>{}
                                           : statements.Query<std::string>("SELECT 1");
  return [misdeed, one](const Results& results) -> absl::StatusOr<MisbehaveAtOnceResponse> {
    MisbehaveAtOnceResponse reply;
    if (misdeed == MISDEED_THROW) throw std::runtime_error("SECRET");
    if (misdeed == MISDEED_LARGE_REPLY) reply.set_text(std::string(8 << 20, 'x'));
    if (misdeed == MISDEED_WRONG_COLUMN) return results.Row(one).status();
    return reply;
  };
}

}  // namespace

void AddNotebook(call::Handlers& handlers) {
  handlers.Add("written.v1.NotebookService/ReadName", ReadName);
  handlers.Add("written.v1.NotebookService/RenameContact", RenameContact);
  handlers.Add("written.v1.NotebookService/WriteAndSleep", WriteAndSleep);
  handlers.Add("written.v1.NotebookService/LookUp", LookUp);
  handlers.Add("written.v1.NotebookService/AddContacts", AddContacts);
  handlers.Add("written.v1.NotebookService/MisbehaveInteractively", MisbehaveInteractively);
  handlers.Add("written.v1.NotebookService/MisbehaveAtOnce", MisbehaveAtOnce);
}

}  // namespace tenantry::test
