// Undelete, in the API (AIP-164).
#include "absl/strings/str_cat.h"
#include "server/schema/kinds.h"
#include "server/schema/method_writer.h"

namespace tenantry::schema {
namespace {

std::optional<std::string> WhyUnfit(const Table& table) {
  if (table.delete_time == nullptr) return "no row is kept when it is deleted";
  return WhyRowsStay(table);
}

std::string Comment(const MethodWriter& writer) {
  return absl::StrCat("Takes back that one ", writer.one(),
                      " was deleted. NOT_FOUND when there is none, ALREADY_EXISTS when it is not "
                      "deleted, or when another has a unique key of it by now.");
}

void AddRequest(MethodWriter& writer) {
  writer.AddKeyFields();
  writer.AddWrittenSelect();
  writer.AddRequire();
  writer.AddEtag();
}

std::string AddReply(MethodWriter& writer) { return writer.Row(); }

}  // namespace

constexpr Kind kUndeleteKind = {.number = v1::METHOD_KIND_UNDELETE,
                                .verb = "Undelete",
                                .why_unfit = WhyUnfit,
                                .comment = Comment,
                                .add_request = AddRequest,
                                .add_reply = AddReply};

}  // namespace tenantry::schema
